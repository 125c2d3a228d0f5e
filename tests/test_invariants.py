"""What is said of a lane's examples: each fault by its name, in the examples that have it and in no other."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from made_lanes import make_lane
from numpy.typing import NDArray

from xlnet_data.datasets.invariants import (
    Findings,
    LaneDocuments,
    LaneRows,
    add_to_text,
    check_layout,
    check_stream,
    is_reversed,
    lane_problem,
    lane_rows,
    unknown_text,
)
from xlnet_data.examples.lanes import Lane
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import Sampling, sample_examples
from xlnet_data.schemas.example import CLS_ID, EOD_ID, MASK_ID, PAD_ID, SEP_ID, UNK_ID, example_schema

VOCAB_SIZE = 5_000
SETTINGS = ExampleSettings(seq_len=64, reuse_len=32, k=6)
QUOTA = SETTINGS.reuse_targets
NUMBERS = [number if number != 30 else 3 for number in range(40)]
"""Of the lane's documents; the one at 30 is a copy of the one at 3."""

Problems = dict[str, list[int]]

BACKWARD = "backward: does not fit the lane's number"
LENGTHS = "a_len + b_len must be 29, both at least 1"
SEP = "<sep> must stand after A and after B, and nowhere else"
CLS = "<cls> must stand at the end, and nowhere else"
PAD = "<pad> or <mask> in the input"
LARGE = "an id is not below 5,000"
TWICE = "order: a position appears twice or lies outside"
HALVES = f"order: the first {QUOTA} entries must lie in the reuse half, the others behind it"
FUNCTIONAL = "order: <sep>, <sep> and <cls> must be in it, each once"
TEXT = "the text of A or B is not the lane's"
FOLLOWS = "is_next: B does not follow A"
INSIDE = "b_start: B does not lie in the lane"
MEMORY = "memory_len: not the tokens before it in the same document"
TOUCHED = "b_start: a negative B lies in a document of reuse or A, or in a copy of one"


def make_text() -> Lane:
    documents = [[3 + (7 * number + 5 * place) % 19 for place in range(4 + number % 5)] for number in range(40)]
    sizes = np.cumsum([sum(document) for document in documents])
    assert sizes[-1] < VOCAB_SIZE - 100
    return make_lane(documents, 100, [number - (number > 30) if number != 30 else 3 for number in range(40)])


def documents_of(lane: Lane) -> LaneDocuments:
    lengths = np.diff(lane.document_starts, append=len(lane.ids))
    return LaneDocuments(lane.document_starts, lengths, ["c"] * 40, [f"d{number}" for number in NUMBERS])


def rows_of(lane: Lane, settings: ExampleSettings = SETTINGS, number: int = 6) -> LaneRows:
    """Return a lane's examples as a shard gives them back."""
    starts = np.ones(VOCAB_SIZE, bool) if settings.recipe == "reference" else None
    (examples,) = sample_examples(lane, number, number % 2 == 1, Sampling(settings, 3, "train", starts))
    schema = example_schema(settings.seq_len, settings.num_targets, VOCAB_SIZE)
    rows = lane_rows(number, examples.to_record_batch(schema))
    return dataclasses.replace(rows, **{name: values.copy() for name, values in vars_of(rows).items()})


def vars_of(rows: LaneRows) -> dict[str, NDArray[Any]]:
    fields = [field.name for field in dataclasses.fields(rows) if field.name != "lane"]
    return {name: getattr(rows, name) for name in fields}


def said_of(checks: dict[str, NDArray[np.bool_]]) -> Problems:
    return {problem: np.flatnonzero(wrong).tolist() for problem, wrong in checks.items() if wrong.any()}


@pytest.fixture
def rows() -> LaneRows:
    return rows_of(make_text())


@pytest.mark.parametrize("recipe", ["paper", "reference"])
@pytest.mark.parametrize(
    ("perm_size", "pairs", "bidirectional", "number"), [(0, True, True, 6), (16, False, True, 7), (0, True, False, 7)]
)
def test_nothing_is_said_of_drawn_examples(
    recipe: str, perm_size: int, pairs: bool, bidirectional: bool, number: int
) -> None:
    settings = dataclasses.replace(
        SETTINGS, recipe=recipe, perm_size=perm_size, pairs=pairs, bidirectional=bidirectional
    )
    lane = make_text()
    rows = rows_of(lane, settings, number)
    rows.is_backward[:] = bidirectional and number == 7
    assert said_of(check_layout(rows, settings, VOCAB_SIZE)) == {}
    assert said_of(check_stream(rows, lane.ids, documents_of(lane), settings)) == {}


