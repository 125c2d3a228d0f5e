"""The command `train-smoke`: train on a dataset, and say whether its shards teach a model anything."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlnet_data.errors import ConfigError, XlnetDataError

if TYPE_CHECKING:
    from xlnet_data.trainer.settings import StepRecord

FIXED_BY_MODEL = ("layers", "width", "heads", "inner_width", "init_std")
FIXED_BY_RUN = (
    *FIXED_BY_MODEL, "steps", "batch_size", "accumulate", "lr", "warmup", "dropout", "memory", "mem_len", "nsp", "seed",
    "fresh_targets", "init_hf", "eval_every", "dev_examples", "save_every", "log_every", "compile",
    "overwrite",
)  # fmt: skip
"""Flags that a resumed run takes from its run.json."""


@click.command("train-smoke", context_settings={"show_default": True})
@click.argument("dataset", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--output", type=click.Path(path_type=Path), metavar="RUN", help="Folder of the run. [default: DIR-run]")
@click.option("--steps", type=click.IntRange(1), default=400, help="Optimizer steps.")
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    help="Rows of a step, each reading its own lane, over all processes. [default: 4, or as many as there are lanes]",
)
@click.option(
    "--accumulate", type=click.IntRange(1), default=1, help="Parts a step's rows are cut into, to save memory."
)
@click.option("--lr", type=float, help="Highest learning rate. [default: 0.2 / width; half the paper's]")
@click.option("--warmup", type=click.IntRange(0), help="Steps until the highest rate. [default: a tenth of the steps]")
@click.option("--dropout", type=click.FloatRange(0, 0.9), default=0.0, help="Dropout; the paper's is 0.1.")
@click.option(
    "--memory",
    type=click.Choice(["paper", "reference", "off"]),
    help="Memory masked to its own document, always attended, or none. [default: as the shards' recipe]",
)
@click.option("--mem-len", type=click.IntRange(0), help="Memory positions. [default: 384, or 1.5 times reuse_len]")
@click.option("--fresh-targets", is_flag=True, help="Draw new targets and orders from the second epoch on.")
@click.option("--nsp", is_flag=True, help="Also predict whether B follows A.")
@click.option("--layers", type=click.IntRange(1), default=2, help="Layers.")
@click.option("--width", type=click.IntRange(2), default=128, help="Size of a hidden state.")
@click.option("--heads", type=click.IntRange(1), default=4, help="Attention heads.")
@click.option("--inner-width", type=click.IntRange(1), help="Inside of the feed-forward layers. [default: 4 widths]")
@click.option(
    "--init-std",
    type=click.FloatRange(0, 1, min_open=True),
    help="Standard deviation of the first weights. [default: the paper's 0.02; 0.64 / sqrt(width) below its widths]",
)
@click.option(
    "--init-hf", type=click.Path(path_type=Path), metavar="DIR", help="Start from a model folder of transformers."
)
@click.option(
    "--export-hf", type=click.Path(path_type=Path), metavar="OUT", help="Write the trained model for transformers."
)
@click.option("--seed", type=int, default=0, help="Of the weights, the dropout and the order of the lanes.")
@click.option("--eval-every", type=click.IntRange(1), help="Steps between looks at the dev loss. [default: a fifth]")
@click.option("--dev-examples", type=click.IntRange(1), default=512, help="Dev examples that the verdict rests on.")
@click.option("--save-every", type=click.IntRange(1), help="Steps between checkpoints. [default: at the end]")
@click.option("--log-every", type=click.IntRange(1), default=10, help="Steps between progress lines.")
@click.option("--resume", is_flag=True, help="Go on from the run's last checkpoint, with the run's settings.")
@click.option("--overwrite", is_flag=True, help="Replace a run that lies in the output folder.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Where to compute.")
@click.option("--precision", type=click.Choice(["auto", "fp32", "bf16"]), default="auto", help="auto: bf16 on cuda.")
@click.option("--compile/--no-compile", default=False, help="Compile the model with torch.compile.")
@click.pass_context
def train_smoke(context: click.Context, /, dataset: Path, output: Path | None, **flags: Any) -> None:
    """Train a small XLNet on the dataset DIR and say whether it learned.

    Every setting of the data comes from the shards. The run's folder gets metrics.jsonl, curves.svg, run.json and
    checkpoints/. Exits with 1 if the loss on the dev split did not come below that of guessing by token frequency.
    Several processes: torchrun --nproc-per-node 2 --no-python xlnet-data train-smoke DIR.
    """
    try:
        from xlnet_data.trainer.runs import run_training
    except ImportError as error:
        raise ConfigError(f"training needs torch and matplotlib ({error}): pip install 'xlnet-data[train]'") from error
    run = output or dataset.with_name(f"{dataset.resolve().name}-run")
    _check_flags(context, flags)
    is_main = os.environ.get("RANK", "0") == "0"
    record = None
    with _watch_signals() as should_stop:
        for record in run_training(*_read_flags(dataset, run, flags), should_stop):
            if is_main:
                click.echo(_format_record(record), err=True)
    if not is_main:  # the verdict is the first process's; torchrun would kill it if another failed before it
        return
    if record is None or record.has_learned is None:
        again = f"xlnet-data train-smoke {dataset} --output {run} --resume"
        raise XlnetDataError(f"stopped by a signal; a checkpoint is saved, go on with: {again}")
    click.echo(_judge(record, run))
    if not record.has_learned:
        context.exit(1)


def _check_flags(context: click.Context, flags: dict[str, Any]) -> None:
    """Refuse flags that a resumed run or an imported model decides.

    Raises:
        ConfigError: Such a flag was given.
    """
    fixed = FIXED_BY_RUN if flags["resume"] else FIXED_BY_MODEL if flags["init_hf"] else ()
    given = [n for n in fixed if context.get_parameter_source(n) is click.core.ParameterSource.COMMANDLINE]
    if given:
        names = ", ".join("--" + name.replace("_", "-") for name in given)
        source = (
            "--resume goes on with the run's own settings" if flags["resume"] else "--init-hf brings the model's size"
        )
        raise ConfigError(f"{source}: leave out {names}")


def _read_flags(dataset: Path, run: Path, flags: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return the run's options, the model's size and the training settings."""
    from xlnet_data.trainer.model import ModelConfig
    from xlnet_data.trainer.runs import RunOptions
    from xlnet_data.trainer.settings import TrainSettings

    options = ("resume", "overwrite", "init_hf", "export_hf", "device", "precision")
    settings = (
        "steps", "batch_size", "accumulate", "warmup", "memory", "mem_len", "fresh_targets", "seed", "eval_every",
        "dev_examples", "save_every", "log_every", "compile",
    )  # fmt: skip
    return (
        RunOptions(dataset, run, **{name: flags[name] for name in options}),
        ModelConfig(
            width=flags["width"],
            num_layers=flags["layers"],
            num_heads=flags["heads"],
            inner_width=flags["inner_width"] or 4 * flags["width"],
            dropout=flags["dropout"],
            nsp=flags["nsp"],
            init_std=flags["init_std"] or (0.02 if flags["width"] >= 768 else 0.64 / flags["width"] ** 0.5),
        ),
        TrainSettings(learning_rate=flags["lr"], **{name: flags[name] for name in settings}),
    )


