"""The tokenizer against a slow reading of the same rules, one sentence and one character at a time."""

import dataclasses
import functools
import io
import pickle
import random
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from hypothesis import example, given
from hypothesis import strategies as st

from xlnet_data.errors import ConfigError, CorpusError, TokenizerError
from xlnet_data.schemas.example import EOD_ID, EOP_ID, SPECIAL_PIECES, UNK_ID
from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.encoding import encode_documents
from xlnet_data.text.offsets import locate_tokens
from xlnet_data.text.sentences import split_document
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.text.vocabularies import train_tokenizer

SMALL = TokenizerSettings(vocab_size=420)
OPTIONS = [
    SMALL,
    dataclasses.replace(SMALL, lowercase=True),
    dataclasses.replace(SMALL, keep_accents=True),
    dataclasses.replace(SMALL, lowercase=True, keep_accents=True, eop=False),
]

WORDS = (
    "2000,|1,000,| 1,000,000, |-1999,|(300,|x5,|²,|café|Ünï|が|か\u3099|नमस्ते|й|한글|中文。|，|ΑΣ|Σ|İ|ﬁ|¨|…|’|½|①|ship"
)
MARKS = "``|''|`|'|'''|\"|<eod>|<eop>|<mask>|<EOP>|\x00|\x07|\x7f|▁|▁2,|Mr. |No. |Ends. |the sea|😀|\U0001d400"
SPACES = " |  |\t|\r|\x0b|\x1c|\x85|\xa0|\u2003|\u2028|\u3000|\ufeff|\u200b|\n"
fragments = st.sampled_from([*WORDS.split("|"), *MARKS.split("|"), *SPACES.split("|"), "w" * 500])
sentences = st.lists(fragments, max_size=12).map("".join) | st.text(max_size=30)
paragraphs = st.lists(fragments, min_size=1, max_size=12).map("".join)
documents = st.lists(paragraphs, max_size=4).map("\n\n".join)


def sample_text() -> list[str]:
    """Return sentences of invented words and many numbers, always the same."""
    draw = random.Random(7)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 6))) for _ in range(400)]
    numbers = ["2000,", "-1999,", "(300,", "10,", "1,000,", "5,000,000,", "300,000,", "2,"]
    lines = []
    for _ in range(1500):
        line = [
            *draw.choices(words, k=6),
            *draw.choices(numbers, k=3),
            draw.choice(["ABC", "(dog)", "が", "é", "х`q'", "<"]),
        ]
        draw.shuffle(line)
        lines.append(" ".join(line) + draw.choice([".", "!", ",", "; fjwxyz"]))
    return lines


@functools.cache
def trained() -> str:
    path = Path(tempfile.mkdtemp(prefix="xlnet-data-test-")) / "small.model"
    train_tokenizer(sample_text(), SMALL, str(path))
    return str(path)


def load(settings: TokenizerSettings = SMALL) -> Tokenizer:
    return Tokenizer.load(trained(), settings)


@functools.cache
def plain_processor() -> Any:
    return sentencepiece.SentencePieceProcessor(model_file=trained())


def slow_clean(sentence: str, settings: TokenizerSettings) -> str:
    sentence = " ".join(sentence.split())
    sentence = sentence.replace("``", '"')
    sentence = sentence.replace("''", '"')
    if not settings.keep_accents:
        decomposed = unicodedata.normalize("NFKD", sentence)
        sentence = "".join(character for character in decomposed if unicodedata.combining(character) == 0)
    return sentence.lower() if settings.lowercase else sentence


def slow_ids(sentence: str, settings: TokenizerSettings) -> list[int]:
    processor = plain_processor()
    pieces: list[str] = []
    for piece in processor.encode(slow_clean(sentence, settings), out_type=str):
        if len(piece) < 2 or piece[-1] != "," or not piece[-2].isdigit():
            pieces.append(piece)
            continue
        inner = processor.encode(piece[:-1].replace("▁", ""), out_type=str)
        if inner[0][0] == "▁" and piece[0] != "▁":
            inner = inner[1:] if inner[0] == "▁" else [inner[0][1:], *inner[1:]]
        pieces += [*inner, ","]
    return [processor.piece_to_id(piece) for piece in pieces]


