"""Books: Project Gutenberg's text without its licence, BookCorpus cut at set numbers of sentences."""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from document_lists import bare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data.corpora import books
from xlnet_data.corpora.books import BooksSettings, is_books_cuttable, read_books
from xlnet_data.corpora.pieces import gutenberg, lines
from xlnet_data.corpora.pieces.book_notes import drop_note_marks
from xlnet_data.corpora.pieces.gutenberg import decode_book, strip_licence
from xlnet_data.errors import ConfigError, CorpusError, TruncatedError
from xlnet_data.files import ranges
from xlnet_data.files.ranges import FileRange, InputFile, cut_file
from xlnet_data.schemas.document import Document, Reason

Write = Callable[[bytes], Path]


def read(path: Path, start: int = 0, end: int = -1, **keys: object) -> list[Document]:
    return bare(read_books(FileRange("c", str(path), path.name, start, end), BooksSettings(**keys)))


def read_book(path: Path) -> str:
    [document] = read(path)
    assert document.doc_id == path.name
    assert document.reason is None
    assert not document.is_sentence_per_line
    return document.text


MODERN = """\
The Project Gutenberg EBook of A Title

This eBook is for the use of anyone.

{start}



Produced by A. Person and the Online Distributed
Proofreading Team

E-text prepared by B. Person

A TITLE

Body _one_
goes on.

 \t
Body two.



{credit}

{end}

Updated editions will replace the previous one.

*** START: FULL LICENSE ***
"""


