"""The command `finetune`: trains a run on a task, and says what it is worth beside guessing."""

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

from xlnet_data import training
from xlnet_data.cli.amounts import show_time_left
from xlnet_data.cli.displays import tell_of_silence
from xlnet_data.cli.flags import add_flags
from xlnet_data.cli.helping import Command
from xlnet_data.finetuning.settings import TuneSettings
from xlnet_data.showing import make_safe

if TYPE_CHECKING:
    from xlnet_data.finetuning.results import Scored, Tuned, TuneRecord

_FILES = click.Path()


@click.command(cls=Command, context_settings={"show_default": True}, examples=(
    "xlnet-data finetune dataset-run --task train.tsv --dev dev.tsv --output tuned",
    "xlnet-data finetune dataset-run --task train-v2.0.json --dev dev-v2.0.json --epochs 2",
    "xlnet-data finetune tuned --test test.tsv --output predictions",
))  # fmt: skip
@click.argument("run", type=click.Path(file_okay=False))
@click.option("--task", type=_FILES, help="What to learn. Without it RUN is a fine-tuned model that predicts.")
@click.option("--dev", type=_FILES, multiple=True, help="What to score.  [default: a tenth of the task]")
@click.option("--test", type=_FILES, multiple=True, help="What to predict; labels may be missing.")
@click.option("--output", type=_FILES, metavar="DIR", help="Folder of the model.  [default: RUN-tuned]")
@click.option("--export-hf", type=_FILES, metavar="OUT", help="Write the fine-tuned model for transformers.")
@click.option("--overwrite", is_flag=True, help="Replace what lies in these folders.")
@add_flags(TuneSettings)
@click.option("--json", "as_json", is_flag=True, help="The scores as JSON.")
def finetune(run: str, as_json: bool, **given: Any) -> None:
    """Fine-tune the model of RUN, of any objective, on a task, and score it beside guessing by frequency.

    The files say what the task is: GLUE's tables or your own (columns text and label, or text_a, text_b and label;
    score in place of label for numbers), the same as JSON lines, SQuAD's JSON, RACE's JSON or a folder of it. The
    output folder gets the model, metrics.jsonl, scores.json and predictions in the task's own form.
    """
    with tell_of_silence() as tell:
        found = training.finetune(run, **given, display=lambda record: tell(_format_record(record)))
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), indent=2))
        return
    click.echo(_format_result(found))


def _format_record(record: "TuneRecord") -> str:
    """Return a progress line."""
    if record.loss is None:
        return make_safe(record.note or "")
    return (
        f"step {record.step:,}  loss {record.loss:.3f}  lr {record.lr:.1e}  "
        f"{record.examples_per_sec:,.1f} examples/s  {show_time_left(record.secs_left or 0)} left"
    )


def _format_result(found: "Tuned") -> str:
    """Return the last screen: the scores of each file, and how long it took."""
    lines = [line for file in found.files for line in _format_file(file)]
    what = f"{found.num_train:,} examples, {found.steps:,} steps" if found.steps else "no training"
    return "\n".join([*lines, make_safe(f"{found.task}: {what}, {found.secs:,.0f} s; {found.output}")])


def _format_file(file: "Scored") -> list[str]:
    """Return a file's scores, each beside that of guessing."""
    scores = [
        f"  {name:<12} {value:7.1%}   by frequency {file.baseline[name]:7.1%}" for name, value in file.scores.items()
    ]
    return [make_safe(f"{file.file}: {file.num_examples:,} examples, predictions in {file.predictions}"), *scores]