@pytest.mark.parametrize(("lane", "is_backward"), [(6, True), (7, False), (2, True), (3, False)])
def test_a_direction_that_is_not_the_lanes_is_named(rows: LaneRows, lane: int, is_backward: bool) -> None:
    changed = dataclasses.replace(rows, lane=lane, is_backward=np.full(len(rows.steps), not is_backward))
    assert said_of(check_layout(changed, SETTINGS, VOCAB_SIZE)) == {}
    changed.is_backward[2] = is_backward
    assert said_of(check_layout(changed, SETTINGS, VOCAB_SIZE)) == {BACKWARD: [2]}
    one_way = dataclasses.replace(SETTINGS, bidirectional=False)
    forward = np.flatnonzero(changed.is_backward).tolist()
    assert said_of(check_layout(changed, one_way, VOCAB_SIZE)) == {BACKWARD: forward}


@pytest.mark.parametrize(("a_len", "b_len"), [(0, 29), (29, 0), (14, 16), (14, 14), (1, 29)])
def test_lengths_of_a_and_b_that_do_not_fit_are_named(rows: LaneRows, a_len: int, b_len: int) -> None:
    rows.a_len[3], rows.b_len[3] = a_len, b_len
    assert said_of(check_layout(rows, SETTINGS, VOCAB_SIZE))[LENGTHS] == [3]


@pytest.mark.parametrize(("a_len", "b_len"), [(1, 28), (28, 1)])
def test_segments_of_one_token_are_no_fault(rows: LaneRows, a_len: int, b_len: int) -> None:
    rows.a_len[3], rows.b_len[3] = a_len, b_len
    assert LENGTHS not in said_of(check_layout(rows, SETTINGS, VOCAB_SIZE))


@pytest.mark.parametrize(
    ("place", "token", "expected"),
    [
        (0, SEP_ID, [SEP]),
        (62, 200, [SEP]),
        (62, CLS_ID, [SEP, CLS]),
        (0, CLS_ID, [CLS]),
        (63, 200, [CLS]),
        (5, PAD_ID, [PAD]),
        (5, MASK_ID, [PAD]),
        (5, EOD_ID, []),
        (5, VOCAB_SIZE - 1, []),
        (5, VOCAB_SIZE, [LARGE]),
        (5, 0, []),
        (5, -1, [LARGE]),
    ],
)
def test_a_token_out_of_place_is_named(rows: LaneRows, place: int, token: int, expected: list[str]) -> None:
    rows.input_ids[3, place] = token
    assert said_of(check_layout(rows, SETTINGS, VOCAB_SIZE)) == {problem: [3] for problem in expected}


def test_a_first_sep_that_is_not_behind_a_is_named(rows: LaneRows) -> None:
    place = 32 + rows.a_len[3]
    rows.input_ids[3, place] = 200
    assert said_of(check_layout(rows, SETTINGS, VOCAB_SIZE)) == {SEP: [3]}


def targets(rows: LaneRows, example: int, is_reuse: bool) -> list[int]:
    """Return the places in an example's order of the targets of one half."""
    entries = rows.order[example]
    tokens = rows.input_ids[example, entries]
    return np.flatnonzero((tokens != SEP_ID) & (tokens != CLS_ID) & ((entries < 32) == is_reuse)).tolist()


@pytest.mark.parametrize("is_reuse", [True, False])
def test_any_position_that_is_twice_in_the_order_is_named(rows: LaneRows, is_reuse: bool) -> None:
    entries = rows.order[3].copy()
    places = targets(rows, 3, is_reuse)
    for one in places:
        for other in places:
            rows.order[3] = entries
            rows.order[3, one] = entries[other]
            assert said_of(check_layout(rows, SETTINGS, VOCAB_SIZE)) == ({} if one == other else {TWICE: [3]})


def test_positions_in_the_wrong_half_or_outside_are_named(rows: LaneRows) -> None:
    first, last = targets(rows, 3, True), targets(rows, 3, False)
    free = [place for place in range(64) if place not in rows.order[3]]
    original = rows.order[3].copy()
    late = next(place for place in free if place >= 32)
    early = next(place for place in reversed(free) if place < 32)
    for entry, position in ((first[0], late), (first[-1], late), (last[0], early), (last[-1], early)):
        rows.order[3] = original
        rows.order[3, entry] = position
        assert said_of(check_layout(rows, SETTINGS, VOCAB_SIZE)) == {HALVES: [3]}
    rows.order[3] = original
    rows.order[3, last[0]] = 64
    assert said_of(check_layout(rows, SETTINGS, VOCAB_SIZE)) == {TWICE: [3], FUNCTIONAL: [3]}