@pytest.mark.parametrize(
    ("start", "credit", "end"),
    [
        (
            "*** START OF THIS PROJECT GUTENBERG EBOOK A TITLE ***",
            "End of Project Gutenberg's A Title, by C. Person",
            "*** END OF THIS PROJECT GUTENBERG EBOOK A TITLE ***",
        ),
        ("***START OF THE PROJECT GUTENBERG EBOOK A TITLE***", "", "***END OF THE PROJECT GUTENBERG EBOOK A TITLE***"),
        (
            "*** START OF THE PROJECT GUTENBERG EBOOK A VERY LONG\nTITLE; OR, ANOTHER ***",
            "End of the Project Gutenberg EBook of A Title",
            "*** END OF THE PROJECT GUTENBERG EBOOK A VERY LONG\nTITLE; OR, ANOTHER ***",
        ),
        (
            "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\nYou may\n\n"
            "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
            "",
            "End of The Project Gutenberg Etext of A Title",
        ),
        (
            "*** START OF THE PROJECT GUTENBERG EBOOK A TITLE ***\n\n"
            "*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*",
            "Ende dieses Projekt Gutenberg Etextes",
            "This is the end of Project Gutenberg",
        ),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_header_credits_and_footer_go_and_wrapped_lines_are_joined(
    write: Write, start: str, credit: str, end: str, line_end: str
) -> None:
    text = MODERN.format(start=start, credit=credit, end=end)
    path = write(text.replace("\n", line_end).encode() + b"\x1a")
    assert read_book(path) == "A TITLE\n\nBody _one_ goes on.\n\nBody two."


@pytest.mark.parametrize(
    "end",
    [
        "Einde van het Project Gutenberg EBook",
        "Fin del Proyecto Gutenberg",
        "Fim do Projeto Gutenberg",
        "Fin de Project Gutenberg's",
        "Fin de cet ebook du Projet Gutenberg",
        "Fine dell'Etext Progetto Gutenberg",
        "Fine del Progetto Gutenberg",
        "Fi del Projecte Gutenberg",
        "Slut på Project Gutenbergs",
        "Slutten av Project Gutenbergs",
        "Ende von Projekt Gutenbergs",
        "Loppu Project Gutenbergin e-kirjasta",
        "Koniec Projektu Gutenberg",
        "Fino de Projekto Gutenberg",
        "Τέλος του Project Gutenberg",
        "Конец проекта Гутенберг",
        "*** END OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK",
        "****END OF PROJECT GUTENBERG EBOOK",
        "End Project Gutenberg Etext of",
        "**End of The Project Gutenberg Etext of",
        "[End of Project Gutenberg Etext of",
        "_End of Project Gutenberg's",
    ],
)
def test_a_footer_in_another_language_goes(end: str) -> None:
    assert (
        strip_licence(f"*** START OF THE PROJECT GUTENBERG EBOOK A ***\n\nBody.\n\n{end} A\n\nMore.").strip() == "Body."
    )


@pytest.mark.parametrize(
    "end",
    [
        "Project Gutenbergin e-kirjan Talvi loppu.",
        "Project Gutenbergin Talvi päättyy",
        "A Projekt Gutenberg e-könyv vége",
    ],
)
def test_a_footer_that_says_so_at_its_end_goes(end: str) -> None:
    assert strip_licence(f"Body.\n\n{end}\n\nMore.").strip() == "Body."


@pytest.mark.parametrize(
    "unit",
    [
        "end of ",
        "project gutenberg x\n",
        "fin de l'",
        " \n",
        "[end of x]\n\n",
        "[illustration]\n\n",
        "[image ",
        "[image]\n",
        " . ...",
        "a   1",
        "\n\nB FLAT a",
        "." * 290 + "1x\n",
    ],
)
def test_time_grows_no_faster_than_a_book_made_to_be_slow(unit: str) -> None:
    def measure(chars: int) -> float:
        text = "* A Project Gutenberg Canada Ebook *\n\n" + unit * (chars // len(unit))
        started = time.process_time()
        books._parse_book(Document("c", "a", ""), text.encode(), "a.txt", "")
        return time.process_time() - started

    measure(1000)
    assert measure(800_000) < 32 * max(measure(100_000), 0.005)  # 8 times if linear, 64 times if quadratic


def test_time_grows_no_faster_than_the_lines_that_may_be_numbers_of_pages() -> None:
    def measure(num_lines: int) -> float:
        started = time.process_time()
        books._parse_book(Document("c", "a", ""), b"-\n\n" * num_lines, "a.txt", "")
        return time.process_time() - started

    measure(1000)
    assert measure(6000) < 40 * max(measure(600), 0.005)  # 10 times if linear, 100 times if quadratic


@pytest.mark.parametrize(
    "line",
    [
        "The fine work of Project Gutenberg went on.",
        "Fine old Project Gutenberg texts were read aloud.",
        "In the end of it all Project Gutenberg was loved.",
        "Project Gutenberg was at an end.",
        "The End of the Project Gutenberg was often foretold.",
    ],
)
def test_a_line_that_speaks_of_the_project_ends_no_book(line: str) -> None:
    assert strip_licence(f"One.\n\n{line}\n\nTwo.") == f"One.\n\n{line}\n\nTwo."


@pytest.mark.parametrize(
    "start",
    [
        "****START OF THE PROJECT GUTENBERG EBOOK A TALE****",
        "*** START OF PROJECT GUTENBERG EBOOK A TALE ***",
        "*** START OF THE PROJECT GUTENBERG EBOOK A *STARRED* TALE ***",
        "***START**SMALL PRINT! for COPYRIGHT PROTECTED ETEXTS**START***\n\n*END*SMALL PRINT! for COPYRIGHT*Ver.1*END*",
    ],
)
@pytest.mark.parametrize(
    "credit",
    [
        "Etext by A. Person",
        "HTML version by A. Person.",
        "Text file produced by A. Person",
        "Text and HTML produced by A. Person",
        "This Etext prepared by A. Person",
        "Originally scanned by A. Person",
        "Digitized by the Archive",
        "[Transcribed by A. Person]",
        "Credits: A. Person",
        "A. Person, B. Person,\nand the Online Distributed\nProofreading Team",
    ],
)
def test_headers_and_credits_in_further_words_go(start: str, credit: str) -> None:
    assert strip_licence(f"Head.\n\n{start}\n\n{credit}\n\nText by A. Person is good.").strip() == (
        "Text by A. Person is good."
    )


CANADA = """\
* A {site} *

This ebook is made available at no cost and with very few
restrictions. Please check the licence before proceeding.

This work is in the Canadian public domain, but may be under
copyright in some countries.

Title: The Mill
Date of first publication: 1931
Author: A. Person (1870-1940)
Edition used as base for this ebook:
   Toronto: A House, 1931
Date first posted: 1 May 2010
{number}

This ebook was produced by:
B. Person, C. Person


THE MILL

It stood by the river. Title: none.

THE END

[{end} The Mill, by A. Person]
"""


@pytest.mark.parametrize(
    ("site", "number", "end"),
    [
        ("Project Gutenberg Canada Ebook", "Project Gutenberg Canada ebook #53", "End of"),
        ("Distributed Proofreaders Canada eBook", "Faded Page eBook #20100501", "The end of"),
    ],
)
def test_headers_and_footers_of_canadian_sites_go(write: Write, site: str, number: str, end: str) -> None:
    text = read_book(write(CANADA.format(site=site, number=number, end=end).encode()))
    assert text == "THE MILL\n\nIt stood by the river. Title: none.\n\nTHE END"


@pytest.mark.parametrize(
    "head",
    [
        "Project Gutenberg Australia\na treasure-trove of literature\ntreasure found hidden\n\n\nTitle: The Mill\n"
        "Author: A. Person\n* A Project Gutenberg of Australia eBook *\neBook No.:  0100000.txt\nLanguage:   English\n",
        "A Project Gutenberg of Australia eBook\n\nTitle:      The Mill\nAuthor:     A. Person\n"
        "eBook No.:  0100000.txt\nEdition:    1\n",
    ],
)
@pytest.mark.parametrize(
    "foot", ["", "Project Gutenberg Australia\n", "This site is full of FREE ebooks - Project Gutenberg Australia"]
)
def test_headers_and_footers_of_the_australian_site_go(write: Write, head: str, foot: str) -> None:
    licence = (
        "\nThis eBook was produced by: B. Person\n\nProject Gutenberg of Australia eBooks are created from printed\n"
        "editions.\n\nCopyright laws are changing all over the world.\n\nThis eBook is made available at no cost.\n\n"
        "To contact Project Gutenberg of Australia go to its page.\n\n\nTitle:      The Mill\n"
        "Author:     A. Person\n\n\n"
    )
    body = "PART ONE\n\nIt stood by the river.\n\nTHE END\n\n"
    assert read_book(write((head + licence + body + foot).encode())) == body.strip()


def test_a_book_that_names_such_a_site_keeps_its_first_and_last_paragraphs(write: Write) -> None:
    text = "Title: None\n\nHe wrote for Project Gutenberg Australia.\n\n[The end of the story]"
    assert read_book(write(text.encode())) == text


def test_a_paragraph_that_stands_for_a_picture_goes_and_one_that_speaks_of_it_stays(write: Write) -> None:
    text = (
        "One.\n\n[Illustration]\n\nTwo.\n\n[Illustration: The mill,\nby night.]\n\n[Illustration] Three.\n\n"
        "[Kuva: Mylly.]\n\n[Illustration: A [small] mill.]\n[Illustration]\n\n"
        "[Footnote: It stood.]\n\n[Sidenote: The mill\nis sold.]\n\n[Illustration: the end]\n[_To face page 9._]\n"
    )
    assert read_book(write(text.encode())) == "One.\n\nTwo.\n\n[Illustration] Three.\n\n[Footnote: It stood.]"


@pytest.mark.parametrize("blanks", [" ", "  ", "\t"])
def test_blanks_at_the_ends_of_lines_change_nothing(write: Write, blanks: str) -> None:
    lines = [
        "One",
        "came.",
        "",
        "[Illustration: A mill]",
        "",
        "* * * * *",
        "",
        "Two went,",
        "",
        "12",
        "",
        "and stayed.",
    ]
    text = read_book(write("\n".join(lines).encode()))
    assert read_book(write(f"{blanks}\n".join(lines).encode())) == text == "One came.\n\nTwo went, and stayed."


def test_the_marks_of_proofreaders_go_and_their_pages_go_on(write: Write) -> None:
    text = (
        "-----File: 001.png---\\ann\\bob\\-----\nThe mill was <i>very</i> old[** sic].\n\n/*\nIt stood,\n"
        "it fell.\n*/\n\n<tb>\n\nThe mil-*\n-----File: 002.png---\\ann\\bob\\-----\n*ler <sc>Roth</sc> had\n"
        "-----File: 003.png---\\ann\\bob\\-----\nleft.\n-----File: 004.png---\\ann\\bob\\-----\n\nEnd.\n"
    )
    prose = "The mill was very old.\n\nIt stood, it fell.\n\nThe miller Roth had left.\n\nEnd."
    assert read_book(write(text.encode())) == prose
    assert read_book(write(b"He wrote <i>x</i> [** a].\n\nEnd.")) == "He wrote <i>x</i> [** a].\n\nEnd."


def test_ornaments_numbers_of_pages_and_notes_of_transcribers_go(write: Write) -> None:
    text = (
        "* * *\n\nOne[Pg 12] is {13}here[p. 14][p. iv][Sic].\n\n  *       *       *\n\n"
        "[Seite 7]\n\nx^{12}, \\frac{1}{2}.\n\n"
        "[Иллюстрация: Дом.]\n\n[Transcriber's Note: All\n\nis kept.]\n\n-- Two.\nA\n---\n\n"
        "[Anmerkungen zur Transkription: x]\n"
    )
    assert read_book(write(text.encode())) == "One is here[Sic].\n\nx^{12}, \\frac{1}{2}.\n\n-- Two. A ---"


def test_a_word_or_a_dash_goes_on_behind_the_end_of_a_line(write: Write) -> None:
    text = (
        "He came to-\nmorrow--\nnot from 1914-\n1918, two-\nor three-fold, soft\u00ad\nhyphen un¬\nlike -\n"
        "it—\nwas --\nso.\n\n- one\n- two\n\n我们今天\n来了：\n“好”。\n한국\n사람"
    )
    assert read_book(write(text.encode())) == (
        "He came to-morrow--not from 1914-1918, two- or three-fold, softhyphen unlike - it—was -- so.\n\n"
        "- one - two\n\n我们今天来了：“好”。 한국 사람"
    )


def test_words_that_a_printer_broke_are_whole_and_hyphens_of_their_own_stay(write: Write) -> None:
    text = (
        "Er fuhr mit der Eisen-\nbahn nach Ham-\nburg, und die Eisen-Brücke, die Haupt-\nund die Nebenbrücke wa-\nren "
        "alt. In Baden-\nBaden stand eine Eisen-\nBrücke, und ge-\ngen Abend kam nie-\nmand mehr vor-\nbei. "
        "Alt-neu war sie, alt-\nneu wie Mann und Frau, mann-\nfrau, man sag-\nte: nie.\n\nEnde."
    )
    assert read_book(write(text.encode())) == (
        "Er fuhr mit der Eisenbahn nach Hamburg, und die Eisen-Brücke, die Haupt- und die Nebenbrücke waren alt. In "
        "Baden-Baden stand eine Eisen-Brücke, und gegen Abend kam niemand mehr vorbei. Alt-neu war sie, alt-neu wie "
        "Mann und Frau, mann-frau, man sagte: nie.\n\nEnde."
    )


def test_readings_notes_legend_and_colophon_of_aozora_go_and_each_line_is_a_paragraph(write: Write) -> None:
    rule = "-" * 55
    text = (
        f"小屋\n\n{rule}\n【テキスト中に現れる記号について】\n\n《》：ルビ\n（例）小屋《こや》\n{rule}\n\n"
        "［＃３字下げ］一［＃「一」は見出し］\n　山の小屋《こや》は｜冬の日《ふゆのひ》も"
        "※［＃「口＋亞」、第3水準1-15-8］※［＃「てへん＋窄」、U+6409、3-4］※［＃なし、第3水準1-99-8］だ。\n「はい／＼、しみ／″＼。」\n《山》を見た。\n"
        "\n底本：「小屋」\n入力：だれか\n"
    )
    for encoding in ("utf-8", "cp932"):
        assert read_book(write(text.encode(encoding))) == (
            "小屋\n\n一\n\n山の小屋は冬の日も啞搉だ。\n\n「はい〳〵、しみ〴〵。」\n\n《山》を見た。"
        )


def test_a_line_that_begins_with_a_dash_and_a_capital_behind_a_stop_begins_a_paragraph(write: Write) -> None:
    text = "Es war spät.\n—Kommst du?\n— Gleich,\n— sagte er.\n--Gut!\n– Dann los.\n– und so\n— Weiter.\n\n—Ende."
    assert read_book(write(text.encode())).split("\n\n") == [
        "Es war spät.",
        "—Kommst du?",
        "— Gleich, — sagte er.",
        "--Gut!",
        "– Dann los. – und so — Weiter.",
        "—Ende.",
    ]


def test_a_page_that_ends_within_a_sentence_ends_no_paragraph(write: Write) -> None:
    text = (
        "It stood for \n\n- 12 -\n\nmany years,\n\n  13\n\n\fand it was o-\n\n[14]\n\npen.\n\n"
        "15\n\nThen\n\n16\n\nIt fell\n\nx."
    )
    assert read_book(write(text.encode())).split("\n\n") == [
        "It stood for many years, and it was o-pen.", "15", "Then", "16", "It fell", "x."
    ]  # fmt: skip


def test_an_indented_line_begins_a_paragraph_in_chinese_and_japanese(write: Write) -> None:
    assert (
        read_book(write("　　山上有\n一个村。\n　　村里没有人。\n\n完。".encode()))
        == "山上有一个村。\n\n村里没有人。\n\n完。"
    )


def test_each_book_of_a_file_is_kept_without_its_header_and_footer() -> None:
    start, end = "*** START OF THIS PROJECT GUTENBERG EBOOK {} ***", "*** END OF THIS PROJECT GUTENBERG EBOOK {} ***"
    footer = "End of the Project Gutenberg EBook of {}\n\n" + end + "\n\nUpdated editions.\n\n"
    book = "The Project Gutenberg EBook of {}\n\n" + start + "\n\nProduced by hand\n\nThe tale of {}.\n\n"
    file = "".join((book + footer).replace("{}", name) for name in ("Asa", "Bo"))
    assert strip_licence(file) == "The tale of Asa.\n\nThe tale of Bo."
    old = "Etext of {}\n\n*END*THE SMALL PRINT!*END*\n\nThe tale of {}.\n\nEnd of Project Gutenberg Etext of {}\n\n"
    assert (
        strip_licence("".join(old.replace("{}", name) for name in ("Asa", "Bo")))
        == "The tale of Asa.\n\nThe tale of Bo."
    )
    parts = start + "\n\nOne.\n\nEnd of Project Gutenberg's First\n\nTwo.\n\n" + end + "\n\nLicence."
    assert strip_licence(parts) == "One.\n\nTwo."
    long = "word " * 2000
    assert strip_licence(f"{start}\n{long}\n{start}\n{long}\n{end}").split() == [*long.split(), *long.split()]


def test_a_mark_may_stand_behind_the_last_line_of_the_file_before() -> None:
    start, end = "*** START OF THE PROJECT GUTENBERG EBOOK A ***", "*** END OF THE PROJECT GUTENBERG EBOOK A ***"
    quoted = f'It closed with "{end}".'
    assert strip_licence(f"{start}\n\nOne.\n\n{quoted}\n{end}{start}\n\nTwo.{end}") == f"One.\n\n{quoted}\n\nTwo."


@pytest.mark.parametrize(
    "notes",
    [
        "Transcriber's Note\n\nTwo commas were added.",
        "TRANSCRIBER’S NOTES:\n\n1. Page 3: a stop.\n\n2. Page 9: a dash.",
        "+------+\n| Transcriber's Notes: |\n| None. |\n+------+",
        "_Note de transcription_: la page 3.",
        "Transcription notes\n\nPage 3: a stop.",
    ],
)
def test_what_a_transcriber_says_behind_a_book_goes(notes: str) -> None:
    start, end = "*** START OF THE PROJECT GUTENBERG EBOOK A ***", "*** END OF THE PROJECT GUTENBERG EBOOK A ***"
    book = "It stood still. " * 200 + "\n\nHe read the transcriber's notes."
    assert strip_licence(f"{start}\n\n{book}\n\n{notes}\n\n{end}").strip() == book
    assert strip_licence(f"{book}\n\n{notes}") == f"{book}\n\n{notes}"
    assert strip_licence(f"{start}\n\nIt fell.\n\n{notes}\n\n{book}\n\n{end}").strip().endswith(f"{notes}\n\n{book}")


def test_tables_that_are_drawn_with_letters_are_no_prose(write: Write) -> None:
    table = " Year | Mills\n------+------\n 1801 |  12\n 1811 |  14\n======|======\n\n Sum  |  26"
    frame = "+-------+\n| MILLS |\n+-------+"
    assert read_book(write(f"It fell.\n\n{table}\n\nIt stood.\n\n{frame}\n\nA | B.\nIt\nran.\n".encode())) == (
        "It fell.\n\nIt stood.\n\nA | B. It ran."
    )
    assert read_book(write(b"It fell.\n\nA | B\n\n-------\n")) == "It fell.\n\nA | B"


@pytest.mark.parametrize(
    "columns",
    [
        " Year    Mills   Men\n 1801      12     30\n 1811      14     41\n Sum       26     71",
        "I. The Mill ........ 1\nII. The Wheel ..... 15\nIII. The Pond        22",
        "The Mill . . . . . . . xii",
        "The Mill ..... xl\nThe Wheel ..... lxiv\nThe Pond ..... xcix\nThe End    iv",
        "Contents\nThe Mill ..... 1\nThe Wheel . . . . . 1904\nThe Pond   l\nThe End ..... lviii",
        *(f"Flour    {sign}3.50\nOats     {sign}12\nRye      {sign}9,5" for sign in "$£€"),
        "Lo   12\nEk  14\nAnn  3",
        "12    Grown\n3%    Sold\n4%    Lost",
        "Mills\t12\nMen\t30\nWheels\t4",
        "Reign   1801–11\nWar     1812-14\nNight   10:30\nRest    3/4",
        "Mills of the town\nLo    12\nEk    14\nAnn   3\nRoe   5",
        "Lo    12\nEk    14\nAnn   3\nRoe   none\nDoe   none",
    ],
)
def test_tables_of_numbers_and_contents_with_pages_are_no_prose(write: Write, columns: str) -> None:
    assert read_book(write(f"It fell.\n\n{columns}\n\nIt stood.\n".encode())) == "It fell.\n\nIt stood."


@pytest.mark.parametrize(
    "text",
    [
        "He counted.  One  was his.\nIt was  1904.  So it was\nin the  year.",
        "  The wheel goes round,      5\n  The river runs,\n  And all is sound.",
        "He waited ..... and then 15 came.",
        "I feel . . . . . ill",
        "The oats     1904\nthe rye      so\nthe barley   no",
        "It was the year... 1904",
        "Lo    12\nEk    14",
        "Lo    12\nEk    14\nAnn   three\nRoe   none\nDoe   none",
        "Lo    12\nEk    14\nAnn   3\nIt fell.\nIt stood.",
        *(f"He fell{sign}    12\nHe rose{sign}    14\nHe ran{sign}    3" for sign in ".?!:;\"'”’)"),
        "He waited .....",
        f"Lo    12\nEk    14\nAnn    3 {'and on ' * 43}",
        "The Mill ..... 1\nThe Pond ..... 5\nIt fell.",
        "The Mill ..... 12345",
    ],
)
def test_prose_and_verse_with_numbers_and_dots_stay(write: Write, text: str) -> None:
    joined = " ".join(text.replace("\n  ", "\n").strip().split("\n"))
    assert read_book(write(f"It fell.\n\n{text}\n\nIt stood.\n".encode())).split("\n\n")[1] == joined


def test_an_initial_that_is_set_apart_is_joined_to_a_word_that_the_book_has(write: Write) -> None:
    book = b"CHAPTER I\n\nT HE mill stood.\n\nB FLAT is the note.\n\nIn the end\nit fell.\n"
    assert read_book(write(book)).split("\n\n")[1:3] == ["THE mill stood.", "B FLAT is the note."]


def test_credits_of_a_header_that_was_cut_off_are_no_text() -> None:
    made = "Produced by Ann Lee and the Online Distributed\nProofreading Team at http://www.pgdp.net"
    assert strip_licence(f"\n{made}\n\n\nTranscriber's note: No word was changed.\n\n\nIt fell.") == "It fell."
    assert strip_licence("Made by hand.\n\nProofread it.") == "Made by hand.\n\nProofread it."


def test_a_book_without_licence_is_kept_whole() -> None:
    text = "Produced by hand.\n\nThe end of the project.\n\nA *** START of it ***\n"
    assert strip_licence(text) == text


def test_a_header_marker_far_into_the_text_is_text() -> None:
    text = "word " * 20_000 + "\n*** START OF THIS PROJECT GUTENBERG EBOOK ***\n"
    assert strip_licence(text) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("\ufeffcafé “x”".encode(), "café “x”"),
        ("café “x”".encode(), "café “x”"),
        ("café “x”".encode("cp1252"), "café “x”"),
        ("café “x”".encode("utf-16"), "café “x”"),
        (b"caf\xe9 " * 9 + b"\x81", "café " * 9 + "\x81"),
        (b"Character set encoding: ISO-8859-1\ncaf\xe9 \x93", "Character set encoding: ISO-8859-1\ncafé “"),
        (b"Character set encoding: ISO Latin-1\ncaf\xe9", "Character set encoding: ISO Latin-1\ncafé"),
        (b"Chatacter set encoding: US-ASCII\r\ncaf\xc3\xa9", "Chatacter set encoding: US-ASCII\r\ncafé"),
        (b"Character set encoding: ASCII\ncaf\xe9", "Character set encoding: ASCII\ncafé"),
        ("Character set encoding: CP-1251\nпривет".encode("cp1251"), "Character set encoding: CP-1251\nпривет"),
        ("Character set encoding: Big5\n中文".encode("big5"), "Character set encoding: Big5\n中文"),
        (b"Character set encoding: UTF-8\n\xc3\xa9 \xc3", "Character set encoding: UTF-8\né \ufffd"),
        (b"Character set encoding: base64\ncaf\xe9", "Character set encoding: base64\ncafé"),
    ],
)
def test_the_encoding_is_as_marked_or_declared_or_found(content: bytes, text: str) -> None:
    assert decode_book(content) == text


# each with a letter or more that another encoding has in another place
LETTERS = {
    "Krótka żaba śpi pod mostem, a jej syn łowi ryby.": ["cp1250", "iso8859-2", "cp852", "mac-latin2"],
    "Kısa bir gün, ve şehir güneşli.": ["cp1254", "iso8859-9", "cp857", "mac-turkish"],
    "Egy kőműves sört iszik, és nem hűvös.": ["cp1250", "cp852"],
    "Řeka je široká a zámek stojí na břehu.": ["cp1250", "iso8859-2", "cp852"],
    "El año pasado la niña comió en el jardín.": ["cp1252", "mac-roman", "cp850"],
    "Die Straße ist schön, und der Zug fährt früh.": ["cp1252", "mac-roman", "cp850"],
    "Les “élèves” n’ont pas été à la fête de l’école.": ["cp1252", "mac-roman"],
    "Čaj je na stolu, i želi da pije.": ["cp1250"],
    "Fata merge în pădure cu un coş de mere, şi nu plânge.": ["cp1250"],
    "Їжак і ґава сидять у лісі, а дощ іде.": ["cp1251", "koi8-u"],
    "«Ά», φώναξε.\nΚαι πήγε πέρα.": ["cp1253", "iso8859-7"],
    "«Άσε με», είπε ο Άρης. «Όχι τώρα».": ["cp1253", "iso8859-7"],
    "«Άσε με», είπε ο γέρος κι έφυγε πέρα, πίσω από το βουνό. " * 20: ["cp1253", "iso8859-7"],
}


@pytest.mark.parametrize(("text", "encoding"), [(text, name) for text, names in LETTERS.items() for name in names])
def test_a_short_text_shows_its_encoding_by_its_letters(text: str, encoding: str) -> None:
    assert decode_book(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "content", [b"Id\xf5k j\xf3k.", b"a\xdda \x81 b\x8db", "Привет, это текст".encode("mac-cyrillic")]
)
def test_a_text_that_shows_no_encoding_is_refused_until_the_config_says_it(write: Write, content: bytes) -> None:
    path = write(content + b"\n\nb")
    with pytest.raises(CorpusError, match=r"a\.txt is not UTF-8, and does not show .*: set `encoding` of its corpus"):
        read(path)
    assert [document.text for document in read(path, encoding="latin-1")] == [content.decode("latin-1") + "\n\nb"]
    with pytest.raises(CorpusError, match=r"byte 0x.. at offset .* is not ascii"):
        read(path, encoding="ascii")


def test_bookcorpus_is_cut_after_a_set_number_of_sentences(write: Write) -> None:
    path = write(b"one .\ntwo .\r\nthree .\nfour .\nfive .")
    assert read(path, sentences_per_document=2) == [
        Document("c", "a.txt@0", "one .\ntwo .", is_sentence_per_line=True),
        Document("c", "a.txt@13", "three .\nfour .", is_sentence_per_line=True),
        Document("c", "a.txt@28", "five .", is_sentence_per_line=True),
    ]


def test_a_blank_line_ends_a_document_of_bookcorpus(write: Write) -> None:
    path = write(b"one .\n\n\ntwo .\nthree .\n")
    documents = read(path, layout="bookcorpus", sentences_per_document=2)
    assert [document.text for document in documents] == ["one .", "two .\nthree ."]


def test_the_layout_is_told_by_blank_lines_in_the_head_of_the_content(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "HEAD_BYTES", 16)
    for content, is_bookcorpus in [
        (b"one .\ntwo .\nthree .\n\nfour", True),
        (b"one .\n \ntwo .\nthree .", False),
        (b"one .\r\n\r\ntwo .\r\n", False),
        (b"\n\none\ntwo", False),
    ]:
        for path in (write(content), write(gzip.compress(content))):
            assert {document.is_sentence_per_line for document in read(path)} == {is_bookcorpus}
    assert read(write(b"a\nb"), layout="gutenberg") == [Document("c", "a.txt", "a b")]


@pytest.mark.parametrize(("content", "doc_id"), [(b"", "a.txt"), (b"\n \n\n", "a.txt")])
def test_a_file_without_text_is_an_empty_document(write: Write, content: bytes, doc_id: str) -> None:
    assert read(write(content)) == [Document("c", doc_id, "", Reason.EMPTY)]


def test_a_book_too_large_is_counted(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MAX_RECORD_BYTES", 100)
    assert read(write(b"word\n\n" * 100)) == [Document("c", "a.txt", "", Reason.TOO_LARGE)]


def test_only_large_plain_bookcorpus_is_cuttable(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "RANGE_BYTES", 10)
    for content, keys, expected in [
        (b"one .\ntwo .\n", {}, True),
        (b"one .\n\ntwo .\n", {}, False),
        (b"one .\n\ntwo .\n", {"layout": "bookcorpus"}, True),
        (b"one .\ntwo .\n", {"layout": "gutenberg"}, False),
        (b"one .\n", {}, False),
        (gzip.compress(b"one .\ntwo .\n"), {}, False),
    ]:
        file = InputFile(str(write(content)), "a.txt", len(content))
        assert is_books_cuttable(file, BooksSettings(**keys)) is expected, (content, keys)


def test_a_split_of_a_book_that_is_not_its_first_has_nothing(write: Write) -> None:
    path = write(b"one\n\ntwo\n")
    assert len(read(path, 0, 5)) == 1
    assert read(path, 5, 9) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    words=st.lists(st.sampled_from(["a .", "die é .", "", "much longer 力 ."]), min_size=1, max_size=60),
    split_bytes=st.integers(1, 300),
    part_bytes=st.integers(16, 200),
    num_sentences=st.integers(1, 5),
)
def test_any_splits_give_the_documents_of_the_whole(
    tmp_path: Path, words: list[str], split_bytes: int, part_bytes: int, num_sentences: int
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n".join(words), encoding="utf-8", newline="")
    config = BooksSettings(layout="bookcorpus", sentences_per_document=num_sentences)
    file = InputFile(str(path), "a.txt", path.stat().st_size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "PART_BYTES", part_bytes)
        whole = list(read_books(FileRange("c", str(path), "a.txt"), config))
        patch.setattr(ranges, "RANGE_BYTES", split_bytes)
        parts = cut_file(file, "c", is_books_cuttable(file, config))
        assert [document for file_range in parts for document in read_books(file_range, config)] == whole
    assert "".join("".join(d.text.split()) for d in whole) == "".join("".join(words).split())
    assert all(1 <= len(document.text.splitlines()) <= num_sentences for document in whole)


def test_a_cut_gzip_gives_the_text_before_the_cut_and_then_an_error(write: Write) -> None:
    content = "\n\n".join(f"naïve {i * 7919 % 104729}" for i in range(20000))
    packed = gzip.compress(content.encode())
    documents: list[Document] = []
    reader = read_books(FileRange("c", str(write(packed[: len(packed) // 2])), "a.txt"), BooksSettings())
    with pytest.raises(TruncatedError, match="ends in the middle"):
        documents.extend(reader)
    assert len(documents) == 1
    assert len(documents[0].text) > len(content) // 4
    assert content.startswith(documents[0].text)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="layout must be 'auto' or 'gutenberg' or 'bookcorpus': got 'x'"):
        BooksSettings(layout="x")
    with pytest.raises(ConfigError, match="sentences_per_document must be at least 1: got 0"):
        BooksSettings(sentences_per_document=0)


def test_the_golden_pair_of_another_stripper_agrees(samples: Path) -> None:
    raw = read_book(samples / "books/cw-gutenberg-raw-10076.txt")
    assert raw == read_book(samples / "books/cw-gutenberg-clean-10076.txt")
    assert raw.startswith("LISTER'S GREAT ADVENTURE\n\nBY HAROLD BINDLOSS\n\n_Author_")
    assert raw.endswith('I mean to stay!"')


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("gitenberg-972.txt", "THE DEVIL'S DICTIONARY\n\nby Ambrose Bierce", "sheds its horn every two years."),
        ("gitenberg-972-old-dvldc10.txt", "The Internet Wiretap 1st Online", "sheds its horn every two years."),
        ("gitenberg-9198-8.txt", "THE COMPLETE ANGLER;\n\nOR,", "_Angling_.\n\nFINIS."),
        ("gitenberg-44157-0.txt", "Au lecteur.\n\nLe texte en italiques dans l’original est", "vensterbank.)"),
    ],
)
def test_real_gutenberg_files_of_each_age_lose_their_licence(samples: Path, name: str, start: str, end: str) -> None:
    text = read_book(samples / "books" / name)
    assert text.startswith(start)
    assert text.endswith(end)
    assert "Gutenberg" not in text
    assert "\n" not in text.replace("\n\n", "")
    assert not set(text) & {"\ufffd", "\ufeff", "\r", "\x1a"}


def test_latin_1_of_a_real_file_is_read_as_what_it_declares(samples: Path) -> None:
    content = (samples / "books/gitenberg-9198-8.txt").read_bytes()
    accented = {chr(byte) for byte in content if byte >= 0xA0}
    assert accented
    assert {char for char in read_book(samples / "books/gitenberg-9198-8.txt") if ord(char) > 127} <= accented


@pytest.mark.parametrize(
    ("name", "spot"),
    [
        ("books/bert-sample_text.txt", "The rain had only ceased"),
        ("books/charrnn-tinyshakespeare-input.txt", "First Citizen: Before we proceed"),
        ("books/wikitext-2-valid.txt", "= Homarus gammarus ="),
    ],
)
def test_other_texts_with_blank_lines_are_read_as_one_book_each(samples: Path, name: str, spot: str) -> None:
    text = read_book(samples / name)
    assert spot in text
    assert "".join(text.split()) == "".join((samples / name).read_text(encoding="utf-8").split())


def test_a_text_without_blank_lines_is_read_by_its_lines(samples: Path) -> None:
    [document] = read(samples / "unicode/gensim-crime-and-punishment.txt")
    assert document.is_sentence_per_line
    assert len(document.text.splitlines()) == 5


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_real_files_give_documents_or_a_named_error(samples: Path, tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["gitenberg-44157-0.txt", "gitenberg-9198-8.txt"]))
    content = bytearray((samples / "books" / name).read_bytes())
    if data.draw(st.booleans()):
        content = bytearray(gzip.compress(content, 1))
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, min(len(content), 4096)))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    try:
        documents = read(path)
    except CorpusError:
        return
    assert all(bool(document.text) == (document.reason is None) for document in documents)


FRAGMENTS = (
    "*** START OF THIS PROJECT GUTENBERG EBOOK", "***", "a title", " ", "\n", "\n", "é", "*", "x*END* the Small Print",
    "End of the Project Gutenberg", "Ende dieses Projekt Gutenberg", "*** ſtart of the project gutenberg",
    "*** START: FULL LICENSE", "*END THE ſMALL PRİNT", "fın de proyecto gutenberg", "project Gutenberg\u2028", "\r",
    "Конец проекта ГУТЕНБЕРГ", "Project Gutenberg loppu", "fin de l’ebook du projet gutenberg",
)  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30))
def test_marks_are_found_where_the_pattern_finds_them(parts: list[str]) -> None:
    text = "".join(parts)
    assert [mark.span() for mark in gutenberg._find_marks(text)] == [m.span() for m in gutenberg._MARK.finditer(text)]


