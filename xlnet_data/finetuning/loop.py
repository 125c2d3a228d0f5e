"""Fine-tunes: from a run and a task's files to scores and predictions."""

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from xlnet_data.errors import ConfigError
from xlnet_data.finetuning.choices import choices_of
from xlnet_data.finetuning.exports import export_tuning
from xlnet_data.finetuning.folders import (
    Tuning,
    clear_output,
    is_tuned,
    load_tuning,
    open_body,
    save_tuning,
    write_scores,
)
from xlnet_data.finetuning.heads import TunedModel
from xlnet_data.finetuning.inputs import Inputs, stack_rows
from xlnet_data.finetuning.kinds import Instance, Kind
from xlnet_data.finetuning.reading import TaskFiles, hold_out, read_task
from xlnet_data.finetuning.results import Scored, Tuned, TuneRecord
from xlnet_data.finetuning.settings import RATE_BY_WIDTH, SPAN_LAYER_DECAY, TuneOptions, TuneSettings
from xlnet_data.finetuning.spans import Spans, spans_of
from xlnet_data.finetuning.submissions import check_submissions, name_submission, write_submission
from xlnet_data.finetuning.summaries import Classes, check_classes, classes_of, numbers_of
from xlnet_data.finetuning.tasks import CHOICES, CLASSES, SPANS, TaskError, TaskFile
from xlnet_data.seeds import draw_words, hash64
from xlnet_data.trainer.devices import Device, open_device
from xlnet_data.trainer.loop import DivergedError, check_gradient, is_decayed
from xlnet_data.trainer.metrics import MetricsLog
from xlnet_data.trainer.run_folders import check_export
from xlnet_data.trainer.settings import share_of_rate

SCORED_ROWS = 32
"""Instances that are scored at a time; of their length, so that little is padded."""


def tune(options: TuneOptions, settings: TuneSettings, display: Callable[[TuneRecord], None]) -> Tuned:
    """Fine-tune a run on a task, or predict with a fine-tuned model; `training.finetune` describes it.

    Raises:
        XlnetDataError: Something that the user can mend.
    """
    began = time.monotonic()
    with open_device(settings.device, settings.precision) as device:
        tuning, files = open_tuning(options, settings)
        check_submissions(tuning.task, (*files.dev, *files.test))
        if options.export_hf is not None:
            check_export(options.export_hf, options.output, overwrite=options.overwrite)
        inputs = filter(None, (options.run, options.task, *options.dev, *options.test))
        clear_output(options.output, inputs, overwrite=options.overwrite)
        for file in filter(None, (files.train, *files.dev, *files.test)):
            for note in file.notes:
                display(TuneRecord(0, note=note))
        tuning.model.to(device.device)
        steps = 0
        if files.train is not None:
            log = MetricsLog(options.output, 0, is_main=True)
            for record in train(tuning, files.train, device):
                if record.note is None:
                    log.write(record)
                display(record)
                steps = record.step
            save_tuning(tuning, options.output)
        if options.export_hf is not None:
            export_tuning(tuning, options.export_hf)
        scored = tuple(score_file(tuning, file, options.output, device, display) for file in (*files.dev, *files.test))
    num_train = len(files.train.items) if files.train else 0
    tuned = Tuned(tuning.task, str(options.output), steps, num_train, time.monotonic() - began, scored)
    write_scores(asdict(tuned), options.output)
    return tuned


def open_tuning(options: TuneOptions, settings: TuneSettings) -> tuple[Tuning, TaskFiles]:
    """Return a run's model with a new head, or a fine-tuned one, and the task's files.

    Raises:
        XlnetDataError: Something that the user can mend.
    """
    run = options.run
    if options.task is not None:
        if is_tuned(run):
            raise ConfigError(f"{run} is a fine-tuned model, which only predicts: name the run that it was made of")
        files = read_task(options.task, options.dev, options.test)
        files = files if files.dev else hold_out(files)
        return start_tuning(run, files, settings), files
    if not is_tuned(run):
        raise ConfigError(f"{run} holds no fine-tuned model: name what it is to learn with --task")
    settings.check_prediction()
    tuning = load_tuning(run)
    files = read_task(None, options.dev, options.test, tuning.form)
    check_files(tuning.kind, files)
    return tuning, files


