"""Encodes whole documents: sentences are split, encoded, and marked with <eop> and <eod>."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

import numpy as np
import numpy.typing as npt

from xlnet_data.schemas.example import EOD_ID, EOP_ID, UNK_ID
from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.ids import IdArray
from xlnet_data.text.language_codes import language_code
from xlnet_data.text.sentences import split_document, split_documents
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class EncodedDocuments:
    """The ids of several documents, one after another.

    Attributes:
        ids: uint16 or int32 [num_tokens], with <eop> and <eod>.
        doc_lens: int64 [num_docs], tokens; 0 for a document without text.
        sentence_lens: uint32 [num_sentences], tokens, at least 1.
        doc_sentences: int64 [num_docs], sentences.
        num_words: Pieces that begin a word.
        unknown_chars: Characters that became <unk>, with how often they stand in the texts.
    """

    ids: IdArray
    doc_lens: npt.NDArray[np.int64]
    sentence_lens: npt.NDArray[np.uint32]
    doc_sentences: npt.NDArray[np.int64]
    num_words: int
    unknown_chars: Counter[str]


def clean_text(text: str, settings: TokenizerSettings, language: str, is_sentence_per_line: bool) -> str:
    r"""Return a document as SentencePiece sees it: a sentence a line, a blank line between paragraphs.

    >>> clean_text("Un café. ``Deux.''\n\nFin", TokenizerSettings(), "fr", is_sentence_per_line=False)
    'Un cafe.\n"Deux."\n\nFin'

    Raises:
        ConfigError: The language's code is not one.
    """
    sentences, sizes = split_document(text, language_code(language), is_sentence_per_line)
    remaining = iter(clean_sentences(sentences, settings))
    return "\n\n".join("\n".join(islice(remaining, size)) for size in sizes)


def encode_lines(tokenizer: Tokenizer, lines: Iterable[str]) -> Iterator[IdArray]:
    """Yield the ids of lines, each a sentence, uint16 or int32 [tokens] each."""
    remaining = iter(lines)
    while batch := list(islice(remaining, 10_000)):
        ids, lens = tokenizer.encode(batch)
        yield from cast("list[IdArray]", np.split(ids, np.cumsum(lens)[:-1]))


def encode_documents(
    texts: Sequence[str], tokenizer: Tokenizer, language: str, is_sentence_per_line: bool, check_ids: float = 0.0
) -> EncodedDocuments:
    """Encode whole documents; about a megabyte of text at once is fastest.

    Args:
        texts: Paragraphs separated by blank lines.
        tokenizer: A loaded model.
        language: Code of the texts' language, for the sentence ends.
        is_sentence_per_line: True: each line is a sentence. False: sentence ends are looked for.
        check_ids: Share of the sentences whose ids are compared with SentencePiece's.

    Raises:
        ConfigError: The language's code is not one.
        TokenizerError: Compared ids differ.
    """
    code = language_code(language)
    sentences, paragraphs, counts = split_documents(texts, code, is_sentence_per_line)
    ids, lens = tokenizer.encode(sentences, check_ids)
    unknown = np.unique(np.searchsorted(np.cumsum(lens), np.flatnonzero(ids == UNK_ID), side="right"))
    paragraph_of = np.repeat(np.arange(len(paragraphs)), paragraphs)
    document_of = np.repeat(np.arange(len(texts)), counts)
    kept = lens > 0  # a sentence that encodes to nothing vanishes: the one before it then ends the paragraph
    lens, paragraph_of, document_of = lens[kept], paragraph_of[kept], document_of[kept]

    ends_document = np.append(document_of[1:] != document_of[:-1], True)[: len(lens)]
    has_eop = np.zeros(len(lens), np.bool_)
    if tokenizer.settings.eop:
        ends_paragraph = np.append(paragraph_of[1:] != paragraph_of[:-1], True)[: len(lens)]
        has_eop = ends_paragraph & (ids[np.cumsum(lens) - 1] != EOP_ID)
    lens = lens + has_eop + ends_document
    ends = np.cumsum(lens)
    with_marks = np.zeros(int(lens.sum()), ids.dtype)
    is_text = np.ones(len(with_marks), np.bool_)
    for mark, positions in ((EOD_ID, ends[ends_document] - 1), (EOP_ID, (ends - 1 - ends_document)[has_eop])):
        with_marks[positions] = mark
        is_text[positions] = False
    with_marks[is_text] = ids
    return EncodedDocuments(
        ids=with_marks,
        doc_lens=np.bincount(document_of, lens, len(texts)).astype(np.int64),
        sentence_lens=lens.astype(np.uint32),
        doc_sentences=np.bincount(document_of, minlength=len(texts)),
        num_words=int(np.count_nonzero(tokenizer.is_word_start[ids])),
        unknown_chars=tokenizer.unknown_chars([sentences[i] for i in unknown.tolist()]),
    )
