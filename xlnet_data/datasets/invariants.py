"""Checks the examples of a lane: lengths, functional tokens, order, and that reuse, A and B are the lane's text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

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
Bools = NDArray[np.bool_]


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


@dataclass(frozen=True)
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

    @cached_property
    def lane_len(self) -> int:
        """Tokens of the lane."""
        return int(self.lengths.sum())

    @cached_property
    def numbers(self) -> Ints:
        """int64 [documents], the same number for copies of one document, as in Lane."""
        return number_documents(self.corpora, self.doc_ids)


@dataclass
class Contents:
    """What a shard's sidecar lists, to be compared with the other shards' and with what the manifest says of all.

    Attributes:
        lanes: The lanes.
        tokens: Tokens by corpus, each once, not once a reading.
        documents: Documents by corpus, likewise, and every copy.
        lens: By corpus and N, how many of these have N to 2N - 1 tokens, N a power of two.
        is_read: False: the sidecar cannot be read.
    """

    lanes: set[int] = field(default_factory=set)
    tokens: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    lens: Counter[tuple[str, int]] = field(default_factory=Counter)
    is_read: bool = False

    def add(self, documents: dict[int, LaneDocuments], num_readings: int) -> None:
        """Take over what a sidecar lists, by lane."""
        self.lanes.update(documents)
        for lane, listed in documents.items():
            if lane % num_readings == 0:
                self.documents.update(listed.corpora)
                for corpus, length in zip(listed.corpora, listed.lengths.tolist(), strict=True):
                    self.tokens[corpus] += length
                    self.lens[corpus, 1 << length.bit_length() >> 1] += 1
        self.is_read = True


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


def lane_problem(num_rows: int, documents: LaneDocuments, settings: ExampleSettings) -> str | None:
    """Return what is wrong with a lane as a whole; None if its documents and the number of its examples fit.

    Args:
        num_rows: The examples found.
        documents: The lane's documents.
        settings: The layout.
    """
    if (documents.lengths < 1).any() or not np.array_equal(documents.starts, starts_of(documents.lengths)):
        return "documents: they do not lie end to end"
    expected = settings.num_steps(documents.lane_len)
    if num_rows != expected:
        return f"steps: expected 0 to {expected - 1} from {documents.lane_len:,} tokens, found {num_rows:,}"
    return None


def check_layout(rows: LaneRows, settings: ExampleSettings, vocab_size: int) -> dict[str, Bools]:
    """Return by problem in which examples it is, of all that can be said of an example alone.

    Args:
        rows: Examples of one lane.
        settings: The layout.
        vocab_size: Ids of the vocabulary.
    """
    columns = np.arange(settings.seq_len)
    first_sep = (settings.reuse_len + rows.a_len)[:, None]
    is_sep = (columns == first_sep) | (columns == settings.seq_len - 2)
    is_cls = columns == settings.seq_len - 1
    return {
        "backward: does not fit the lane's number": rows.is_backward != (settings.bidirectional and rows.lane % 2 == 1),
        f"a_len + b_len must be {settings.pair_len}, both at least 1": (rows.a_len + rows.b_len != settings.pair_len)
        | (rows.a_len < 1)
        | (rows.b_len < 1),
        "<sep> must stand after A and after B, and nowhere else": ((rows.input_ids == SEP_ID) != is_sep).any(axis=1),
        "<cls> must stand at the end, and nowhere else": ((rows.input_ids == CLS_ID) != is_cls).any(axis=1),
        "<pad> or <mask> in the input": ((rows.input_ids > SEP_ID) & (rows.input_ids <= MASK_ID)).any(axis=1),
        f"an id is not below {vocab_size:,}": ((rows.input_ids >= vocab_size) | (rows.input_ids < 0)).any(axis=1),
    } | _check_order(rows, settings)


def _check_order(rows: LaneRows, settings: ExampleSettings) -> dict[str, Bools]:
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
    return checks


def check_stream(
    rows: LaneRows, text: NDArray[np.int32], documents: LaneDocuments, settings: ExampleSettings
) -> dict[str, Bools]:
    """Return by problem in which examples it is, of all that the lane's text and documents tell.

    Args:
        rows: Examples of one lane.
        text: What the lane's examples hold of it, as `add_to_text` puts it together.
        documents: The lane's documents.
        settings: The layout.
    """
    begins = rows.steps * settings.stride
    pair = pair_ids_of(rows.input_ids, rows.a_len, settings)
    places = _pair_places(rows, settings)
    in_lane = (places >= 0) & (places < len(text))
    known = np.where(in_lane, text[np.clip(places, 0, len(text) - 1)], -1)
    reuse = text[begins[:, None] + np.arange(settings.reuse_len)]
    a_ends = begins + settings.reuse_len + rows.a_len
    has_gaps = settings.recipe == "reference" and settings.pairs
    follows = (rows.b_start >= a_ends) if has_gaps else (rows.b_start == a_ends)
    document = np.searchsorted(documents.starts, begins, side="right") - 1
    memory = np.minimum(begins - documents.starts[document], np.iinfo(np.uint16).max)
    checks = {
        "the text of A or B is not the lane's": ((known >= 0) & (known != pair)).any(axis=1)
        | (reuse != rows.input_ids[:, : settings.reuse_len]).any(axis=1),
        "is_next: B does not follow A": rows.is_next & ~follows,
        "b_start: B does not lie in the lane": (rows.b_start < 0) | (rows.b_start + rows.b_len > documents.lane_len),
        "memory_len: not the tokens before it in the same document": rows.memory_len != memory,
    }
    if settings.recipe == "paper":
        is_touched = ~rows.is_next & _runs_into_touched(rows, documents, begins, a_ends)
        checks["b_start: a negative B lies in a document of reuse or A, or in a copy of one"] = is_touched
    return checks


def _runs_into_touched(rows: LaneRows, documents: LaneDocuments, begins: Ints, a_ends: Ints) -> Bools:
    """Return bool [examples]. True: B holds a token of a document that reuse or A touches, or of a copy of one."""
    touched = touched_documents(documents.starts, documents.numbers, begins, a_ends)
    starts = documents.starts[touched.documents]
    ends = starts + documents.lengths[touched.documents]
    b_start = rows.b_start[touched.steps]
    is_hit = (b_start < ends) & (b_start + rows.b_len[touched.steps] > starts)
    return np.bincount(touched.steps[is_hit], minlength=len(begins)) > 0


def unknown_text(lane_len: int) -> NDArray[np.int32]:
    """Return the tokens of a lane of which nothing is known yet, int32 [lane_len]: -1 each."""
    return np.full(lane_len, -1, np.int32)


def add_to_text(text: NDArray[np.int32], rows: LaneRows, settings: ExampleSettings) -> None:
    """Put into a lane's text what examples hold of it, where nothing is known yet: reuse first, then A and B.

    With memory the reuse halves hold all but the lane's last tokens; without, a few tokens may lie in no example.
    """
    begins = (rows.steps * settings.stride)[:, None]
    pair = pair_ids_of(rows.input_ids, rows.a_len, settings)
    is_a = np.arange(settings.pair_len) < rows.a_len[:, None]
    pair_places = _pair_places(rows, settings)
    for places, ids in (
        (begins + np.arange(settings.reuse_len), rows.input_ids[:, : settings.reuse_len]),
        (np.where(is_a, pair_places, -1), pair),
        (np.where(is_a, -1, pair_places), pair),
    ):
        is_unknown = (places >= 0) & (places < len(text))
        is_unknown[is_unknown] = text[places[is_unknown]] < 0
        text[places[is_unknown]] = ids[is_unknown]


def _pair_places(rows: LaneRows, settings: ExampleSettings) -> Ints:
    """Return int64 [examples, pair_len], the places in the lane of A's tokens and then of B's."""
    columns = np.arange(settings.pair_len)
    a_starts = rows.steps * settings.stride + settings.reuse_len
    b_places = rows.b_start[:, None] + columns - rows.a_len[:, None]
    return np.where(columns < rows.a_len[:, None], a_starts[:, None] + columns, b_places)


def is_reversed(forward: NDArray[np.int32], backward: NDArray[np.int32]) -> bool:
    """Return whether two readings of a lane, as far as they are known, are the reverse of one another."""
    mirrored = forward[::-1]
    return not ((mirrored >= 0) & (backward >= 0) & (mirrored != backward)).any()


class Findings:
    """The problems of a lane's examples: each with the first step that it is found in, and how many there are."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, int]] = {}

    def __bool__(self) -> bool:
        """Return whether there is any problem."""
        return bool(self._found)

    def add(self, steps: Ints, checks: dict[str, Bools]) -> None:
        """Add what was checked of examples, given their steps; steps rise from call to call."""
        for problem, is_wrong in checks.items():
            if is_wrong.any():
                first, count = self._found.get(problem, (int(steps[np.argmax(is_wrong)]), 0))
                self._found[problem] = first, count + int(is_wrong.sum())

    def sentences(self, num_steps: int) -> Iterator[str]:
        """Yield each problem in a sentence."""
        for problem, (first, count) in self._found.items():
            yield f"step {first}: {problem} ({count:,} of {num_steps:,} steps)"
