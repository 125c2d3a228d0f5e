"""Checks the examples of a lane: lengths, functional tokens, order, and that reuse, A and B are the lane's text."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.examples.factorization import functional_entries
from xlnet_data.examples.lanes import number_documents, starts_of
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import pair_ids_of
from xlnet_data.examples.segments import Pairs, touched_documents
from xlnet_data.schemas.example import CLS_ID, MASK_ID, SEP_ID

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LaneRows:
    """All examples of one lane as arrays; fields as in the shard's schema, integers widened to int64.

    Attributes:
        lane: Lane number.
        steps, a_len, b_len, b_start, memory_len: int64 [examples].
        is_backward, is_next: bool [examples].
        input_ids: int64 [examples, seq_len].
        order: int64 [examples, num_targets + 3].
    """

    lane: int
    steps: Ints
    is_backward: NDArray[np.bool_]
    input_ids: Ints
    a_len: Ints
    b_len: Ints
    is_next: NDArray[np.bool_]
    b_start: Ints
    order: Ints
    memory_len: Ints

    @property
    def pairs(self) -> Pairs:
        """Segments A and B; which of them fell back to positive is unknown here, and said of none."""
        return Pairs(self.a_len, self.b_start, self.b_len, self.is_next, np.zeros(len(self.steps), bool))


@dataclass(frozen=True, slots=True)
class LaneDocuments:
    """The documents of one lane as its sidecar lists them, in reading order.

    Attributes:
        starts: int64 [documents], where they start.
        lengths: int64 [documents], their tokens.
        corpora: Their corpora.
        doc_ids: Their ids.
    """

    starts: Ints
    lengths: Ints
    corpora: list[str]
    doc_ids: list[str]

    @property
    def lane_len(self) -> int:
        """Tokens of the lane."""
        return int(self.lengths.sum())


def lane_rows(lane: int, rows: pa.Table | pa.RecordBatch) -> LaneRows:
    """Return examples of one lane as arrays."""

    def ints(name: str) -> Ints:
        return np.asarray(rows.column(name)).astype(np.int64)

    def lists(name: str) -> Ints:
        column = rows.column(name)
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return np.asarray(array.flatten()).astype(np.int64).reshape(len(array), -1)

    return LaneRows(
        lane=lane,
        steps=ints("step"),
        is_backward=ints("backward") == 1,
        input_ids=lists("input_ids"),
        a_len=ints("a_len"),
        b_len=ints("b_len"),
        is_next=ints("is_next") == 1,
        b_start=ints("b_start"),
        order=lists("order"),
        memory_len=ints("memory_len"),
    )


def verify_lane(rows: LaneRows, documents: LaneDocuments, settings: ExampleSettings, vocab_size: int) -> Iterator[str]:
    """Yield what is wrong with the examples of one lane.

    Args:
        rows: The lane's examples.
        documents: The lane's documents.
        settings: The layout.
        vocab_size: Ids of the vocabulary.
    """
    lane_len = documents.lane_len
    if (documents.lengths < 1).any() or not np.array_equal(documents.starts, starts_of(documents.lengths)):
        yield "documents: they do not lie end to end"
        return
    if not np.array_equal(rows.steps, np.arange(settings.num_steps(lane_len))):
        last = settings.num_steps(lane_len) - 1
        yield f"steps: expected 0 to {last} from {lane_len:,} tokens, found {len(rows.steps):,}"
        return
    if (rows.is_backward != (settings.bidirectional and rows.lane % 2 == 1)).any():
        yield "backward: does not fit the lane's number"
    yield from _verify_layout(rows, settings, vocab_size)
    yield from _verify_order(rows, settings)
    yield from _verify_stream(rows, documents, settings)


def _verify_layout(rows: LaneRows, settings: ExampleSettings, vocab_size: int) -> Iterator[str]:
    columns = np.arange(settings.seq_len)
    first_sep = (settings.reuse_len + rows.a_len)[:, None]
    is_sep = (columns == first_sep) | (columns == settings.seq_len - 2)
    is_cls = columns == settings.seq_len - 1
    checks = {
        f"a_len + b_len must be {settings.pair_len}, both at least 1": (rows.a_len + rows.b_len != settings.pair_len)
        | (rows.a_len < 1)
        | (rows.b_len < 1),
        "<sep> must stand after A and after B, and nowhere else": ((rows.input_ids == SEP_ID) != is_sep).any(axis=1),
        "<cls> must stand at the end, and nowhere else": ((rows.input_ids == CLS_ID) != is_cls).any(axis=1),
        "<pad> or <mask> in the input": ((rows.input_ids > SEP_ID) & (rows.input_ids <= MASK_ID)).any(axis=1),
        f"an id is not below {vocab_size:,}": (rows.input_ids >= vocab_size).any(axis=1),
    }
    yield from _at_steps(checks)


def _verify_order(rows: LaneRows, settings: ExampleSettings) -> Iterator[str]:
    quota, half = settings.reuse_targets, settings.reuse_len
    in_order = np.sort(rows.order, axis=1)
    is_functional = functional_entries(rows.order, rows.a_len, settings.seq_len, settings.reuse_len)
    checks = {
        "order: a position appears twice or lies outside": (in_order[:, 1:] == in_order[:, :-1]).any(axis=1)
        | (in_order[:, -1] >= settings.seq_len),
        f"order: the first {quota} entries must lie in the reuse half, the others behind it": (
            rows.order[:, :quota] >= half
        ).any(axis=1)
        | (rows.order[:, quota:] < half).any(axis=1),
        "order: <sep>, <sep> and <cls> must be in it, each once": is_functional.sum(axis=1) != 3,
    }
    if settings.perm_size:
        is_later = np.diff(rows.order // settings.perm_size, axis=1) < 0
        checks[f"order: blocks of perm_size={settings.perm_size} are out of place"] = is_later.any(axis=1)
    yield from _at_steps(checks)


def _verify_stream(rows: LaneRows, documents: LaneDocuments, settings: ExampleSettings) -> Iterator[str]:
    """Rebuild the lane's text from the examples, then check A and B against it wherever it is known.

    The reuse halves stand end to end, and A of the last example goes on behind them. Where B lies and how long the
    document has been going on follow from the lengths of the lane's documents.
    """
    if not len(rows.steps):
        return
    starts, lane_len = documents.starts, documents.lane_len
    begins = rows.steps * settings.stride
    text = known_text(rows, settings)
    pair = pair_ids_of(rows.input_ids, rows.a_len, settings)
    columns = np.arange(settings.pair_len)
    a_places = begins[:, None] + settings.reuse_len + columns
    b_places = rows.b_start[:, None] + columns - rows.a_len[:, None]
    places = np.where(columns < rows.a_len[:, None], a_places, b_places)
    known = np.where((places >= 0) & (places < len(text)), text[np.clip(places, 0, len(text) - 1)], -1)
    a_ends = begins + settings.reuse_len + rows.a_len
    has_gaps = settings.recipe == "reference" and settings.pairs
    follows = (rows.b_start >= a_ends) if has_gaps else (rows.b_start == a_ends)
    document = np.searchsorted(starts, begins, side="right") - 1
    memory = np.minimum(begins - starts[document], np.iinfo(np.uint16).max)
    checks = {
        "the text of A or B is not the lane's": ((known >= 0) & (known != pair)).any(axis=1),
        "is_next: B does not follow A": rows.is_next & ~follows,
        "b_start: B does not lie in the lane": (rows.b_start < 0) | (rows.b_start + rows.b_len > lane_len),
        "memory_len: not the tokens before it in the same document": rows.memory_len != memory,
    }
    if settings.recipe == "paper":
        is_touched = ~rows.is_next & _runs_into_touched(rows, documents, begins, a_ends)
        checks["b_start: a negative B lies in a document of reuse or A, or in a copy of one"] = is_touched
    yield from _at_steps(checks)


def _runs_into_touched(rows: LaneRows, documents: LaneDocuments, begins: Ints, a_ends: Ints) -> NDArray[np.bool_]:
    """Return bool [examples]. True: B holds a token of a document that reuse or A touches, or of a copy of one."""
    touched = touched_documents(
        documents.starts, number_documents(documents.corpora, documents.doc_ids), begins, a_ends
    )
    starts = documents.starts[touched.documents]
    ends = starts + documents.lengths[touched.documents]
    b_start = rows.b_start[touched.steps]
    is_hit = (b_start < ends) & (b_start + rows.b_len[touched.steps] > starts)
    return np.bincount(touched.steps[is_hit], minlength=len(begins)) > 0


def known_text(rows: LaneRows, settings: ExampleSettings) -> Ints:
    """Return the lane's tokens, int64, as far as its examples hold them; -1 where none does."""
    steps = len(rows.steps)
    if not steps:
        return np.zeros(0, np.int64)
    text = np.full((steps - 1) * settings.stride + settings.window_len, -1, np.int64)
    pair = pair_ids_of(rows.input_ids, rows.a_len, settings)
    for place in range(settings.reuse_len):
        text[place : steps * settings.stride + place : settings.stride][:steps] = rows.input_ids[:, place]
    begins = rows.steps * settings.stride + settings.reuse_len
    from_a = np.arange(settings.pair_len) < np.where(rows.is_next, settings.pair_len, rows.a_len)[:, None]
    if settings.recipe == "reference":  # its positive pairs may have a gap
        from_a &= np.arange(settings.pair_len) < rows.a_len[:, None]
    places = begins[:, None] + np.arange(settings.pair_len)
    unknown = from_a & (text[places] < 0)
    text[places[unknown]] = pair[unknown]
    return text


def is_reversed(forward: Ints, backward: Ints, lane_len: int) -> bool:
    """Return whether two readings of a lane, as far as they are known, are the reverse of one another."""
    mirrored = np.full(lane_len, -1, np.int64)
    mirrored[: len(forward)] = forward
    mirrored = mirrored[::-1][: len(backward)]
    return not ((mirrored >= 0) & (backward >= 0) & (mirrored != backward)).any()


def _at_steps(checks: dict[str, NDArray[np.bool_]]) -> Iterator[str]:
    for problem, is_wrong in checks.items():
        if is_wrong.any():
            yield f"step {int(np.argmax(is_wrong))}: {problem} ({int(is_wrong.sum()):,} of {len(is_wrong):,} steps)"