def start_tuning(run: Path, files: TaskFiles, settings: TuneSettings) -> Tuning:
    """Return the run's model with a new head for a task.

    Raises:
        XlnetDataError: The run cannot be opened, or the task's files do not fit each other.
    """
    assert files.train is not None
    kind = kind_of(files.train, (*files.dev, *files.test), settings)
    body, tokenizer, seq_len = open_body(run, settings)
    model = TunedModel(body, kind.make_head(body.config), settings.summary)
    return Tuning(model, kind, files.train.name, files.form, tokenizer, seq_len, settings)


def kind_of(train_file: TaskFile, others: Sequence[TaskFile], settings: TuneSettings) -> Kind:
    """Return what is to be told of a task's examples.

    Raises:
        ConfigError: A setting is of another kind of task.
        TaskError: There is one class only, or the other files have more.
    """
    for name in ("stride", "answer_len") if train_file.kind != SPANS else ():
        if getattr(settings, name) != getattr(TuneSettings, name):
            raise ConfigError(f"{name} is of SQuAD alone: leave it out, got {getattr(settings, name)}")
    if train_file.kind == CLASSES:
        return classes_of(train_file, others)
    if train_file.kind == SPANS:
        return spans_of(train_file, settings)
    return choices_of(train_file) if train_file.kind == CHOICES else numbers_of(train_file)


def check_files(kind: Kind, files: TaskFiles) -> None:
    """Check that files are of the kind that a fine-tuned model was made for.

    Raises:
        TaskError: One is not.
    """
    for file in (*files.dev, *files.test):
        if file.kind != kind.to_json()["kind"]:
            raise TaskError(f"{file.path} is a task of {file.kind}, the model learned {kind.to_json()['kind']}")
    if isinstance(kind, Classes):
        check_classes(kind, (*files.dev, *files.test))


def train(tuning: Tuning, file: TaskFile, device: Device) -> Iterator[TuneRecord]:
    """Train on a file's examples, and yield a record every so many steps, after one that says what had to be cut.

    Raises:
        DivergedError: The loss or the gradient is no number.
    """
    model, kind, settings = tuning.model, tuning.kind, tuning.settings
    instances = kind.prepare(file.items, tuning.tokenizer, tuning.seq_len)
    yield from note_cuts(tuning, file, instances)
    steps = settings.count_steps(len(instances))
    optimizer = build_optimizer(model, settings, file.kind)
    peak = settings.learning_rate or RATE_BY_WIDTH / model.body.config.width
    order = draw_order(len(instances), settings.seed)
    losses: list[float] = []
    clock, logged = time.monotonic(), 0
    model.train()
    for step in range(steps):
        torch.manual_seed(hash64("finetune dropout", settings.seed, step) >> 1)
        rate = peak * share_of_rate(step, steps, round(settings.warmup * steps))
        for group in optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        chosen = [instances[place] for place in itertools.islice(order, settings.batch_size)]
        with device.autocast():
            loss = kind.loss(model, inputs_of(chosen, device), chosen)
        loss.backward()  # type: ignore[no-untyped-call]
        grad_norm = nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        done = step + 1
        if not math.isfinite(losses[-1]):
            raise DivergedError(f"the loss is {losses[-1]} at step {done}: use a lower --lr or a longer --warmup")
        check_gradient(done, float(grad_norm))
        if done % settings.log_every == 0 or done == steps:
            speed = (done - logged) * settings.batch_size / (time.monotonic() - clock)
            left = (steps - done) * settings.batch_size / speed
            yield TuneRecord(done, sum(losses) / len(losses), rate, speed, left)
            losses, clock, logged = [], time.monotonic(), done


