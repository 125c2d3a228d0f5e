"""Each rule alone, at its limit and just beyond it."""

import dataclasses

import pytest

from xlnet_data.filters import apply_filters, filter_text
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.schemas.document import Document, Reason

TOKENS = [a + b for a in "abcdefghij" for b in "klmnopqrst"]


def repeated_phrase(n: int, num_other_words: int) -> str:
    """Return n different words, other words, and the n words again; all of two letters."""
    phrase = TOKENS[:n]
    return " ".join([*phrase, *TOKENS[n : n + num_other_words], *phrase])


LIMITS = [
    ({"min_chars": 5}, "abcde", "abcd", Reason.TOO_SHORT),
    ({"max_chars": 5}, "abcde", "abcdef", Reason.TOO_LONG),
    ({"min_words": 3}, "one two 3 -", "one two -", Reason.TOO_SHORT),
    ({"min_words": 3}, "天地玄黄宇宙", "天地玄黄宇。", Reason.TOO_SHORT),
    ({"max_words": 3}, "one two 3 -", "one two 3 four", Reason.TOO_LONG),
    ({"min_sentences": 3}, "One. Two? Three!", "One. Two? 3.4 three", Reason.FEW_SENTENCES),
    ({"min_sentences": 2}, "天地。玄黄。", "天地，玄黄。", Reason.FEW_SENTENCES),
    ({"min_sentences": 2}, "他来了。2010年他走了。", "他来了，2010年他走了。", Reason.FEW_SENTENCES),
    ({"min_sentences": 2}, "Τι κάνεις; Καλά.", "Wait; go on.", Reason.FEW_SENTENCES),
    ({"min_sentences": 2}, "“Wo?” Er ging.", "“Wo?” sagte er.", Reason.FEW_SENTENCES),
    ({"min_sentences": 2}, "「はい。」彼は帰った。", "「はい。」と言った。", Reason.FEW_SENTENCES),
    ({"min_word_length": 4.0}, "four, five", "four, fiv", Reason.WORD_LENGTH),
    ({"max_word_length": 4.0}, "four... five", "four fives", Reason.WORD_LENGTH),
    ({"max_word_length": 4.0}, "കേരളം മലയാളം", "keraḷaṁ malayāḷaṁ", Reason.WORD_LENGTH),
    ({"max_symbol_ratio": 0.5}, "one# two", "one# two#", Reason.SYMBOL_RATIO),
    ({"max_symbol_ratio": 0.5}, "one... two", "one... two…", Reason.SYMBOL_RATIO),
    ({"max_bullet_lines": 0.5}, "• one\ntwo", "• one\n- two\nthree", Reason.BULLET_LINES),
    ({"max_ellipsis_lines": 0.5}, "one...\ntwo", "one...\ntwo…\nthree", Reason.ELLIPSIS_LINES),
    ({"min_alpha_words": 0.5}, "one 2", "one 2 -", Reason.ALPHA_WORDS),
    ({"min_stop_words": 2}, "The cat of ours", "the cat and", None),
    ({"min_stop_words": 2}, "the cat of ours", "The the the cat", Reason.STOP_WORDS),
    ({"min_end_mark_lines": 0.5}, "«Τι κάνεις;»\nκαλά", "int x;\ny", Reason.END_MARK_LINES),
    ({"min_end_mark_lines": 0.5}, "one.\ntwo", "one.\ntwo\nthree", Reason.END_MARK_LINES),
    ({"max_short_lines": 0.5, "short_line_chars": 5}, "four\nfives", "four\nfour\nfives", Reason.SHORT_LINES),
    ({"max_short_lines": 0.5, "short_line_chars": 6}, "天\n天地", "天\n天\n天地", Reason.SHORT_LINES),
    ({"max_line_breaks": 0.5}, "one\ntwo", "one\ntwo\nthree", Reason.LINE_BREAKS),
    ({"max_duplicate_lines": 0.25}, "a\na\nb\nc", "a\na\nb", Reason.DUPLICATE_LINES),
    ({"max_duplicate_line_chars": 0.25}, "a\na\nbb", "a\na\nb", Reason.DUPLICATE_LINES),
    ({"max_duplicate_paragraphs": 0.25}, "a\n\na\n\nb\n\nc", "a\n\na\n\nb\nc", Reason.DUPLICATE_PARAGRAPHS),
    ({"max_duplicate_paragraph_chars": 0.25}, "a\n\na\n\nbb", "a\n\na\n\nb", Reason.DUPLICATE_PARAGRAPHS),
    *(
        (
            {"max_top_ngram": (0.0,) * (n - 2) + (0.5,)},
            repeated_phrase(n, 2 * n),
            repeated_phrase(n, 2 * n - 1),
            Reason.TOP_NGRAM,
        )
        for n in (2, 3, 4)
    ),
    *(
        (
            {"max_duplicate_ngrams": (0.0,) * (n - 5) + (0.25,)},
            repeated_phrase(n, 2 * n),
            repeated_phrase(n, 2 * n - 1),
            Reason.DUPLICATE_NGRAMS,
        )
        for n in range(5, 11)
    ),
]


@pytest.mark.parametrize(("limits", "at_limit", "beyond", "reason"), LIMITS)
def test_a_text_at_the_limit_is_kept_and_one_beyond_it_is_dropped(limits, at_limit, beyond, reason):
    settings = FilterSettings(**limits)
    assert filter_text(at_limit, settings, "en") == at_limit
    found = filter_text(beyond, settings, "en")
    if reason is None:
        assert found == beyond
    else:
        assert found.reason is reason
        assert any(f"{name} = " in found.cause for name in limits)


