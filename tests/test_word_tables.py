"""The compiled pass against SentencePiece: the same ids for every sentence of which it is sure."""

import functools
import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from hypothesis import example, given
from hypothesis import strategies as st

from xlnet_data.errors import TokenizerError
from xlnet_data.text import word_tables
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.text.vocabularies import train_tokenizer
from xlnet_data.text.word_tables import make_word_table, why_slow

pytestmark = pytest.mark.skipif(
    word_tables._word_table is None, reason="there was no C compiler when xlnet-data was installed"
)

SYMBOLS = ["<eop>", ".", "(", ")", '"', "-", "–", "£", "€"]
VARIANTS: dict[str, dict[str, Any]] = {
    "as XLNet's": {},
    "identity normalizer": {"normalization_rule_name": "identity"},
    "folded case": {"normalization_rule_name": "nmt_nfkc_cf"},
    "no symbols": {"user_defined_symbols": [], "unk_id": 2, "bos_id": 0, "eos_id": 1},
    "symbols that hold one another": {"user_defined_symbols": [".", "..", "ab", "b.", "-"]},
    "spaces as pieces of numbers": {"split_digits": True, "split_by_number": False},
}
SLOW_VARIANTS: dict[str, tuple[dict[str, Any], str]] = {
    "bpe": ({"model_type": "bpe"}, "not a unigram model"),
    "bytes": ({"byte_fallback": True, "vocab_size": 600}, "unknown characters as bytes"),
    "suffix": ({"treat_whitespace_as_suffix": True}, "behind words"),
    "no prefix": ({"add_dummy_prefix": False}, "spaces in the usual way"),
    "kept spaces": ({"remove_extra_whitespaces": False}, "spaces in the usual way"),
    "across words": ({"split_by_whitespace": False}, "goes beyond a word"),
    "symbol with a space": ({"user_defined_symbols": ["a b"]}, "holds a space"),
}

WORDS = (
    "ka|lo|44|4|444|4444|the|end|ABC|don't|é|e\u0301|が|か\u3099|한|ᄒ\u1161|नमस्ते|中文字|。|،|สวัสดี|\u200b|ﬁ|½|…|´|\u00a8|ﷺ|😀|"
    "x\u0338|<\u0338|.\u0338|-\u0338|\u0301|\u00ad|\ufeff|\ufffd|\U000e0041|▁|▁▁|ж|ⓐ|①|²|\x07|\x7f|\x00|\x1b|<eop>|<eop|<cls>|<unk>"
)
MARKS = '.|,|..|...|(|)|"|-|--|–|£|€|!|b.|ab|<|>'
SPACES = " | | | |  |\t|\n|\u00a0|\u2003|\u3000"
fragments = st.sampled_from([*WORDS.split("|"), *MARKS.split("|"), *SPACES.split("|"), "w" * 70, "ka." * 30])
sentences = st.lists(fragments, max_size=14).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=25
)


def sample_text() -> list[str]:
    """Return sentences in which the same digits and letters stand in many orders, so that near-ties are frequent."""
    draw = random.Random(3)
    parts = [part for part in WORDS.split("|") if part.isprintable()]
    words = ["".join(draw.choices("kalomiten4", k=draw.randint(1, 7))) for _ in range(300)]
    return [
        " ".join([*draw.choices(words, k=6), *draw.choices(parts, k=2)]) + draw.choice([".", "!", ",", "-", "ab", "b."])
        for _ in range(1500)
    ]


@functools.cache
def model(variant: str) -> bytes:
    file = io.BytesIO()
    settings = {"vocab_size": 320, "character_coverage": 1.0, "user_defined_symbols": SYMBOLS}
    options = VARIANTS[variant] if variant in VARIANTS else SLOW_VARIANTS[variant][0]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sample_text()),
        model_writer=file,
        minloglevel=2,
        hard_vocab_limit=False,
        num_threads=2,
        **(settings | options),
    )
    return file.getvalue()


@functools.cache
def loaded(variant: str, max_words: int = 1 << 16, max_bytes: int = 1 << 20) -> tuple[Any, Any]:
    content = model(variant)
    processor = sentencepiece.SentencePieceProcessor(model_proto=content)
    return processor, make_word_table(content, processor, max_words, max_bytes)


def ids_of(table: Any, texts: list[str]) -> dict[int, list[int]]:
    """Return the ids of the sentences that the table is sure of."""
    ids, lens, unsure = table.encode(texts)
    all_lens = np.frombuffer(lens, np.int64)
    found = np.split(np.frombuffer(ids, np.int32), np.cumsum(all_lens)[:-1]) if texts else []
    assert all_lens[unsure].tolist() == [0] * len(unsure)
    return {i: own.tolist() for i, own in enumerate(found) if i not in unsure}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_sentence_that_it_is_sure_of_has_sentencepieces_ids(variant: str) -> None:
    processor, table = loaded(variant)
    assert why_slow(model(variant), processor) is None

    @given(st.lists(sentences, max_size=6))
    @example(["44 4 44 444 4 ka", "44 4", "4 44", "444"])
    @example(["a \x07.", "\u200b", ".\u200bx", "x\u00a8 y", "a.\u0338b -\u0338", ""])
    def check(texts: list[str]) -> None:
        found = ids_of(table, texts)
        assert found == {i: processor.encode(texts[i]) for i in found}

    check()


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_sure_of_most_real_sentences_and_they_all_have_sentencepieces_ids(variant: str) -> None:
    processor, table = loaded(variant)
    texts = [" ".join(text.split()) for text in sample_text()]
    found = ids_of(table, texts)
    assert found == {i: processor.encode(texts[i]) for i in found}
    assert len(found) > len(texts) / 2


