"""The layout: lengths, quotas and the settings that do not fit one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.errors import ConfigError
from xlnet_data.examples.layout import ExampleSettings


@pytest.mark.parametrize(
    ("settings", "targets"),
    [
        (ExampleSettings(), (85, 42 + 1, 42)),
        (ExampleSettings(k=7), (73, 37, 36)),
        (ExampleSettings(k=6.5), (78, 39, 39)),
        (ExampleSettings(reuse_len=0), (85, 0, 85)),
        (ExampleSettings(seq_len=128, reuse_len=32, k=5), (25, 7, 18)),
    ],
)
def test_quotas_are_those_of_the_paper_and_the_reuse_half_takes_what_is_left(
    settings: ExampleSettings, targets: tuple[int, int, int]
) -> None:
    assert (settings.num_targets, settings.reuse_targets, settings.rest_targets) == targets


@given(st.integers(8, 2000), st.data())
def test_steps_go_on_while_a_whole_window_fits(seq_len: int, data: st.DataObject) -> None:
    settings = ExampleSettings(seq_len=seq_len, reuse_len=data.draw(st.integers(0, seq_len - 5)), k=8)
    length = data.draw(st.integers(0, 10 * seq_len))
    begins = []
    while len(begins) * settings.stride + settings.reuse_len + settings.pair_len <= length:
        begins.append(len(begins) * settings.stride)
    assert settings.num_steps(length) == len(begins)
    assert settings.stride == (settings.reuse_len or (seq_len - 3) * 2 // 5)


@pytest.mark.parametrize("tenths", [25, 26, 33, 51, 60, 64, 65, 70, 128, 333])
def test_the_number_of_targets_is_the_floor_of_the_quotient_as_it_is_written(tenths: int) -> None:
    for seq_len in range(40, 2000, 7):
        assert ExampleSettings(seq_len=seq_len, reuse_len=0, k=tenths / 10).num_targets == seq_len * 10 // tenths


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seq_len": 7, "reuse_len": 0}, r"seq_len must be between 8 and 65,535: got seq_len=7"),
        ({"seq_len": 65_536}, r"got seq_len=65536"),
        ({"reuse_len": 508}, r"reuse_len must leave room .* at most seq_len - 5: got reuse_len=508, seq_len=512"),
        ({"reuse_len": -1}, r"got reuse_len=-1"),
        ({"k": 0.5}, r"k must be at least 1 .*: got k=0\.5"),
        ({"k": float("nan")}, r"k must be at least 1"),
        ({"k": 1.0}, r"k is too small: k=1\.0 asks for 256 targets among the 253 tokens"),
        ({"k": 600.0}, r"nothing is predicted: got k=600\.0"),
        ({"max_span": 0}, r"max_span must be between 1 and seq_len: got max_span=0"),
        ({"recipe": "papers"}, r"recipe must be 'paper' or 'reference': got 'papers', did you mean 'paper'"),
        ({"recipe": "reference", "whole_words": True}, r"whole_words needs recipe = .paper."),
        ({"perm_size": 100}, r"perm_size must divide reuse_len and seq_len - reuse_len \(256 and 256\).*perm_size=100"),
        ({"perm_size": -2}, r"perm_size must divide"),
        ({"perm_size": 128, "reuse_len": 64, "seq_len": 320}, r"be at most reuse_len"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_their_value(values: dict[str, int | float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ExampleSettings(**values)  # type: ignore[arg-type]


def test_a_quota_larger_than_its_half_is_refused_and_the_largest_that_fits_is_not() -> None:
    assert ExampleSettings(seq_len=32, reuse_len=16, k=32 / 27).rest_targets == 13
    with pytest.raises(ConfigError, match=r"asks for 14 targets among the 13 tokens of seq_len - reuse_len - 3"):
        ExampleSettings(seq_len=32, reuse_len=16, k=32 / 28)


def test_the_shortest_and_the_longest_settings_that_fit_are_taken() -> None:
    assert ExampleSettings(seq_len=8, reuse_len=0, k=8, max_span=8).num_targets == 1
    assert ExampleSettings(seq_len=65_535, reuse_len=0).num_targets == 65_535 // 6
    assert ExampleSettings(seq_len=16, reuse_len=8, max_span=1).max_span == 1
    with pytest.raises(ConfigError, match="got max_span=17"):
        ExampleSettings(seq_len=16, reuse_len=8, max_span=17)


def test_a_lane_is_read_forward_and_backward_unless_the_settings_say_otherwise() -> None:
    assert (ExampleSettings().num_readings, ExampleSettings(bidirectional=False).num_readings) == (2, 1)


def test_an_examples_bytes_are_its_ids_its_order_and_its_numbers() -> None:
    settings = ExampleSettings(seq_len=512, reuse_len=256, k=6)
    assert settings.row_bytes(2) == 512 * 2 + (85 + 3) * 2 + 18.25
