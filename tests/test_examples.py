"""Whole examples in both recipes and all settings: layout, targets, order, memory, and each drawn again alone."""

import hashlib
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from made_lanes import make_english_lane, make_lane

from xlnet_data.errors import ConfigError
from xlnet_data.examples.factorization import is_target, perm_mask
from xlnet_data.examples.lanes import Lane
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import Examples, Sampling, draw_example, redraw_orders, sample_examples, sampling_of
from xlnet_data.schemas.example import CLS_ID, MAX_ROWS_PER_BATCH, SEP_ID, example_schema

FIRST_ID = 100
"""Id of a lane's first token; the next one's is one more, so that every token tells its place."""

VOCAB_SIZE = 70_000


@st.composite
def all_settings(draw: st.DrawFn) -> ExampleSettings:
    recipe = draw(st.sampled_from(["paper", "reference"]))
    seq_len = draw(st.integers(8, 96))
    reuse_len = draw(st.just(0) | st.integers(0, seq_len - 5) | st.just(seq_len // 2 if seq_len >= 10 else 0))
    gcd = int(np.gcd(reuse_len, seq_len - reuse_len))
    try:
        return ExampleSettings(
            seq_len=seq_len,
            reuse_len=reuse_len,
            k=draw(st.sampled_from([6, 7, 6.5, 3.3]) | st.floats(2, 8)),
            max_span=draw(st.integers(1, 8)),
            spans=draw(st.booleans()),
            whole_words=recipe == "paper" and draw(st.booleans()),
            pairs=draw(st.booleans()),
            bidirectional=draw(st.booleans()),
            perm_size=draw(st.sampled_from([0, 0, gcd, 1])) if gcd <= (reuse_len or seq_len) else 0,
            recipe=recipe,
        )
    except ConfigError:  # a quota larger than its half
        assume(False)
        raise


@st.composite
def samplings(draw: st.DrawFn) -> tuple[Lane, bool, Sampling]:
    """Return a lane of at least one example, its direction, and what its draws depend on."""
    example = draw(all_settings())
    documents = draw(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=6), min_size=1, max_size=12))
    last = [example.window_len] if draw(st.booleans()) else [7] * (1 + example.window_len // 7)
    lane = make_lane([*documents, last], FIRST_ID)
    seed = draw(st.integers(0, 2**32))
    starts = None
    if example.spans and (example.whole_words or example.recipe == "reference"):
        starts = np.random.default_rng(seed).random(VOCAB_SIZE) < draw(st.sampled_from([0.05, 0.75]))
    return lane, draw(st.booleans()), Sampling(example, seed, draw(st.sampled_from(["train", "dev"])), starts)


def join(lane: Lane, is_backward: bool, sampling: Sampling) -> Examples:
    (examples,) = sample_examples(lane, 5, is_backward, sampling)
    return examples


@given(samplings())
def test_every_row_holds_reuse_a_sep_b_sep_cls_from_the_places_that_it_names(
    drawn: tuple[Lane, bool, Sampling],
) -> None:
    lane, is_backward, sampling = drawn
    example = sampling.settings
    found = join(lane, is_backward, sampling)
    ids = lane.ids.tolist()
    assert len(found.input_ids) == example.num_steps(len(ids)) >= 1
    for step, row in enumerate(found.input_ids.tolist()):
        begin = step * example.stride
        a_start = begin + example.reuse_len
        a_len, b_len, b_start = (int(x[step]) for x in (found.pairs.a_len, found.pairs.b_len, found.pairs.b_start))
        expected = ids[begin : a_start + a_len]
        expected += [SEP_ID, *ids[b_start : b_start + b_len], SEP_ID, CLS_ID]
        assert row == expected
        assert len(row) == example.seq_len


@given(samplings())
def test_every_row_has_its_quota_of_distinct_targets_in_each_half_and_the_three_functional_tokens(
    drawn: tuple[Lane, bool, Sampling],
) -> None:
    lane, is_backward, sampling = drawn
    example = sampling.settings
    found = join(lane, is_backward, sampling)
    assert found.order.dtype == np.uint16
    assert found.order.shape[1] == example.num_targets + 3
    for order, row in zip(found.order.tolist(), found.input_ids.tolist(), strict=True):
        assert len(set(order)) == len(order)
        assert sum(place < example.reuse_len for place in order) == example.reuse_targets
        assert all(place < example.reuse_len for place in order[: example.reuse_targets])
        assert max(order) < example.seq_len
        targets = [place for place in order if row[place] >= FIRST_ID]
        assert len(targets) == example.num_targets
        assert {row[place] for place in order if place not in targets} == {SEP_ID, CLS_ID}
        if example.perm_size:
            blocks = [place // example.perm_size for place in order]
            assert blocks == sorted(blocks)


@given(samplings())
def test_memory_len_counts_the_tokens_before_a_step_in_the_document_of_its_first_token(
    drawn: tuple[Lane, bool, Sampling],
) -> None:
    lane, is_backward, sampling = drawn
    found = join(lane, is_backward, sampling)
    starts = set(lane.document_starts.tolist())
    for step, memory_len in enumerate(found.memory_len.tolist()):
        place = step * sampling.settings.stride
        count = 0
        while place not in starts:
            place -= 1
            count += 1
        assert memory_len == count


@given(samplings(), st.data())
def test_any_example_is_drawn_again_alone(drawn: tuple[Lane, bool, Sampling], data: st.DataObject) -> None:
    lane, is_backward, sampling = drawn
    found = join(lane, is_backward, sampling)
    step = data.draw(st.integers(0, len(found.input_ids) - 1))
    alone = draw_example(lane, 5, is_backward, step, sampling)
    schema = example_schema(sampling.settings.seq_len, sampling.settings.num_targets, VOCAB_SIZE)
    assert alone.to_record_batch(schema).to_pylist() == found.to_record_batch(schema).slice(step, 1).to_pylist()


@given(samplings())
def test_epoch_0_redraws_the_orders_of_the_shard_and_other_epochs_draw_others(
    drawn: tuple[Lane, bool, Sampling],
) -> None:
    lane, is_backward, sampling = drawn
    found = join(lane, is_backward, sampling)
    rows = len(found.input_ids)

    def redraw(epoch: int) -> list[list[int]]:
        columns = {
            "lane": np.full(rows, 5),
            "step": np.arange(rows),
            "backward": np.full(rows, is_backward),
            "a_len": found.pairs.a_len.astype(np.uint16),
            "input_ids": found.input_ids,
        }
        return redraw_orders(columns, sampling, epoch).tolist()  # type: ignore[no-any-return]

    assert redraw(0) == found.order.tolist()
    if rows * sampling.settings.num_targets > 30 and not sampling.settings.perm_size:
        assert redraw(1) != found.order.tolist()
        assert redraw(1) != redraw(2)
    assert redraw(3) == redraw(3)


@settings(max_examples=30)
@given(samplings())
def test_no_query_of_a_drawn_example_reaches_its_own_token_or_a_later_one(drawn: tuple[Lane, bool, Sampling]) -> None:
    lane, is_backward, sampling = drawn
    found = join(lane, is_backward, sampling)
    first = slice(0, 1)
    reuse_len = sampling.settings.reuse_len
    hidden = perm_mask(found.input_ids[first], found.order[first], reuse_len)[0]
    content = ~hidden | np.eye(len(hidden), dtype=bool)
    for _ in range(7):
        content = (content.astype(np.int32) @ content.astype(np.int32)) > 0
    reached = ((~hidden).astype(np.int32) @ content.astype(np.int32)) > 0
    order = found.order[0].astype(np.int64)
    targets = is_target(found.input_ids[first], found.order[first])[0]
    for rank in np.flatnonzero(targets).tolist():
        is_reuse = order[rank] < reuse_len
        later = [place for place in order[rank:].tolist() if (place < reuse_len) == is_reuse]
        assert not reached[order[rank], later].any()
    assert not reached[:reuse_len, reuse_len:].any()


def test_batches_hold_at_most_1024_rows_and_steps_count_on() -> None:
    lane = make_english_lane(600_000)
    sampling = Sampling(ExampleSettings(), 0, "train")
    batches = list(sample_examples(lane, 0, False, sampling))
    sizes = [len(batch.input_ids) for batch in batches]
    assert sizes[:-1] == [MAX_ROWS_PER_BATCH] * (len(sizes) - 1)
    assert [batch.first_step for batch in batches] == [MAX_ROWS_PER_BATCH * i for i in range(len(sizes))]
    assert sum(sizes) == sampling.settings.num_steps(len(lane.ids))
    last = draw_example(lane, 0, False, MAX_ROWS_PER_BATCH + 3, sampling)
    assert last.order.tolist() == batches[1].order[3:4].tolist()


@pytest.mark.parametrize(
    "other",
    [
        Sampling(ExampleSettings(), 1, "train"),
        Sampling(ExampleSettings(), 0, "dev"),
    ],
    ids=["seed", "split"],
)
def test_another_seed_or_split_draws_other_examples_of_the_same_lane(other: Sampling) -> None:
    lane = make_english_lane(40_000)
    first = next(sample_examples(lane, 0, False, Sampling(ExampleSettings(), 0, "train")))
    second = next(sample_examples(lane, 0, False, other))
    assert (first.order != second.order).any(axis=1).all()
    assert (first.pairs.is_next != second.pairs.is_next).mean() > 0.3
    third = next(sample_examples(lane, 1, False, Sampling(ExampleSettings(), 0, "train")))
    assert (first.order != third.order).any(axis=1).all()


@pytest.mark.parametrize(
    ("changes", "digest"),
    [
        ({}, "db66c2dc3ebfd6c3"),
        ({"whole_words": True, "k": 6.5}, "766de35329a741f6"),
        ({"spans": False, "perm_size": 32}, "0cd37f9dc3d44720"),
        ({"pairs": False, "max_span": 3}, "3845a05ee1c0d1ff"),
        ({"recipe": "reference"}, "0da68104fe2f5d61"),
    ],
    ids=["paper", "whole words", "single tokens", "no pairs", "reference"],
)
def test_examples_are_the_same_today_as_when_this_was_written(changes: dict[str, Any], digest: str) -> None:
    # Other hashes here mean other bytes in every such dataset: a change for the change log.
    example = ExampleSettings(**{"seq_len": 64, "reuse_len": 32} | changes)
    documents = [[3 + (7 * number + 5 * place) % 19 for place in range(2 + number % 5)] for number in range(60)]
    copies = [number % 50 for number in range(60)]
    starts = np.arange(VOCAB_SIZE) % 4 != 0
    needs_starts = example.whole_words or example.recipe == "reference"
    examples = join(
        make_lane(documents, FIRST_ID, copies), True, Sampling(example, 7, "train", starts if needs_starts else None)
    )
    pairs = examples.pairs
    columns = (examples.input_ids, pairs.a_len, pairs.b_start, pairs.is_next, pairs.is_fallback, examples.order)
    text = json.dumps([column.tolist() for column in columns])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_neighbouring_steps_draw_independently() -> None:
    lane = make_english_lane(600_000)
    batches = list(sample_examples(lane, 0, False, Sampling(ExampleSettings(), 0, "train")))
    order = np.concatenate([batch.order for batch in batches]).astype(np.int64)
    positive = np.concatenate([batch.pairs.is_next for batch in batches])
    is_predicted = np.zeros((len(order), 512), bool)
    np.put_along_axis(is_predicted, order, True, axis=1)
    shared = (is_predicted[1:, :256] & is_predicted[:-1, :256]).sum(axis=1).mean()
    # Chance alone: about 43 * 43 / 256 = 7.2; the same draw at every step would share 43.
    assert 6.8 < shared < 7.8
    assert abs((positive[1:] == positive[:-1]).mean() - 0.5) < 0.06


@pytest.mark.parametrize("recipe", ["paper", "reference"])
def test_exactly_one_of_k_tokens_is_predicted_and_the_first_of_the_order_may_be_any(recipe: str) -> None:
    lane = make_english_lane(2_500_000)
    is_start = np.random.default_rng(0).random(32_000) < 0.77
    example = ExampleSettings(recipe=recipe)
    sampling = Sampling(example, 0, "train", is_start if recipe == "reference" else None)
    batches = list(sample_examples(lane, 0, False, sampling))
    order = np.concatenate([batch.order for batch in batches]).astype(np.int64)
    ids = np.concatenate([batch.input_ids for batch in batches])
    assert (is_target(ids, order).sum(axis=1) == 85).all()
    assert order.shape == (len(ids), 88)
    for half in (order[:, :43], order[:, 43:]):
        place_of_first = (half < half[:, :1]).sum(axis=1)
        counts = np.bincount(place_of_first, minlength=half.shape[1])
        expected = len(half) / half.shape[1]
        degrees = half.shape[1] - 1
        # Five standard deviations above the mean of chi-square. Targets left in text order, or the functional tokens
        # at the end of every order, give thousands.
        assert ((counts - expected) ** 2 / expected).sum() < degrees + 5 * (2 * degrees) ** 0.5
    # <cls> is anywhere in the order of its half.
    rank_of_cls = np.argmax(order[:, 43:] == 511, axis=1)
    assert abs(rank_of_cls.mean() - 22) < 0.7


def test_backward_rows_of_the_reference_look_for_start_pieces_in_text_order() -> None:
    example = ExampleSettings(recipe="reference", pairs=False)
    rng = np.random.default_rng(5)
    ids = np.where(rng.random(400_000) < 0.4, 20, 30).astype(np.uint16)  # 20 begins a word
    sentence_starts = np.arange(0, 400_000, 25)
    lane = Lane(ids, sentence_starts, sentence_starts[::40], np.arange(400))
    is_start = np.zeros(64, bool)
    is_start[20] = True
    rates = {}
    for is_backward in (False, True):
        batches = list(sample_examples(lane, 0, is_backward, Sampling(example, 0, "train", is_start)))
        order = np.concatenate([batch.order for batch in batches]).astype(np.int64)[:, :43]
        tokens = np.concatenate([batch.input_ids for batch in batches])
        is_predicted = np.zeros(tokens.shape, bool)
        np.put_along_axis(is_predicted, order, True, axis=1)
        reuse, chosen = tokens[:, :256], is_predicted[:, :256]
        begins_run = chosen[:, 1:-1] & ~chosen[:, :-2]
        ends_run = chosen[:, 1:-1] & ~chosen[:, 2:]
        rates[is_backward] = [(reuse[:, 1:-1] == 20)[run].mean() for run in (begins_run, ends_run)]
    # A span begins at a start piece: forward at the left end of a run of targets, backward at its right end.
    assert rates[False][0] > 0.75 > 0.6 > rates[False][1]
    assert rates[True][1] > 0.75 > 0.6 > rates[True][0]


def test_memory_len_stops_at_what_its_column_holds() -> None:
    lane = make_lane([[10] * 7_000], FIRST_ID)
    found = list(sample_examples(lane, 0, False, Sampling(ExampleSettings(pairs=False), 0, "train")))
    memory = np.concatenate([batch.memory_len for batch in found])
    assert memory[:256].tolist() == [256 * step for step in range(256)]
    assert set(memory[256:].tolist()) == {65_535}


@pytest.mark.parametrize("recipe", ["paper", "reference"])
@pytest.mark.parametrize("seq_len", [128, 512])
def test_without_memory_less_than_a_fiftieth_of_the_tokens_lie_in_no_example_of_a_reading(
    recipe: str, seq_len: int
) -> None:
    lane = make_english_lane(1_000_000)
    example = ExampleSettings(seq_len=seq_len, reuse_len=0, recipe=recipe)
    is_start = np.ones(32_000, bool) if recipe == "reference" else None
    is_held = np.zeros(len(lane.ids), bool)
    for batch in sample_examples(lane, 0, False, Sampling(example, 0, "train", is_start)):
        a_starts = batch.steps * example.stride
        for start, length in ((a_starts, batch.pairs.a_len), (batch.pairs.b_start, batch.pairs.b_len)):
            for first, size in zip(start.tolist(), length.tolist(), strict=True):
                is_held[first : first + size] = True
    # A stride of pair_len leaves out 0.19, of half of it 0.03.
    assert 0.01 < 1 - is_held.mean() < 0.02


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ({}, None),
        ({"whole_words": True}, "words"),
        ({"recipe": "reference"}, "pieces"),
        ({"recipe": "reference", "spans": False}, None),
    ],
)
def test_spans_of_the_reference_recipe_start_at_start_pieces_and_whole_words_at_words(
    options: dict[str, Any], starts: str | None
) -> None:
    tokenizer: Any = SimpleNamespace(is_start_piece="pieces", is_word_start="words")
    sampling = sampling_of(ExampleSettings(**options), 5, "dev", tokenizer)
    assert (sampling.seed, sampling.split, sampling.may_start_span) == (5, "dev", starts)