def test_the_first_position_behind_the_reuse_half_and_its_last_are_told_apart(rows: LaneRows) -> None:
    entry = targets(rows, 3, True)[0]
    rows.order[3] = np.where(rows.order[3] == 32, 40, rows.order[3])
    before = said_of(check_layout(rows, SETTINGS, VOCAB_SIZE)).get(HALVES, [])
    rows.order[3, entry] = 32
    assert (before, said_of(check_layout(rows, SETTINGS, VOCAB_SIZE))[HALVES]) == ([], [3])


@pytest.mark.parametrize("token", [SEP_ID, CLS_ID])
def test_a_functional_token_that_is_not_in_the_order_is_named(rows: LaneRows, token: int) -> None:
    entries = rows.order[3]
    entry = np.flatnonzero(rows.input_ids[3, entries] == token)[0]
    entries[entry] = next(p for p in range(33, 62) if p not in entries and rows.input_ids[3, p] != SEP_ID)
    assert said_of(check_layout(rows, SETTINGS, VOCAB_SIZE)) == {FUNCTIONAL: [3]}


def test_blocks_of_the_order_that_are_out_of_place_are_named() -> None:
    settings = dataclasses.replace(SETTINGS, perm_size=16)
    rows = rows_of(make_text(), settings)
    blocks = rows.order[3] // 16
    edge = np.flatnonzero(np.diff(blocks[:QUOTA]))[0]
    rows.order[3, [edge, edge + 1]] = rows.order[3, [edge + 1, edge]]
    assert said_of(check_layout(rows, settings, VOCAB_SIZE)) == {"order: blocks of perm_size=16 are out of place": [3]}


def first_of(rows: LaneRows, is_next: bool) -> int:
    return int(np.flatnonzero(rows.is_next == is_next)[0])


def change_last_reuse(rows: LaneRows) -> Problems:
    rows.input_ids[3, 31] += 1
    return {TEXT: [3]}


def change_first_reuse(rows: LaneRows) -> Problems:
    rows.input_ids[3, 0] += 1
    return {TEXT: [3]}


def change_last_of_a(rows: LaneRows) -> Problems:
    rows.input_ids[3, 32 + rows.a_len[3] - 1] += 1
    return {TEXT: [3]}


def change_first_of_b(rows: LaneRows) -> Problems:
    rows.input_ids[3, 32 + rows.a_len[3] + 1] += 1
    return {TEXT: [3]}


def change_last_of_b(rows: LaneRows) -> Problems:
    rows.input_ids[3, 61] += 1
    return {TEXT: [3]}


def change_first_of_a(rows: LaneRows) -> Problems:
    rows.input_ids[3, 32] += 1
    return {TEXT: [3]}


def more_memory(rows: LaneRows) -> Problems:
    rows.memory_len[3] += 1
    return {MEMORY: [3]}


def less_memory(rows: LaneRows) -> Problems:
    rows.memory_len[3] -= 1
    return {MEMORY: [3]}


def negative_called_positive(rows: LaneRows) -> Problems:
    row = first_of(rows, False)
    rows.is_next[row] = True
    return {FOLLOWS: [row]}


def positive_called_negative(rows: LaneRows) -> Problems:
    ends = rows.steps * SETTINGS.stride + 32 + rows.a_len
    within = ~np.isin(ends, make_text().document_starts)
    row = int(np.flatnonzero(rows.is_next & within)[0])
    rows.is_next[row] = False
    return {TOUCHED: [row]}


@pytest.mark.parametrize(
    "damage",
    [
        change_last_reuse,
        change_first_reuse,
        change_last_of_a,
        change_first_of_b,
        change_last_of_b,
        change_first_of_a,
        more_memory,
        less_memory,
        negative_called_positive,
        positive_called_negative,
    ],
)
def test_what_the_lane_does_not_say_is_named(rows: LaneRows, damage: Callable[[LaneRows], Problems]) -> None:
    expected = damage(rows)
    lane = make_text()
    assert said_of(check_stream(rows, lane.ids, documents_of(lane), SETTINGS)) == expected


