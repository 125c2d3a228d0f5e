"""Lanes made up from the lengths of their sentences, for the tests of segments and of whole examples."""

import numpy as np

from xlnet_data.examples.lanes import Lane, starts_of


def make_lane(documents: list[list[int]], first_id: int = 0, document_ids: list[int] | None = None) -> Lane:
    """Return a lane from the lengths of each document's sentences; ids rise by one, so that each tells its place.

    Without ``document_ids`` no document is a copy of another.
    """
    lengths = np.array([length for document in documents for length in document])
    sizes = np.array([sum(document) for document in documents])
    ids = np.arange(first_id, first_id + lengths.sum(), dtype=np.int32)
    numbers = np.arange(len(documents)) if document_ids is None else np.array(document_ids)
    return Lane(ids, starts_of(lengths), starts_of(sizes), numbers)


def make_english_lane(num_tokens: int, seed: int = 3) -> Lane:
    """Return a lane of random ids from 20 to 31,999: documents of about 900 tokens, in sentences of about 25."""
    draw = np.random.default_rng(seed)
    lengths = np.clip(draw.lognormal(3.05, 0.55, num_tokens // 20), 3, 150).astype(np.int64)
    sentence_starts = starts_of(lengths)
    is_document = draw.random(len(lengths)) < 25 / 900
    is_document[0] = True
    ids = draw.integers(20, 32_000, lengths.sum()).astype(np.uint16)
    return Lane(ids, sentence_starts, sentence_starts[is_document], np.arange(is_document.sum()))
