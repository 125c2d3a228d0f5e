"""The commands that take a trained run: evaluate."""

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from xlnet_data import api
from xlnet_data.cli.helping import Command
from xlnet_data.trainer.settings import DEVICES

if TYPE_CHECKING:
    from xlnet_data.trainer.yardsticks import Measure


@click.command(cls=Command, context_settings={"show_default": True}, examples=(
    "xlnet-data evaluate dataset/run dataset",
    "xlnet-data evaluate dataset/run dataset --by-share --json",
))  # fmt: skip
@click.argument("run", type=click.Path(file_okay=False))
@click.argument("dataset", type=click.Path(file_okay=False))
@click.option("--examples", type=click.IntRange(min=1), default=256, help="Dev examples.")
@click.option("--alone", type=click.IntRange(min=1), default=8, help="Targets of each also predicted one at a time.")
@click.option("--by-share", is_flag=True, help="Also the loss with 1/7 to 7/7 of the text hidden.")
@click.option("--device", type=click.Choice(DEVICES), default="cpu", help="Where to compute.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def evaluate(run: str, dataset: str, examples: int, alone: int, by_share: bool, device: str, as_json: bool) -> None:
    """Measure RUN on the dev targets of DATASET, by the yardstick that is the same for every objective.

    The losses of two objectives do not compare, since they predict other tokens from other context. These do: nats per
    target of the shards, first in their order, then one at a time with all else seen.
    """
    found = api.evaluate(run, dataset, examples=examples, alone=alone, by_share=by_share, device=device)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), indent=2))
        return
    click.echo(f"{found.objective}, step {found.step:,}; nats per target of the dev split")
    click.echo(f"  by frequency          {found.unigram:.3f}")
    click.echo(f"  in the shards' order  {_format_measure(found.in_order)}")
    click.echo(f"  one at a time         {_format_measure(found.alone)}")
    for number, measure in found.by_share.items():
        click.echo(f"  {number}/{len(found.by_share)} of the text hidden  {_format_measure(measure)}")


def _format_measure(measure: "Measure") -> str:
    return f"{measure.nats:.3f} ± {measure.error:.3f}  ({measure.num_targets:,} targets)"