def slow_document(text: str, settings: TokenizerSettings, is_sentence_per_line: bool) -> list[list[int]]:
    document = []
    for paragraph in text.split("\n\n"):
        parts = paragraph.split("\n") if is_sentence_per_line else split_document(paragraph, "en", False)[0]
        encoded = [ids for part in parts if (ids := slow_ids(part, settings))]
        if encoded and settings.eop and encoded[-1][-1] != EOP_ID:
            encoded[-1].append(EOP_ID)
        document += encoded
    if document:
        document[-1].append(EOD_ID)
    return document


def ids_of(text: str, settings: TokenizerSettings = SMALL) -> list[int]:
    ids, lens = load(settings).encode([text])
    assert lens.tolist() == [len(ids)]
    return ids.tolist()


def pieces_of(text: str, settings: TokenizerSettings = SMALL) -> list[str]:
    return [load(settings).pieces[i] for i in ids_of(text, settings)]


@given(st.lists(sentences, max_size=8), st.sampled_from(OPTIONS))
def test_cleaning_many_sentences_at_once_equals_cleaning_each_alone(
    texts: list[str], settings: TokenizerSettings
) -> None:
    assert clean_sentences(texts, settings) == [slow_clean(text, settings) for text in texts]


def test_white_space_at_the_ends_goes_from_the_sentence_that_has_it_and_from_no_other() -> None:
    texts = ["a", " b", "c ", "d", "e''", "'f", "'", "'g", "", " ", "h\n", "\ni", "j  k"]
    assert clean_sentences(texts, SMALL) == [slow_clean(text, SMALL) for text in texts]
    assert clean_sentences([" a", "b"], SMALL) == ["a", "b"]