@pytest.mark.parametrize(
    "said",
    [
        "Produit par Anne Roux et les relecteurs",
        "Dit bestand is vervaardigd door Jan Bos.",
        "Prodotto da Ada Neri",
        "Produzido por Rui Vaz",
        "[Transcriber's Note: The spelling is the\nprinted one.]",
        "    Anmerkungen zur Transkription:\n\n    Der Text folgt der Ausgabe von 1907.",
        "Transcriber's note:\n\n      Italics are marked.\n\n      So are\n      pages.\n\n\n",
        "[Illustration: A mill]\n\nProduced by Ann Lee",
        "Nota di trascrizione\n\nLa pagina 3.",
        "Produced by Ann Lee\n\n\n\nNote: Images of the original pages are available through\n      a library.",
        "Images generously made available by a library.",
        "Redactor's Note: None.",
        "Note sur la transcription: Les erreurs ont été corrigées.",
    ],
)
def test_what_stands_before_a_book_about_its_file_goes_in_several_languages(write: Write, said: str) -> None:
    start = "*** START OF THE PROJECT GUTENBERG EBOOK MILL ***\n\n\n"
    book = "The mill stood still.\n\nProduced by nobody.\n\n*** END OF THE PROJECT GUTENBERG EBOOK MILL ***\n"
    assert read_book(write(f"{start}{said}\n\n{book}".encode())) == "The mill stood still.\n\nProduced by nobody."


