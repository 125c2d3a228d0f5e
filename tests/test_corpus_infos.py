"""What the manifest says of a corpus's text: unknown tokens, changed letters, lengths, and what is dropped."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.datasets.advice import warn_of_clean_up, warn_of_losses, warn_of_unknown
from xlnet_data.datasets.corpus_infos import corpus_info
from xlnet_data.ingestion.placing import EXCERPT_CHARS, tokenize_documents
from xlnet_data.ingestion.tallies import NUM_SAMPLES, Tally, add_tallies
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.schemas.example import UNK_ID
from xlnet_data.schemas.manifest import CorpusInfo
from xlnet_data.text.clean_up import clean_sentences, count_letters
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer


def config_with(**tokenizer: object) -> BuildConfig:
    corpora = [{"name": "texts", "format": "text", "paths": ["*.txt"]}]
    return parse_config({"tokenizer": tokenizer, "corpora": corpora}, ".")


def tally_of(documents: Sequence[Document], model: Path, **tokenizer: object) -> Tally:
    config = config_with(**tokenizer)
    loaded = Tokenizer.load(str(model), config.tokenizer)
    return tokenize_documents(documents, config.corpora[0], loaded, config).tally


def info_of(documents: Sequence[Document], model: Path, **tokenizer: object) -> CorpusInfo:
    return corpus_info("texts", tally_of(documents, model, **tokenizer), 0, [])


def test_unknown_tokens_are_counted_and_warned_of(small_model: Path, invent: Callable[..., str]) -> None:
    texts = [invent(1), "Ελληνικά γράμματα. " * 20]
    info = info_of([Document("texts", str(i), text) for i, text in enumerate(texts)], small_model)
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings())
    ids = [tokenizer.encode([text])[0] for text in texts]
    assert info.unknown_frac == pytest.approx(sum((i == UNK_ID).sum() for i in ids) / sum(map(len, ids)), rel=0.3)
    assert info_of([Document("texts", "0", texts[0])], small_model).unknown_frac == 0
    (trained,) = warn_of_unknown(config_with(model="m"), {"texts": info.unknown_frac, "fine": 0.01})
    (untrained,) = warn_of_unknown(config_with(), {"texts": 0.339})
    assert "train a vocabulary on this text" in trained
    assert untrained.startswith("33.9% of the tokens of corpus 'texts' are <unk>")
    assert "character_coverage" in untrained


def test_the_characters_that_become_unknown_are_counted_and_so_are_pieces_and_words(small_model: Path) -> None:
    documents = [
        Document("texts", str(number), text) for number, text in enumerate(("a 語 b 語字。", "c. 字ﬁ語", "a b"))
    ]
    info = info_of(documents, small_model)
    assert list(info.unknown_chars.items()) == [("語", 3), ("字", 2), ("。", 1)]  # ﬁ is f and i to SentencePiece
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings())
    pieces = [tokenizer.pieces[token] for document in documents for token in tokenizer.encode([document.text])[0]]
    assert info.pieces_per_word == len(pieces) / sum(piece.startswith("▁") for piece in pieces)


def test_letters_that_lose_a_mark_are_counted_unless_they_keep_it(small_model: Path) -> None:
    document = Document("texts", "1", "Gâteau été.")  # 9 letters, 3 of them with an accent
    assert info_of([document], small_model).changed_letter_frac == 3 / 9
    assert info_of([document], small_model, keep_accents=True).changed_letter_frac == 0
    assert list(warn_of_clean_up({"texts": 0.01})) == []
    (warning,) = warn_of_clean_up({"texts": 3 / 9})
    assert warning.startswith("33.3% of the letters of corpus 'texts' lose an accent")


@given(st.text(st.characters(categories=["L", "M", "Nd", "Po", "Zs"]), max_size=40))
def test_a_letter_counts_as_changed_if_and_only_if_the_clean_up_changes_it(text: str) -> None:
    letters = [character for character in text if unicodedata.category(character)[0] in "LM"]
    changed = [letter for letter in letters if clean_sentences([letter], TokenizerSettings()) != [letter]]
    assert count_letters(text, TokenizerSettings()) == (len(letters), len(changed))


def test_lengths_are_counted_by_powers_of_two(small_model: Path, invent: Callable[..., str]) -> None:
    documents = [Document("texts", str(number), invent(number)) for number in range(12)]
    config = config_with()
    tokenizer = Tokenizer.load(str(small_model), config.tokenizer)
    rows = tokenize_documents(documents, config.corpora[0], tokenizer, config).rows.to_pylist()
    document_lens = [len(row["ids"]) // 2 for row in rows]
    sentence_lens = [n for row in rows for n in np.frombuffer(row["sentence_lens"], np.uint32).tolist()]
    info = info_of(documents, small_model)
    for found, lens in ((info.document_lens, document_lens), (info.sentence_lens, sentence_lens)):
        assert found == {str(n): count for n, count in sorted(Counter(1 << n.bit_length() - 1 for n in lens).items())}


def test_a_few_dropped_documents_stand_for_the_rest_whatever_the_order_in_which_they_are_read(
    small_model: Path,
) -> None:
    short = [Document("texts", str(i), f"Text {i}", Reason.TOO_SHORT, cause=f"{i} words") for i in range(40)]
    long = [Document("texts", "long", "x" * 500, Reason.TOO_LONG, cause="500 characters")]
    whole = tally_of([*short, *long], small_model)
    parts = [tally_of(part, small_model) for part in (long, short[30:], short[:7], short[7:30])]
    assert add_tallies(parts).samples == whole.samples
    found = corpus_info("texts", whole, 0, []).dropped_samples
    assert [len(samples) for samples in found.values()] == [1, NUM_SAMPLES]
    assert all(sample.cause == f"{sample.doc_id} words" for sample in found["too_short"])
    assert found["too_long"][0].excerpt == "x" * EXCERPT_CHARS


@pytest.mark.parametrize(
    ("kept", "dropped", "told"),
    [
        (10, {"too_short": 10}, None),
        (9, {"too_short": 7, "language": 3}, "gives only 9 of its 19 documents: 7 are dropped as too_short; see some"),
        (9, {"language": 10}, "correct the corpus's `language` if it is another"),
        (9, {"stop_words": 10}, "change that limit in the corpus's `filters`"),
        (0, {"malformed": 3}, "gives no document: 3 are dropped as malformed; see some with"),
        (9, {"redirect": 900, "http_status": 900, "near_duplicate": 900, "epochs": 900}, None),
        (9, {"redirect": 900, "duplicate": 5, "too_short": 14}, None),
        (0, {"redirect": 900}, "gives no document: its records are dropped as redirect (900)"),
        (0, {}, "gives no document: its files hold none"),
    ],
)
def test_a_corpus_that_loses_most_of_its_documents_is_named_with_the_main_reason(
    kept: int, dropped: dict[str, int], told: str | None
) -> None:
    warnings = list(warn_of_losses({"the web": (kept, dropped)}))
    assert len(warnings) == (told is not None)
    if told is not None:
        assert warnings[0].startswith("corpus 'the web' gives ")
        assert told in warnings[0]


def test_the_command_in_a_warning_of_losses_can_be_given_as_it_is() -> None:
    (warning,) = warn_of_losses({"the web": (1, {"too_short": 9})})
    assert "`xlnet-data documents CONFIG --corpus 'the web' --reason too_short`" in warning