CLEANED = [
    ({"end_marks": "."}, "Stays.\nGoes\nGoes, too...", "Stays."),
    ({"end_marks": "."}, "Stays[1] as it is.\nGoes", "Stays[1] as it is."),
    ({"min_line_words": 3}, "one two three\none two", "one two three"),
    ({"min_line_words": 3}, "天地玄黄宇宙\n天地玄黄宇", "天地玄黄宇宙"),
    ({"max_word_chars": 5}, "fives are kept\nsixsix is not", "fives are kept"),
    ({"remove_citations": True}, "Known[1] facts[citation needed], edited.[edit]", "Known facts, edited."),
    ({"remove_script_notices": True}, "Please enable JavaScript!\nProse.", "Prose."),
    ({"remove_policy_notices": True}, "This site uses Cookies.\nProse.", "Prose."),
    (
        {"end_marks": ".", "wrapped_line_chars": 9},
        "a wrapped\nsentence.\n\nHome\nPage.",
        "a wrapped\nsentence.\n\nPage.",
    ),
    ({"end_marks": ".", "wrapped_line_chars": 10}, "a wrapped\nsentence.", "sentence."),
    ({"end_marks": "."}, "A.\n\n \n\nB\n\nC.\nD.", "A.\n\nC.\nD."),
]


@pytest.mark.parametrize(("rule", "text", "cleaned"), CLEANED)
def test_lines_that_are_not_prose_are_removed_and_paragraphs_stay_apart(rule, text, cleaned):
    assert filter_text(text, FilterSettings(**rule), None) == cleaned


def test_braces_and_placeholders_count_in_kept_lines_only_unless_the_whole_page_is_checked():
    text = "var a = {}\nlorem ipsum\nA sentence."
    in_kept = FilterSettings(end_marks=".", drop_curly_braces=True, drop_lorem_ipsum=True)
    assert filter_text(text, in_kept, None) == "A sentence."
    assert filter_text(text, dataclasses.replace(in_kept, check_removed_lines=True), None).reason is Reason.LOREM_IPSUM
    assert filter_text("{ Set off.", in_kept, None).reason is Reason.CURLY_BRACE


def test_a_brace_beside_javascript_is_forgiven_and_one_in_a_policy_notice_is_not():
    settings = FilterSettings(drop_curly_braces=True, remove_script_notices=True, remove_policy_notices=True)
    assert filter_text("JavaScript { off }\nProse.", settings, None) == "Prose."
    assert filter_text("Terms of use {here}\nProse.", settings, None).reason is Reason.CURLY_BRACE


def test_bad_words_are_whole_words_in_any_case():
    settings = FilterSettings(bad_words=("scunner",))
    assert filter_text("A Scunner!", settings, None).reason is Reason.BAD_WORDS
    assert filter_text("Scunnered.", settings, None) == "Scunnered."


def test_rules_that_need_spaces_or_end_marks_leave_other_scripts_alone():
    chinese = "人人生而自由在尊严和权利上一律平等他们赋有理性和良心"
    thai = "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ"
    spaced = FilterSettings(min_word_length=3.0, max_word_length=10.0, min_alpha_words=0.8, max_word_chars=10)
    marked = FilterSettings(end_marks=".", min_sentences=1, min_end_mark_lines=0.5)
    assert filter_text(chinese, spaced, "zh") == chinese
    assert filter_text(thai, spaced, "th") == thai
    assert filter_text(thai, marked, "th") == thai
    assert filter_text(chinese, FilterSettings(min_sentences=1), "zh").reason is Reason.FEW_SENTENCES


def test_a_document_of_any_size_is_judged_by_its_first_million_characters_where_phrases_repeat():
    settings = FilterSettings(max_top_ngram=(0.2,))
    text = " ".join(str(number) for number in range(200_000)) + " again and again" * 100_000
    assert filter_text(text, settings, None) == text


def test_a_document_with_a_reason_and_one_without_rules_are_returned_as_they_are():
    dropped = Document("web", "1", "", Reason.MALFORMED)
    short = Document("web", "2", "Short.")
    assert apply_filters(dropped, FilterSettings(min_words=10), "en") is dropped
    assert apply_filters(short, FilterSettings(), "en") is short
    assert apply_filters(short, FilterSettings(min_words=1), "en") is short


def test_a_dropped_document_keeps_its_text_and_a_kept_one_loses_what_is_removed():
    document = Document("web", "1", "Menu\nA sentence.")
    settings = FilterSettings(end_marks=".")
    assert apply_filters(document, settings, None) == Document("web", "1", "A sentence.")
    strict = dataclasses.replace(settings, min_words=9)
    cause = "2 words, min_words = 9"
    expected = Document("web", "1", "Menu\nA sentence.", Reason.TOO_SHORT, cause=cause)
    assert apply_filters(document, strict, None) == expected


def test_a_greek_question_ends_in_a_semicolon_and_no_other_line_does():
    assert (
        filter_text("Τι κάνεις;\nκαλά;»\nint x;\nΕίναι", FilterSettings(end_marks=".?"), None) == "Τι κάνεις;\nκαλά;»"
    )


def test_a_text_of_which_nothing_is_left_is_empty():
    assert filter_text("Menu\nHome", FilterSettings(end_marks="."), None).reason is Reason.EMPTY
