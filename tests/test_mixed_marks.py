"""Quotations are no place where sentences hide, whatever marks they stand between."""

import time

import pytest

from xlnet_data.text.mixed_marks import mark_replacements
from xlnet_data.text.sentences import split_document


def replaced(text: str) -> str:
    for _, replace in mark_replacements(text):
        text = replace(text)
    return text


PAIRS = [
    *(("„", "“"), ("„", "”"), ("„", '"'), ("„", "''"), (",,", "''"), (",,", '"'), (",,", "“"), (",,", "”")),
    *(("“", "”"), ("“", '"'), ('"', "”"), ('"', '"'), ("”", "”"), ("”", "“"), ("“", "“")),
    *(("»", "«"), ("«", "»"), ("»", "»"), ("›", "‹"), ("‹", "›"), ("‚", "‘"), ("‚", "’"), ("‘", "’"), ("« ", " »")),
]
WHOLE_PAIRS = [*PAIRS, (">>", "<<"), ("<<", ">>")]


@pytest.mark.parametrize(("begin", "end"), WHOLE_PAIRS)
@pytest.mark.parametrize("language", ["en", "de", "pl", "ar"])
def test_a_word_between_any_marks_leaves_the_sentences_around_it_alone(begin: str, end: str, language: str) -> None:
    first, second = f"They called it {begin}the mill{end} and left.", f"She saw {begin}the weir{end} at its foot."
    assert split_document(f"{first} Then he came back. {second}", language, False)[0] == [
        first,
        "Then he came back.",
        second,
    ]


@pytest.mark.parametrize(("begin", "end"), WHOLE_PAIRS)
@pytest.mark.parametrize("stop", [".", "!", "?", "…"])
def test_a_sentence_ends_behind_the_mark_that_closes_it(begin: str, end: str, stop: str) -> None:
    speech = f"{begin}Es geht nun{stop}{end}"
    for sentences in (["Er kam.", speech, "Sie rief."], [f"Er sagte: {speech}", "Sie rief."]):
        assert split_document(" ".join(sentences), "de", False)[0] == sentences


def test_marks_within_others_are_neutral_and_a_quotation_within_another_stays_whole() -> None:
    text = "„Er sagte: ‚Geh nun. Es ist spät.‘ Dann ging er“, las sie. ›Nein‹, sagte er. „Ja!“"
    assert split_document(text, "de", False)[0] == [
        "„Er sagte: ‚Geh nun. Es ist spät.‘ Dann ging er“, las sie.",
        "›Nein‹, sagte er.",
        "„Ja!“",
    ]
    straight = 'He said “a "mill" is not a "weir" here” and left. She saw it.'
    assert split_document(straight, "en", False)[0] == [straight[:-12], "She saw it."]


def test_a_stop_behind_a_mark_of_two_signs_stays_with_it() -> None:
    sentences = ["Poszedł na ,,listy''.", "Zapytał: ,,Gdzie?''.", "Potem >>wrócił<<.", "Koniec."]
    assert split_document(" ".join(sentences), "pl", False)[0] == sentences


@pytest.mark.parametrize("number", ['5"', "6'2\"", "45° 30' 15\"", "12''", '(3.5")'])
def test_a_number_of_inches_begins_no_quotation(number: str) -> None:
    sentences = [
        f"The mill had a {number} wheel.",
        "Then it rained.",
        f"It has a {number} one, the “new” wheel.",
        "So.",
    ]
    assert split_document(" ".join(sentences), "en", False)[0] == sentences
    quoted = ['He said "it was 5" and left.', 'She saw "a 6" wheel".', "So."]
    assert split_document(" ".join(quoted), "en", False)[0] == quoted


def test_a_low_single_mark_ends_behind_a_speech_of_several_sentences() -> None:
    sentences = ["Er sagte, ‚Das ist es.", "Es geht nun.‘", "Sie rief."]
    assert split_document(" ".join(sentences), "de", False)[0] == sentences


def test_marks_of_two_signs_and_single_ones_become_as_many_signs() -> None:
    assert replaced(",,Ja'' und ‚Nein‘.") == "_“Ja_” und _Nein_."


@pytest.mark.parametrize("text", ["a, b", "it's 'so'", "“Yes.” No.", "x < y > z", '“a "b" c”'])
def test_usual_marks_stay(text: str) -> None:
    assert replaced(text) == text


@pytest.mark.parametrize(
    "unit", ["„a ", '"a ', "“a ", "”a ", ",,a ", ">>a ", "<<a ", "‚a ", "›a ", "''", "‚a’a", ",,a'"]
)
def test_time_is_linear_in_any_mark_repeated(unit: str) -> None:
    def seconds(times: int) -> float:
        text = unit * times + "".join(end for _, end in WHOLE_PAIRS)
        begin = time.process_time()
        assert len(replaced(text)) == len(text)
        return time.process_time() - begin

    assert min(seconds(80_000) for _ in range(3)) < 8 * min(seconds(20_000) for _ in range(3)) + 0.05