def note_cuts(tuning: Tuning, file: TaskFile, instances: Sequence[Instance]) -> Iterator[TuneRecord]:
    """Yield a note on how many of a file's examples are longer than the model reads, if any are."""
    if num_cut := sum(instance.is_cut for instance in instances):
        share = f"{num_cut:,} of {len(file.items):,} examples"
        yield TuneRecord(0, note=f"{file.path}: {share} do not fit into seq_len={tuning.seq_len} and lose their ends")


def draw_order(num_instances: int, seed: int) -> Iterator[int]:
    """Yield the places of instances without end, each once in every reading, in an order that follows from the seed."""
    for epoch in itertools.count():
        words = draw_words(("finetune order", seed), epoch, 1, num_instances)[0]
        yield from np.argsort(words, kind="stable").tolist()


def inputs_of(instances: Sequence[Instance], device: Device) -> Inputs:
    """Return the rows of instances as tensors on the device."""
    return stack_rows([row for instance in instances for row in instance.rows]).to(device.device)


def build_optimizer(model: TunedModel, settings: TuneSettings, kind: str) -> torch.optim.AdamW:
    """Return AdamW with a group for each depth, with and without weight decay; ``scale`` is its share of the rate.

    Of L layers the highest learns at the full rate, as the head does, the one below at ``layer_decay`` of it, and so
    on; the embeddings count as the layer below the first. Source: paper, appendix A.4.2 (layer-wise decay).
    """
    layer_decay = settings.layer_decay or (SPAN_LAYER_DECAY if kind == SPANS else 1.0)
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    num_layers = model.body.config.num_layers
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((depth_of(name, num_layers), is_decayed(name)), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "weight_decay": settings.weight_decay * decays,
                "scale": layer_decay**depth,
            }
            for (depth, decays), parameters in groups.items()
        ],
        lr=0.0,
        eps=1e-6,
    )


def depth_of(name: str, num_layers: int) -> int:
    """Return how far a parameter lies below the highest layer; the head's counts as that.

    >>> [depth_of(name, 3) for name in ("head.inner.bias", "body.layers.2.q", "body.layers.0.q")]
    [0, 0, 2]
    >>> depth_of("body.word_embedding.weight", 3)
    3
    """
    parts = name.split(".")
    if parts[0] == "head":
        return 0
    return num_layers - 1 - int(parts[2]) if parts[1] == "layers" else num_layers


@torch.no_grad()
def run_instances(tuning: Tuning, instances: Sequence[Instance], device: Device) -> list[Any]:
    """Return what the model says of each instance; those of like lengths are read together."""
    lengths = [max(map(len, instance.rows)) for instance in instances]
    by_length = sorted(range(len(instances)), key=lambda place: (lengths[place], place))
    outputs: list[Any] = [None] * len(instances)
    tuning.model.eval()
    for start in range(0, len(instances), SCORED_ROWS):
        places = by_length[start : start + SCORED_ROWS]
        chosen = [instances[place] for place in places]
        with device.autocast():
            found = tuning.kind.run(tuning.model, inputs_of(chosen, device), chosen)
        for place, output in zip(places, found, strict=True):
            outputs[place] = output
    return outputs


def score_file(
    tuning: Tuning, file: TaskFile, output: Path, device: Device, display: Callable[[TuneRecord], None]
) -> Scored:
    """Predict a file's examples, write the predictions, and score them where it has labels."""
    kind = tuning.kind
    instances = kind.prepare(file.items, tuning.tokenizer, tuning.seq_len)
    for note in note_cuts(tuning, file, instances):
        display(note)
    predictions = kind.decide(file.items, instances, run_instances(tuning, instances, device))
    path = output / name_submission(tuning.task, file)
    write_submission(path, kind.write(file.items, predictions))
    if isinstance(kind, Spans):
        for name, text in kind.write_more(file.items, predictions).items():
            write_submission(output / f"{name}-{file.path.stem}.json", text)
    scores = kind.score(tuning.task, file.items, predictions) if file.has_labels else {}
    baseline = kind.score(tuning.task, file.items, kind.guess(file.items)) if file.has_labels else {}
    return Scored(str(file.path), len(file.items), str(path), scores, baseline)
