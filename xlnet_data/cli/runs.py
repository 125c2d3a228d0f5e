"""The commands that take a trained run: evaluate and generate."""

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from xlnet_data import training
from xlnet_data.cli.displays import tell_of_silence
from xlnet_data.cli.helping import Command, FiniteRange
from xlnet_data.showing import make_safe
from xlnet_data.trainer.settings import DEVICES

if TYPE_CHECKING:
    from xlnet_data.trainer.yardsticks import Measure


@click.command(cls=Command, context_settings={"show_default": True}, examples=(
    "xlnet-data evaluate dataset-run dataset",
    "xlnet-data evaluate dataset-run dataset --by-share --json",
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
    with tell_of_silence():
        found = training.evaluate(run, dataset, examples=examples, alone=alone, by_share=by_share, device=device)
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


@click.command(cls=Command, context_settings={"show_default": True}, examples=(
    'xlnet-data generate dataset-run --prompt "It was late when"',
    'xlnet-data generate dataset-run --prompt "It was <mask> when he came." --infill --length 3',
))  # fmt: skip
@click.argument("run", type=click.Path(file_okay=False))
@click.option("--prompt", required=True, help="Text to go on from; with --infill it has one <mask> for the hole.")
@click.option("--length", type=click.IntRange(min=1), default=50, help="Tokens to write.")
@click.option("--infill", is_flag=True, help="Write into the hole, in a random order.")
@click.option("--temperature", type=FiniteRange(min=0), default=1.0, help="0: the likeliest token.")
@click.option(
    "--top-p", type=FiniteRange(0, 1, min_open=True), default=0.9, help="Of the likeliest, together so probable."
)
@click.option("--seed", type=int, default=0, help="Of what is drawn.")
def generate(run: str, prompt: str, length: int, infill: bool, temperature: float, top_p: float, seed: int) -> None:
    """Write text with the model of RUN: behind a prompt until its document ends, or into a hole of --length tokens."""
    drawing = {"temperature": temperature, "top_p": top_p}
    click.echo(make_safe(training.generate(run, prompt, length=length, infill=infill, seed=seed, **drawing)))