def test_a_header_that_no_mark_ends_goes(write: Write) -> None:
    head = "The Project Gutenberg eBook of The Mill\n\nTitle: The Mill\n\nAuthor: A. B.\n\nLanguage: English\n\n"
    end = "*** END OF THE PROJECT GUTENBERG EBOOK THE MILL ***\n"
    assert read_book(write(f"{head}It stood still.\n\n{end}".encode())) == "It stood still."
    assert read_book(write(b"Title: none\n\nIt stood still.")) == "Title: none\n\nIt stood still."


def test_the_header_of_the_next_book_goes_where_no_footer_parts_two(write: Write) -> None:
    books = [
        f"The Project Gutenberg eBook of {title}\n\nTitle: {title}\n\n"
        f"*** START OF THE PROJECT GUTENBERG EBOOK {title} ***\n\n{'It stood still. ' * 400}\n\n\n"
        for title in ("The Mill", "The Pond")
    ]
    assert read_book(write("".join(books).encode())) == "\n\n".join([("It stood still. " * 400).strip()] * 2)


def test_the_marks_of_notes_go_whose_notes_the_book_has(write: Write) -> None:
    notes = "[1] See Lo.\n\n  [Footnote A: See [1] Ek.]\n\n[*] A star."
    book = f"It fell.[1] So[A] it was[*], and [B] x[2] was not [3].\n\n{notes}"
    expected = "It fell. So it was, and [B] x[2] was not [3].\n\n[1] See Lo.\n\n[Footnote A: See Ek.]\n\n[*] A star."
    assert read_book(write(book.encode())) == expected


