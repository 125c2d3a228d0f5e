"""Good prose of several kinds and languages passes the strictest preset whole."""

from pathlib import Path

import pytest

from xlnet_data.filters import filter_text
from xlnet_data.filters.presets import PRESETS
from xlnet_data.schemas.document import Reason

PROSE = Path(__file__).parent / "prose"


def read(name: str) -> str:
    return (PROSE / f"{name}.txt").read_text("utf-8").strip()


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", ["story", "article", "how-to", "column"])
def test_good_english_prose_of_every_kind_is_kept_whole(name, preset):
    text = read(name)
    assert len(text.split()) > 200
    assert filter_text(text, PRESETS[preset], "en") == text


@pytest.mark.parametrize("preset", ["web", "gopher"])
@pytest.mark.parametrize(("name", "language"), [("french", "fr"), ("chinese", "zh")])
def test_good_prose_in_another_language_is_kept_whole(name, language, preset):
    text = read(name)
    assert filter_text(text, PRESETS[preset], language) == text


def test_good_prose_in_the_wrong_language_is_dropped():
    assert filter_text(read("french"), PRESETS["web"], "en").reason is Reason.LANGUAGE
    assert filter_text(read("article"), PRESETS["web"], "fr").reason is Reason.LANGUAGE


def test_prose_is_taken_out_of_the_page_around_it():
    article = read("article")
    page = (
        f"Mills of the world\nHome | Mills | Contact\n\n{article}\nShare it!\nPrivacy policy: this page uses cookies.\n"
    )
    assert filter_text(page, PRESETS["web"], "en") == article


def test_a_hard_wrapped_page_keeps_all_its_lines():
    wrapped = "\n\n".join(wrap(paragraph, 72) for paragraph in read("article").split("\n\n"))
    assert filter_text(wrapped, PRESETS["web"], "en") == wrapped


def wrap(paragraph: str, width: int) -> str:
    lines = [""]
    for word in paragraph.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
