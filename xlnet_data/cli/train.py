"""The command `train-smoke`: trains on a dataset, and says whether its shards teach a model anything."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlnet_data.cli.amounts import show_time_left
from xlnet_data.cli.displays import tell_of_silence
from xlnet_data.cli.flags import add_flags
from xlnet_data.cli.helping import Command
from xlnet_data.errors import XlnetDataError
from xlnet_data.showing import shell_command
from xlnet_data.trainer.arguments import SETTINGS, load_function, settings_from
from xlnet_data.trainer.flags import flags_of, option_of

if TYPE_CHECKING:
    from xlnet_data.trainer.metrics import StepRecord


@click.command("train-smoke", context_settings={"show_default": True}, cls=Command, examples=(
    "xlnet-data train-smoke dataset --steps 250 --batch-size 16",
    "xlnet-data train-smoke dataset --output run --resume",
    "torchrun --nproc-per-node 2 --no-python xlnet-data train-smoke dataset",
))  # fmt: skip
@click.argument("dataset", type=click.Path(), metavar="DIR")
@add_flags(*SETTINGS)
@click.pass_context
def train_smoke(context: click.Context, /, dataset: str, output: str | None, **flags: Any) -> None:
    """Train a small XLNet on the dataset DIR, a folder or a URL, and say whether it learned.

    Every setting of the data comes from the shards. The run's folder gets metrics.jsonl, curves.svg, run.json and
    checkpoints/. Exits with 1 if the loss on the dev split did not come below that of guessing by token frequency.
    """
    run_training = load_function("loop", "run_training")
    is_default = click.core.ParameterSource.DEFAULT
    given = {name: value for name, value in flags.items() if context.get_parameter_source(name) is not is_default}
    options, config, settings = settings_from(dataset, output, given)
    is_main = os.environ.get("RANK", "0") == "0"
    record = None
    with _watch_signals() as should_stop, tell_of_silence() if is_main else nullcontext() as tell:
        for record in run_training(options, config, settings, should_stop):
            if tell is not None:
                tell(_format_record(record))
    if not is_main:  # the verdict is the first process's; torchrun would kill it if another failed before it
        return
    if record is None or record.has_learned is None:
        again = _resuming(dataset, given | {"output": options.output, "resume": True})
        raise XlnetDataError(f"stopped by a signal; a checkpoint is saved, go on with: {again}")
    click.echo(_judge(record, options.output))
    if not record.has_learned:
        context.exit(1)


def _resuming(dataset: str, given: Mapping[str, Any]) -> str:
    """Return the command that goes on with a run, with all that was given and that the run itself does not decide."""
    words = ["xlnet-data", "train-smoke", dataset]
    for settings in SETTINGS:
        for field, flag, kind in flags_of(settings):
            if field.name in given and not flag.is_fixed_by_run:
                words += [option_of(field, flag), *([] if kind is bool else [str(given[field.name])])]
    return shell_command(*words)


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
        parts += [f"{record.tokens_per_sec:,.0f} tokens/s", f"{show_time_left(record.secs_left)} left"]
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
    """Let what ends a command end the training after the current step.

    A second signal ends it at once, and so does one before the first step is done, which may take minutes: there is
    nothing to be saved.
    """
    received: list[int] = []
    before: dict[int, Any] = {}
    has_begun = False

    def note(number: int, _frame: object) -> None:
        received.append(number)
        signal.signal(number, before[number])
        if not has_begun:
            signal.raise_signal(number)

    def should_stop() -> bool:
        nonlocal has_begun
        has_begun = True
        return bool(received)

    for watched in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(watched) is not signal.SIG_IGN:  # as in the background of a script, or by `nohup`
            before[watched] = signal.signal(watched, note)
    try:
        yield should_stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