def _format_record(record: "StepRecord") -> str:
    """Return a progress line."""
    if record.note is not None:
        return record.note
    parts = [f"step {record.step:,}", f"{record.tokens / 1e6:.2f}M tokens"]
    if record.loss is not None:
        parts.append(f"loss {record.loss:.3f}")
    if record.nsp_loss is not None:
        parts.append(f"nsp {record.nsp_loss:.3f}")
    if record.dev_loss is not None:
        parts.append(f"dev loss {record.dev_loss:.3f}")
    if record.lr is not None:
        parts.append(f"lr {record.lr:.1e}")
    if record.tokens_per_sec is not None and record.secs_left is not None:
        left = round(record.secs_left)
        parts += [f"{record.tokens_per_sec:,.0f} tokens/s", f"{left // 60}:{left % 60:02} left"]
    return "  ".join(parts)


def _judge(record: "StepRecord", run: Path) -> str:
    """Return the verdict in one sentence."""
    assert record.dev_loss is not None
    assert record.unigram_loss is not None
    gap = record.unigram_loss - record.dev_loss
    numbers = f"dev loss {record.dev_loss:.3f}, unigram loss {record.unigram_loss:.3f} nats per target"
    if gap > 0:
        return (
            f"These shards train: after {record.tokens:,} tokens the model is {gap:.3f} nats below guessing by "
            f"frequency ({numbers}; {run})."
        )
    return (
        f"Not shown to train: after {record.tokens:,} tokens the model is {-gap:.3f} nats above guessing by frequency "
        f"({numbers}; {run}); try more --steps."
    )


@contextlib.contextmanager
def _watch_signals() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C and SIGTERM end the training after the step in hand; a second one ends it at once."""
    received: list[int] = []
    before: dict[int, Any] = {}

    def note(number: int, _frame: object) -> None:
        received.append(number)
        signal.signal(number, before[number])

    for watched in (signal.SIGINT, signal.SIGTERM):
        before[watched] = signal.signal(watched, note)
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