@pytest.mark.parametrize(("b_start", "is_inside"), [(-1, False), (0, True), (-2, True), (-3, False)])
def test_a_b_is_inside_up_to_the_lanes_first_and_last_token(rows: LaneRows, b_start: int, is_inside: bool) -> None:
    lane = make_text()
    row = int(np.flatnonzero(~rows.is_next & (rows.steps > 5) & (rows.steps < 30))[0])
    last = len(lane.ids) - int(rows.b_len[row])
    rows.b_start[row] = {-2: last, -3: last + 1}.get(b_start, b_start)
    said = said_of(check_stream(rows, lane.ids, documents_of(lane), SETTINGS))
    assert (INSIDE not in said) == is_inside


def test_the_lanes_last_token_is_compared_with_the_end_of_a_b_that_reaches_it(rows: LaneRows) -> None:
    lane = make_text()
    row = int(np.flatnonzero(~rows.is_next & (rows.steps > 5) & (rows.steps < 30))[0])
    b_len = int(rows.b_len[row])
    rows.b_start[row] = len(lane.ids) - b_len
    rows.input_ids[row, 62 - b_len : 62] = lane.ids[-b_len:]
    assert said_of(check_stream(rows, lane.ids, documents_of(lane), SETTINGS)) == {}
    rows.input_ids[row, 61] += 1
    assert said_of(check_stream(rows, lane.ids, documents_of(lane), SETTINGS)) == {TEXT: [row]}
    rows.b_start[row] += 1  # of what lies beyond the lane nothing is compared
    rows.input_ids[row, 62 - b_len : 61] = lane.ids[1 - b_len :]
    assert said_of(check_stream(rows, lane.ids, documents_of(lane), SETTINGS)) == {INSIDE: [row]}


def test_the_lanes_first_token_is_compared_with_the_start_of_a_b_that_stands_there(rows: LaneRows) -> None:
    lane = make_text()
    row = int(np.flatnonzero(~rows.is_next & (rows.steps > 5) & (rows.steps < 30))[0])
    b_len = int(rows.b_len[row])
    rows.b_start[row] = 0
    rows.input_ids[row, 62 - b_len : 62] = lane.ids[:b_len]
    assert said_of(check_stream(rows, lane.ids, documents_of(lane), SETTINGS)) == {}
    rows.input_ids[row, 62 - b_len] += 1
    assert said_of(check_stream(rows, lane.ids, documents_of(lane), SETTINGS)) == {TEXT: [row]}


def test_an_unknown_piece_is_text_like_any_other(rows: LaneRows) -> None:
    """Its id is 0, the first one that is known; -1 says that nothing is known."""
    lane = make_text()
    text = lane.ids.copy()
    place = int(rows.steps[3]) * 32 + 32
    text[place] = UNK_ID
    said = said_of(check_stream(rows, text, documents_of(lane), SETTINGS))
    assert 3 in said[TEXT]
    add_to_text(text, rows, SETTINGS)
    assert text[place] == UNK_ID


def test_a_negative_b_may_stand_right_beside_a_touched_document_but_not_reach_into_it_or_its_copy(
    rows: LaneRows,
) -> None:
    lane = make_text()
    documents = documents_of(lane)
    starts, lengths = documents.starts, documents.lengths
    step = int(np.searchsorted(rows.steps * 32, starts[3]))  # begins in the document that has a copy
    a_end = step * 32 + 32 + int(rows.a_len[step])
    assert starts[3] <= step * 32 < starts[4]
    last = int(np.searchsorted(starts, a_end - 1, side="right"))  # the document behind the last one it touches
    rows.is_next[step] = False
    b_len = int(rows.b_len[step])
    for b_start, is_touched in (
        (starts[3] - b_len, False),
        (starts[3] - b_len + 1, True),
        (starts[last] - 1, True),
        (starts[last], False),
        (starts[30] - b_len, False),
        (starts[30] - b_len + 1, True),
        (starts[30] + lengths[30] - 1, True),
        (starts[30] + lengths[30], False),
    ):
        rows.b_start[step] = b_start
        said = said_of(check_stream(rows, unknown_text(len(lane.ids)), documents, SETTINGS))
        assert said.get(TOUCHED, []) == ([step] if is_touched else [])


def test_a_positive_b_of_the_reference_may_leave_a_gap_but_not_begin_before_its_a_ends() -> None:
    lane = make_text()
    settings = dataclasses.replace(SETTINGS, recipe="reference")
    rows = rows_of(lane, settings)
    row = first_of(rows, True)
    a_end = row * 32 + 32 + int(rows.a_len[row])
    for recipe, b_start, follows in (
        ("reference", a_end, True),
        ("reference", a_end + 1, True),
        ("reference", a_end - 1, False),
        ("paper", a_end + 1, False),
    ):
        rows.b_start[row] = b_start
        used = dataclasses.replace(settings, recipe=recipe)
        said = said_of(check_stream(rows, unknown_text(len(lane.ids)), documents_of(lane), used))
        assert (row not in said.get(FOLLOWS, [])) == follows


