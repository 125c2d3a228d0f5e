"""The command that trains the paper's ablation rows and the other objectives, and compares them."""

from typing import Any

import click

from xlnet_data.ablations.rows import ROWS
from xlnet_data.cli.build import quiet_engine
from xlnet_data.cli.helping import Command, FiniteRange
from xlnet_data.finetuning.settings import SUMMARIES

_TUNING = {
    "tune_steps": "steps",
    "tune_batch_size": "batch_size",
    "tune_lr": "learning_rate",
    "tune_summary": "summary",
}
"""The settings of the fine-tuning by their options."""


@click.command(cls=Command, context_settings={"show_default": True}, examples=(
    "xlnet-data ablate corpus.toml --output ablation --seeds 3 --steps 2000",
    "xlnet-data ablate corpus.toml --output ablation --rows masked-plm --rows dae",
    "xlnet-data ablate corpus.toml --output ablation --task train.jsonl --dev dev.jsonl --tune-steps 100",
))  # fmt: skip
@click.argument("config", type=click.Path(dir_okay=False))
@click.option(
    "--output", required=True, type=click.Path(), help="Folder for datasets, runs, results, table.md and chart.svg."
)
@click.option("--rows", type=click.Choice([*ROWS]), multiple=True, help="Which rows.  [default: all]")
@click.option("--seeds", type=click.IntRange(min=1), default=2, help="Runs of each row.")
@click.option("--steps", type=click.IntRange(min=1), default=400, help="Optimizer steps of each run.")
@click.option("--task", type=click.Path(), help="Fine-tune every run on it, and random weights; as of finetune.")
@click.option("--dev", type=click.Path(), multiple=True, help="What to score then; the first counts, as of finetune.")
@click.option("--workers", type=click.IntRange(min=0), help="Local worker processes of a build.")
@click.option("--jobs", type=click.IntRange(min=1), help="Runs that train side by side.  [default: one per core]")
@click.option("--batch-size", type=click.IntRange(min=1), help="As of train-smoke.")
@click.option("--width", type=click.IntRange(min=2), help="As of train-smoke.")
@click.option("--layers", "num_layers", type=click.IntRange(min=1), help="As of train-smoke.")
@click.option("--heads", "num_heads", type=click.IntRange(min=1), help="As of train-smoke.")
@click.option("--lr", "learning_rate", type=FiniteRange(min=0), help="As of train-smoke.")
@click.option("--tune-steps", type=click.IntRange(min=1), help="As --steps of finetune.")
@click.option("--tune-batch-size", type=click.IntRange(min=1), help="As --batch-size of finetune.")
@click.option("--tune-lr", type=FiniteRange(min=0, min_open=True), help="As --lr of finetune.")
@click.option("--tune-summary", type=click.Choice(SUMMARIES), help="As --summary of finetune.")
def ablate(
    config: str,
    output: str,
    rows: tuple[str, ...],
    seeds: int,
    steps: int,
    task: str | None,
    dev: tuple[str, ...],
    workers: int | None,
    jobs: int | None,
    **settings: Any,
) -> None:
    """Train the paper's ablation rows and the other objectives on the text of CONFIG, and print one table.

    Every row gets the same tokens, and is measured on the same dev targets. With --task every run is also fine-tuned,
    and random weights beside them. What is finished stays: the same command goes on where it was stopped, and with a
    --task that is new it fine-tunes the runs that are there.
    """
    quiet_engine()
    from xlnet_data.ablations import running

    given = {name: value for name, value in settings.items() if value is not None}
    tuning = {_TUNING[name]: given.pop(name) for name in [*given] if name in _TUNING}
    table = running.ablate(
        config,
        output,
        rows=rows or tuple(ROWS),
        seeds=seeds,
        steps=steps,
        task=task,
        dev=dev,
        tuning=tuning,
        workers=workers,
        jobs=jobs,
        display=lambda line: click.echo(line, err=True),
        **given,
    )
    click.echo(table)