@pytest.mark.parametrize("settings", OPTIONS)
def test_every_character_is_cleaned_as_the_slow_reading_cleans_it(settings: TokenizerSettings) -> None:
    texts = [f"a{chr(code)}b{chr(code)}" for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for start in range(0, len(texts), 100_000):
        part = texts[start : start + 100_000]
        assert clean_sentences(part, settings) == [slow_clean(text, settings) for text in part]


@given(st.lists(sentences, max_size=8), st.sampled_from(OPTIONS))
def test_ids_equal_those_of_the_slow_reading(texts: list[str], settings: TokenizerSettings) -> None:
    ids, lens = load(settings).encode(texts)
    expected = [slow_ids(text, settings) for text in texts]
    assert lens.tolist() == [len(one) for one in expected]
    assert ids.tolist() == [i for one in expected for i in one]
    assert ids.dtype == np.uint16


@example(["Ends. ''x5,"], SMALL, False)
@given(st.lists(documents, max_size=5), st.sampled_from(OPTIONS), st.booleans())
def test_documents_equal_those_of_the_slow_reading(texts: list[str], settings: TokenizerSettings, lines: bool) -> None:
    encoded = encode_documents(texts, load(settings), "en", lines)
    expected = [slow_document(text, settings, lines) for text in texts]
    assert encoded.doc_sentences.tolist() == [len(document) for document in expected]
    assert encoded.sentence_lens.tolist() == [len(sentence) for document in expected for sentence in document]
    assert encoded.doc_lens.tolist() == [sum(map(len, document)) for document in expected]
    assert encoded.ids.tolist() == [i for document in expected for sentence in document for i in sentence]


def test_encoded_documents_have_the_promised_types() -> None:
    encoded = encode_documents(["ka lo.", ""], load(), "en", False)
    dtypes = [encoded.ids.dtype, encoded.doc_lens.dtype, encoded.sentence_lens.dtype, encoded.doc_sentences.dtype]
    assert dtypes == [np.uint16, np.int64, np.uint32, np.int64]


def test_many_thousand_sentences_keep_their_order_and_lengths() -> None:
    texts = [f"ka {i}, lo" if i % 7 else f"ká {i}," for i in range(20_000)]
    ids, lens = load().encode(texts)
    starts = np.cumsum(lens) - lens
    for i in [0, 1, 8191, 8192, 8193, 16_384, 19_999]:
        assert ids[starts[i] : starts[i] + lens[i]].tolist() == slow_ids(texts[i], SMALL)
    assert len(ids) == lens.sum()


def test_the_test_model_has_pieces_of_both_kinds_that_end_in_digit_and_comma() -> None:
    found = [piece for piece in load().pieces if len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit()]
    assert any(piece.startswith("▁") for piece in found)
    assert any(not piece.startswith("▁") for piece in found)


def test_a_comma_after_a_number_is_its_own_piece() -> None:
    for text in ["2000,", "ka 2000, lo -1999, mi", "(300,", "2, 2,"]:
        pieces = pieces_of(text)
        assert "".join(pieces).replace("▁", " ").strip() == text
        assert not [piece for piece in pieces if len(piece) > 1 and piece.endswith(",")]


@given(sentences)
def test_located_tokens_are_the_encoded_ones_in_the_order_of_the_text(text: str) -> None:
    found = locate_tokens(load(), text)
    assert found.ids == load().encode([text])[0].tolist()
    places = list(zip(found.starts, found.stops, strict=True))
    assert all(0 <= start <= stop <= len(text) for start, stop in places)
    assert found.starts == sorted(found.starts)


def test_a_number_and_the_comma_behind_it_are_located_apart() -> None:
    text = "ka  2000, (300, -1999,x"
    found = locate_tokens(load(), text)
    for token, start, stop in zip(found.ids, found.starts, found.stops, strict=True):
        shown = load().pieces[token].replace("▁", "")
        assert shown in ("<unk>", text[start:stop]), (shown, text[start:stop])


def test_a_fresh_model_has_the_special_pieces_at_ids_0_to_16() -> None:
    processor = plain_processor()
    assert tuple(processor.id_to_piece(i) for i in range(17)) == SPECIAL_PIECES
    assert SPECIAL_PIECES[7:9] == ("<eod>", "<eop>")
    assert SPECIAL_PIECES[12:] == ('"', "-", "–", "£", "€")


def test_user_symbols_given_as_one_string_make_a_model_that_is_refused_with_its_wrong_ids(tmp_path: Path) -> None:
    path = tmp_path / "trap.model"
    with open(path, "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sample_text()),
            model_writer=file,
            vocab_size=300,
            control_symbols="<cls>,<sep>,<pad>,<mask>,<eod>",
            user_defined_symbols='<eop>,.,(,),",-,–,£,€',
            minloglevel=2,
        )
    with pytest.raises(TokenizerError, match=r"id 12 must be '\"', found") as caught:
        Tokenizer.load(str(path), SMALL)
    for i in range(17):
        assert (f"id {i} must be {SPECIAL_PIECES[i]!r}, found" in str(caught.value)) == (i >= 12)


def test_a_model_in_which_text_could_spell_a_control_symbol_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spellable.model"
    with open(path, "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sample_text()),
            model_writer=file,
            vocab_size=300,
            user_defined_symbols=list(SPECIAL_PIECES[3:]),
            minloglevel=2,
        )
    with pytest.raises(TokenizerError, match=r"id 7 \('<eod>'\) must be a control symbol"):
        Tokenizer.load(str(path), SMALL)


@pytest.mark.parametrize("content", [b"", b"no model", bytes(5000), b"\x0a" * 999])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.model"
    path.write_bytes(content)
    with pytest.raises(TokenizerError, match=r"letter\.model is not a SentencePiece model"):
        Tokenizer.load(str(path), SMALL)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match=r"absent\.model: No such file"):
        Tokenizer.load(str(tmp_path / "absent.model"), SMALL)