@pytest.mark.parametrize(
    ("text", "note", "expected"),
    [
        ("It fell [fn#1], so.", "[_Footnote 1_: See Lo.]", "It fell, so."),
        ("It fell[FN1]!", "[Fußnote #1: See Lo.]", "It fell!"),
        ("It‡ fell[‡], it[†]", "[Nota ‡: See Lo.]", "It‡ fell, it[†]"),
        ("It fell.[****]", "[****]: See Lo.", "It fell."),
        ("It—[2] (so)[2] _so_[2] ’so’[2]", "[Endnote: 2] See Lo.", "It— (so) _so_ ’so’"),
        ("It fell.[1904]", "\t[voetnoot 1904: See Lo.]", "It fell."),
        ("It[1](a), [1]so, + [1] fell.", "[1] See Lo.", None),
        ("It fell.[1]", "So\n[1] See Lo.", None),
        ("It fell.[1]", f"So{' ' * 40}[1] See Lo.", None),
        ("It fell.[12345]", "[12345] See Lo.", None),
    ],
)
def test_the_mark_of_a_note_goes_behind_a_word_or_a_sign_if_its_note_begins_a_paragraph(
    text: str, note: str, expected: str | None
) -> None:
    assert drop_note_marks(f"{text}\n\n{note}") == f"{expected or text}\n\n{note}"
    assert drop_note_marks(f"{note}\n\n{text}") == f"{note}\n\n{expected or text}"