@given(st.lists(sentences, max_size=12), st.integers(1, 5))
def test_what_the_table_holds_changes_no_id(texts: list[str], max_words: int) -> None:
    _, large = loaded("as XLNet's")
    _, small = loaded("as XLNet's", max_words)
    expected = large.encode(texts)
    assert small.encode(texts) == small.encode(texts) == expected
    assert [one for text in texts for one in small.encode([text])[2]] == [0] * len(expected[2])


def test_a_full_table_is_emptied_and_never_holds_more_than_it_may() -> None:
    for max_words, max_bytes in ((7, 1 << 20), (1 << 16, 4096)):
        processor, table = loaded("as XLNet's", max_words, max_bytes)
        texts = [f"ka{i} lo{i} mi{i}" for i in range(500)]
        found = ids_of(table, texts)
        assert found == {i: processor.encode(texts[i]) for i in found}
        counts = table.counts()
        assert counts["words"] <= max_words
        assert counts["bytes"] <= max_bytes
        assert counts["emptied"] > 10
        assert counts["looked_up"] == counts["new"] == 1500


def test_a_word_that_is_known_is_looked_up_and_not_cut_again() -> None:
    _, table = loaded("as XLNet's", 100)
    table.encode(["ka lo ka lo", "ka."])
    assert table.counts()["looked_up"] == 6
    assert table.counts()["new"] == 3


def test_rounding_decides_between_equal_sums_so_it_is_unsure_of_them() -> None:
    """Of two ways with the same pieces in another order, SentencePiece takes now one, now the other."""
    processor, table = loaded("as XLNet's")
    words = {"".join(random.Random(i).choices("kalo4", k=5)) for i in range(3000)}
    ways: dict[str, set[tuple[int, ...]]] = {word: set() for word in words}
    for before in ("", "mi ", "ten ka ", "lo 4 ka 4 mi "):
        skipped = len(processor.encode(before))
        for word in words:
            ways[word].add(tuple(processor.encode(before + word)[skipped:]))
    wavering = [word for word, found in ways.items() if len(found) > 1]
    assert wavering
    assert table.encode(wavering)[2] == [*range(len(wavering))]


@pytest.mark.parametrize("length", [100, 10_000, 130_000, 1_000_000])
def test_long_lines_have_sentencepieces_ids_too(length: int) -> None:
    processor, table = loaded("as XLNet's")
    draw = random.Random(length)
    words = " ".join(text for text in sample_text()).split()
    texts = [" ".join(draw.choices(words, k=length // 6)), "".join(draw.choices(words, k=length // 6)), "中" * length]
    found = ids_of(table, texts)
    assert found == {i: processor.encode(texts[i]) for i in found}


@pytest.mark.parametrize("variant", SLOW_VARIANTS)
def test_a_model_whose_words_depend_on_one_another_is_left_to_sentencepiece(variant: str) -> None:
    content, reason = model(variant), SLOW_VARIANTS[variant][1]
    processor = sentencepiece.SentencePieceProcessor(model_proto=content)
    assert reason in (why_slow(content, processor) or "")
    assert make_word_table(content, processor) is None


def test_a_sentence_that_is_no_text_is_refused() -> None:
    _, table = loaded("as XLNet's")
    with pytest.raises(TypeError):
        table.encode([b"ka"])
    with pytest.raises(UnicodeEncodeError):
        table.encode(["ka", "\ud800"])


def test_comparing_some_ids_finds_a_table_that_gives_others(tmp_path: Path) -> None:
    texts = [" ".join(text.split()) for text in sample_text()][:200]
    for name, size in (("own", 270), ("other", 240)):
        train_tokenizer(sample_text(), TokenizerSettings(vocab_size=size), str(tmp_path / name))
    other = Tokenizer.load(str(tmp_path / "other"), TokenizerSettings())
    tokenizer = Tokenizer.load(str(tmp_path / "own"), TokenizerSettings())
    expected = tokenizer.encode(texts, check_ids=1.0)[0].tolist()
    tokenizer._word_table = other._word_table
    for share in (1.0, 0.1):
        with pytest.raises(TokenizerError, match="other ids than SentencePiece to '"):
            tokenizer.encode(texts, share)
    assert tokenizer.encode(texts)[0].tolist() != expected