def test_the_text_is_put_together_from_reuse_first_and_only_where_nothing_is_known(rows: LaneRows) -> None:
    lane = make_text()
    text = unknown_text(len(lane.ids))
    add_to_text(text, rows, SETTINGS)
    known = text >= 0
    assert (text[known] == lane.ids[known]).all()
    assert known[: rows.steps[-1] * 32 + 32 + rows.a_len[-1]].all()
    held = np.zeros(len(lane.ids), bool)
    for row, begin in enumerate((rows.steps * 32).tolist()):
        held[begin : begin + 32 + rows.a_len[row]] = True
        held[rows.b_start[row] : rows.b_start[row] + rows.b_len[row]] = True
    assert known.tolist() == held.tolist()
    rows.input_ids[:, 5:62] += 1
    before = text.copy()
    add_to_text(text, rows, SETTINGS)
    assert text.tolist() == before.tolist()
    for name, change in (("reuse", slice(32, 62)), ("A", slice(0, 0))):
        again = rows_of(lane)
        again.input_ids[:, change] += 1
        text = unknown_text(len(lane.ids))
        add_to_text(text, again, SETTINGS)
        reuse_end = int(again.steps[-1]) * 32 + 32
        assert (text[:reuse_end] == lane.ids[:reuse_end]).all(), name


def test_a_b_outside_the_lane_adds_nothing_to_its_text(rows: LaneRows) -> None:
    lane = make_text()
    rows.b_start[:2] = -1000, len(lane.ids) - 1
    rows.input_ids[:2, 32:62] = 4_999
    text = unknown_text(len(lane.ids))
    add_to_text(text, rows, SETTINGS)
    assert text[-1] == 4_999
    assert (text[: len(text) - 1] != 4_999).all()


@pytest.mark.parametrize(
    ("forward", "backward", "expected"),
    [
        ([1, 2, 3], [3, 2, 1], True),
        ([1, 2, 3], [1, 2, 3], False),
        ([1, 2, 3], [3, 2, 0], False),
        ([0, 2, 3], [3, 2, 1], False),
        ([-1, 2, 3], [3, 2, 1], True),
        ([1, 2, 3], [-1, 2, 1], True),
        ([1, 2, 3], [-1, -1, 2], False),
    ],
)
def test_two_readings_are_compared_where_both_are_known(
    forward: list[int], backward: list[int], expected: bool
) -> None:
    assert is_reversed(np.array(forward, np.int32), np.array(backward, np.int32)) == expected


def test_documents_that_do_not_lie_end_to_end_and_a_wrong_number_of_steps_are_named() -> None:
    starts, lengths = np.array([0, 100, 101]), np.array([100, 1, 99])
    documents = LaneDocuments(starts, lengths, ["c"] * 3, ["a", "b", "a"])
    assert documents.lane_len == 200
    assert documents.numbers.tolist() == [0, 1, 0]
    steps = SETTINGS.num_steps(200)
    assert lane_problem(steps, documents, SETTINGS) is None
    message = f"steps: expected 0 to {steps - 1} from 200 tokens, found {steps + 1}"
    assert lane_problem(steps + 1, documents, SETTINGS) == message
    for wrong in ({"starts": starts + 1}, {"lengths": np.array([100, 0, 100])}, {"lengths": lengths[::-1]}):
        problem = lane_problem(steps, dataclasses.replace(documents, **wrong), SETTINGS)
        assert problem == "documents: they do not lie end to end"
    empty = dataclasses.replace(documents, starts=np.array([0, 100, 100]), lengths=np.array([100, 0, 100]))
    assert lane_problem(steps, empty, SETTINGS) == "documents: they do not lie end to end"


def test_findings_name_the_first_step_and_the_number_of_steps_of_each_problem() -> None:
    findings = Findings()
    findings.add(np.array([0, 1]), {"a": np.array([False, False])})
    assert not findings
    findings.add(np.array([4, 5, 6]), {"a": np.array([False, True, True]), "b": np.array([False, False, False])})
    findings.add(np.array([7, 8]), {"a": np.array([True, False]), "b": np.array([False, True])})
    assert findings
    assert list(findings.sentences(1234)) == ["step 5: a (3 of 1,234 steps)", "step 8: b (1 of 1,234 steps)"]
