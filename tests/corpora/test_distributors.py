"""What distributors of e-books say of their files goes, and what a book says of them stays."""

from pathlib import Path

import pytest
from document_lists import bare

from xlnet_data.corpora.books import BooksSettings, read_books
from xlnet_data.files.ranges import FileRange

BOOK = "Snow lay on the pass when Ida Moor came down.\n\nShe carried the post for nine farms."


def read(path: Path, text: str, layout: str = "auto") -> str:
    path.write_text(text)
    [document] = bare(read_books(FileRange("c", str(path), path.name, 0, -1), BooksSettings(layout=layout)))
    return document.text


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        (
            "Published by Ida Moor at Smashwords\n\nSmashwords Edition, License Notes\n\n"
            "This ebook is licensed for your personal enjoyment only. It may not be re-sold\nor given away.\n\n"
            "If you’re reading this book and did not purchase it, please return to Smashwords.com.\n\n",
            "\n\nDiscover other titles by Ida Moor at Smashwords.com",
        ),
        ("Thank you for downloading this free ebook. Ask your friends to get theirs at Smashwords.com.\n\n", ""),
        (
            "Note: This book is brought to you by Feedbooks\nhttp://www.feedbooks.com\n\n",
            "\n\nLoved this book?\nOthers read\n\nAl Dee\nDust\n\nwww.feedbooks.com\nFood for the mind",
        ),
        (
            "The Standard Ebooks logo.\n\nThis ebook is the product of many hours of work for Standard Ebooks.\n\n",
            "\n\nColophon\n\nIt was made in 2020 by Al Dee for\nStandard Ebooks.\n\nUncopyright\n\nAll is free.",
        ),
        (
            "Exported from Wikisource on May 4, 2020\n\n",
            "\n\nAbout this digital edition\n\nThis e-book comes from the online library Wikisource.\n\nEnjoy it.",
        ),
    ],
)
def test_the_notices_of_a_distributor_go(tmp_path: Path, head: str, foot: str) -> None:
    assert read(tmp_path / "a.txt", head + BOOK + foot) == BOOK


def test_a_book_that_speaks_of_a_distributor_keeps_its_words(tmp_path: Path) -> None:
    text = BOOK + "\n\nIda had put her poems on Smashwords.\n\nThe colophon was red.\n\nNo one read the license notes."
    assert read(tmp_path / "a.txt", text) == text


def test_far_from_the_ends_of_a_book_all_stays(tmp_path: Path) -> None:
    text = "\n\n".join([BOOK] * 200 + ["Smashwords Edition"] + [BOOK] * 200)
    assert read(tmp_path / "a.txt", text) == text


def test_lines_of_bookcorpus_that_are_notices_go(tmp_path: Path) -> None:
    lines = [
        "smashwords edition , license notes",
        "this ebook is licensed for your personal enjoyment only .",
        "snow lay .",
    ]
    assert read(tmp_path / "a.txt", "\n".join([*lines, "ida came ."]), "bookcorpus") == "snow lay .\nida came ."


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("", "**This is a COPYRIGHTED Project Gutenberg Etext, Details Above**"),
        ("", "This etext was prepared by Al Dee, Bern."),
        ("This Etext is in German.\n\nWe are releasing two versions of this Etext, one in\n7-bit format.\n\n", ""),
    ],
)
def test_more_credits_of_gutenberg_go(tmp_path: Path, head: str, foot: str) -> None:
    start, end = (f"*** {word} OF THE PROJECT GUTENBERG EBOOK SNOW ***" for word in ("START", "END"))
    assert read(tmp_path / "a.txt", f"{start}\n\n{head}{BOOK}\n\n{foot}\n\n{end}\n") == BOOK


def test_the_header_of_faded_page_goes(tmp_path: Path) -> None:
    head = "* A Distributed Proofreaders Canada eBook *\n\nThis eBook is made available at no cost.\n\nTitle: Snow\n\n"
    head += "Date of first publication: 1930\n\nFaded Page eBook #20100101\n\nThis ebook was produced by Al Dee.\n\n"
    assert read(tmp_path / "a.txt", head + BOOK) == BOOK
