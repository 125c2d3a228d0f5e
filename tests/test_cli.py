"""What a command line may say."""

import click
import pytest

from xlnet_data.cli.helping import FiniteRange


@pytest.mark.parametrize("text", ["nan", "inf", "-1"])
def test_a_number_that_no_bound_keeps_out_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        FiniteRange(min=0).convert(text, None, None)
    assert FiniteRange(min=0).convert("0.5", None, None) == 0.5