def test_text_that_spells_eod_does_not_end_the_document_and_eop_ends_a_paragraph() -> None:
    assert EOD_ID not in ids_of("ka <eod> lo<eod>")
    assert ids_of("ka.<eop>")[-2:] == [9, EOP_ID]


def test_eop_is_glued_to_a_line_end_or_appended_but_never_doubled() -> None:
    encoded = encode_documents(["ka lo.<eop>\nmi ten.\n\nsur."], load(), "en", True)
    ends = np.cumsum(encoded.sentence_lens)
    tails = [encoded.ids[end - 3 : end].tolist() for end in ends]
    assert [tail[1:] for tail in tails[:2]] == [[9, EOP_ID], [9, EOP_ID]]
    assert tails[2] == [9, EOP_ID, EOD_ID]
    assert encoded.ids.tolist().count(EOP_ID) == 3


def test_without_eop_only_the_document_end_is_marked() -> None:
    encoded = encode_documents(["ka lo.\n\nmi."], load(dataclasses.replace(SMALL, eop=False)), "en", False)
    assert EOP_ID not in encoded.ids
    assert encoded.ids.tolist().count(EOD_ID) == 1
    assert encoded.ids[-1] == EOD_ID


def test_documents_without_text_have_no_tokens_and_no_sentences() -> None:
    encoded = encode_documents(["", "ka.", " \n\n\t", "\x07", "lo."], load(), "en", False)
    assert encoded.doc_sentences.tolist() == [0, 1, 0, 0, 1]
    assert (encoded.doc_lens == 0).tolist() == [True, False, True, True, False]
    assert encode_documents([], load(), "en", False).ids.size == 0
    assert encode_documents(["", ""], load(), "en", False).doc_lens.tolist() == [0, 0]


def test_one_sentence_per_line_takes_the_lines_and_nothing_else() -> None:
    encoded = encode_documents(["ka. Lo. Mi\nten\n\nsur"], load(), "en", True)
    assert encoded.doc_sentences.tolist() == [3]
    assert encode_documents(["ka. Lo. Mi\nten\n\nsur"], load(), "en", False).doc_sentences.tolist() == [4]


def test_accents_go_unless_they_are_kept() -> None:
    assert clean_sentences(["が é नमस्ते"], SMALL) == ["か e नमसते"]
    kept = dataclasses.replace(SMALL, keep_accents=True)
    assert clean_sentences(["が é नमस्ते"], kept) == ["が é नमस्ते"]
    assert ids_of("é") == ids_of("e") != ids_of("é", kept)


def test_lowercase_lowers() -> None:
    lowered = dataclasses.replace(SMALL, lowercase=True)
    assert ids_of("KA Lo", lowered) == ids_of("ka lo") != ids_of("KA Lo")


def test_a_lone_surrogate_is_replaced_instead_of_failing() -> None:
    assert ids_of("ka \ud800") == ids_of("ka \ufffd")
    for lines in (False, True):
        found = encode_documents(["ka \udfff. Lo."], load(), "en", lines)
        assert found.ids.tolist() == encode_documents(["ka \ufffd. Lo."], load(), "en", lines).ids.tolist()


def test_word_starts_and_start_pieces_follow_the_pieces() -> None:
    tokenizer = load()
    for i, piece in enumerate(tokenizer.pieces):
        assert tokenizer.is_word_start[i] == (piece[0] == "▁")
        assert tokenizer.is_start_piece[i] == (piece[0] in "▁<" or piece in list('!"#$%&()*+,-./:;?@[\\]^_`{|}~'))
    assert tokenizer.is_start_piece[9]
    assert not tokenizer.is_start_piece[14]  # the en dash


def test_a_pickled_tokenizer_is_its_path_and_arrives_whole() -> None:
    tokenizer = load()
    pickled = pickle.dumps(tokenizer)
    assert len(pickled) < 1000
    assert pickle.loads(pickled) is tokenizer


def test_a_copy_of_a_tokenizer_has_its_own_path_and_leaves_the_first_ones(tmp_path: Path) -> None:
    tokenizer = load()
    (tmp_path / "copy.model").write_bytes(tokenizer.model_bytes)
    copied = tokenizer.copied_to(str(tmp_path / "copy.model"))
    assert (copied.path, tokenizer.path, load().path) == (str(tmp_path / "copy.model"), trained(), trained())
    assert copied.encode(["A word."])[0].tolist() == tokenizer.encode(["A word."])[0].tolist()
    assert pickle.loads(pickle.dumps(copied)).path == copied.path


def test_a_model_that_changed_under_a_pickled_tokenizer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moved.model"
    path.write_bytes(Path(trained()).read_bytes())
    pickled = pickle.dumps(Tokenizer.load(str(path), SMALL))
    train_tokenizer(sample_text(), TokenizerSettings(vocab_size=300), str(path))
    with pytest.raises(TokenizerError, match="has changed since"):
        pickle.loads(pickled)


def test_two_trainings_give_the_same_bytes_and_say_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    train_tokenizer(iter(sample_text()), SMALL, str(tmp_path / "again" / "small.model"))
    assert (tmp_path / "again" / "small.model").read_bytes() == Path(trained()).read_bytes()
    assert [file.name for file in (tmp_path / "again").iterdir()] == ["small.model"]
    assert capfd.readouterr() == ("", "")


def test_training_text_is_cleaned_like_the_text_to_encode(tmp_path: Path) -> None:
    path = str(tmp_path / "lower.model")
    settings = TokenizerSettings(vocab_size=300, lowercase=True)
    train_tokenizer([f"{line} CAFÉ Ж" for line in sample_text()], settings, path)
    letters = set("".join(Tokenizer.load(path, settings).pieces[len(SPECIAL_PIECES) :]))
    assert "ж" in letters
    assert letters.isdisjoint("ABCÉéЖが")


def test_a_vocabulary_too_large_for_the_text_names_the_largest_that_works(tmp_path: Path) -> None:
    path = str(tmp_path / "large.model")
    with pytest.raises(TokenizerError, match=r"vocab_size=9000: the largest possible is \d+") as caught:
        train_tokenizer(sample_text(), TokenizerSettings(vocab_size=9000), path)
    assert not list(tmp_path.iterdir())
    largest = int(str(caught.value).split("largest possible is ")[1].split(";")[0])
    train_tokenizer(sample_text(), TokenizerSettings(vocab_size=largest), path)
    assert Tokenizer.load(path, SMALL).vocab_size == largest


def test_a_vocabulary_too_small_for_the_characters_names_the_smallest_that_works(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match=r"vocab_size=20 does not hold .* at least \d+"):
        train_tokenizer(sample_text(), TokenizerSettings(vocab_size=20), str(tmp_path / "small.model"))


def test_training_from_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="no text to train"):
        train_tokenizer(["", " "], SMALL, str(tmp_path / "none.model"))


def test_an_error_of_the_reader_comes_out_of_the_training_as_it_is(tmp_path: Path) -> None:
    def fail() -> Any:
        yield from sample_text()[:50]
        raise CorpusError("the file ends too early")

    with pytest.raises(CorpusError, match=r"^the file ends too early$"):
        train_tokenizer(fail(), SMALL, str(tmp_path / "none.model"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("vocab_size", 17),
        ("vocab_size", 1 << 31),
        ("sample_sentences", 100),
        ("character_coverage", 0.9),
    ],
)
def test_a_setting_out_of_range_is_named_with_its_value(setting: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{setting} must .*{value}"):
        TokenizerSettings(**{setting: value})


def test_an_unknown_piece_is_one_unk() -> None:
    assert ids_of("ж")[-1] == UNK_ID


def test_the_model_is_parsed_once_per_process() -> None:
    assert load() is load()
    assert io.BytesIO(load().model_bytes).read() == Path(trained()).read_bytes()
