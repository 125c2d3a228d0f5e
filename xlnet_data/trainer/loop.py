"""The training line: from a dataset folder to a verdict, one step after another."""

# B rows of this process, T seq_len, M mem_len, K targets, L layers, D width
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from xlnet_data.datasets.mapped import MappedSplit
from xlnet_data.datasets.redraws import Redraw
from xlnet_data.errors import ConfigError, ShardError, XlnetDataError
from xlnet_data.seeds import hash64
from xlnet_data.trainer.batches import Batch, LaneBatches
from xlnet_data.trainer.checkpoints import (
    Checkpoint,
    find_checkpoint,
    load_checkpoint,
    moments_of,
    names_of,
    restore_moments,
    save_checkpoint,
)
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.evaluation import evaluate, unigram_log_probs
from xlnet_data.trainer.leaks import check_leaks
from xlnet_data.trainer.masks import build_masks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import StepRecord, TrainSettings

METRICS_FILE = "metrics.jsonl"


class DivergedError(XlnetDataError):
    """A loss that is no number, or worse than knowing nothing."""


def train(
    model: XLNet,
    splits: tuple[MappedSplit, MappedSplit],
    run: Path,
    settings: TrainSettings,
    device: Device,
    *,
    redraw: Redraw | None = None,
    resume: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[StepRecord]:
    """Train, and yield a record every so many steps; the last one has the dev loss and the unigram loss.

    Every process of a distributed run calls this and gets every record; the first writes the files: ``metrics.jsonl``
    and ``checkpoints/`` in the run's folder. When told to stop it saves a checkpoint and yields a last record without
    a dev loss.

    Args:
        model: The model, on the device.
        splits: Train and dev.
        run: The run's folder.
        settings: How to train, resolved.
        device: This process's device and rank.
        redraw: Draws targets and orders afresh; None: as the shards have them.
        resume: Go on from the run's last checkpoint.
        should_stop: Asked after every step.

    Raises:
        ConfigError: The batch does not fit the lanes or the processes; there is nothing to resume.
        DivergedError: The loss is no number, or worse than knowing nothing.
        LeakError: The model sees what it predicts.
    """
    train_split, dev_split = splits
    num_rows, mem_len = settings.batch_size or 1, settings.mem_len or 0
    batches = LaneBatches(
        train_split, num_rows, settings.seed, rank=device.rank, num_ranks=device.num_ranks, redraw=redraw
    )
    memory_LBMD = model.start_memory(batches.num_own_rows, mem_len)
    optimizer = build_optimizer(model, settings, device)
    unigram_V = unigram_log_probs(train_split).to(device.device)
    start, best_loss = 0, math.inf
    if resume:
        saved = load_checkpoint(find_checkpoint(run) or _nothing_to_resume(run))
        start, best_loss = saved.step, saved.notes["best_loss"]
        model.load_state_dict(saved.model)
        restore_moments(optimizer, names_of(model), saved)
        batches.load_state_dict(saved.loader)
        memory_LBMD = saved.memory_LBMD[:, batches.own_rows].to(device.device)
    else:
        yield StepRecord(0, 0, note=check_first_batch(model, train_split, settings, device))
    baseline = evaluate_dev(model, dev_split, settings, settings.eval_examples, device, unigram_V)[1]
    log = MetricsLog(run / METRICS_FILE, start, device)
    wrapped_model = wrap_model(model, settings, device)
    tokens_per_step = num_rows * train_split.settings.seq_len

    losses: list[Tensor] = []
    clock, logged = time.monotonic(), start
    stream = map(device.move, batches)
    batch = next(stream)
    for step in range(start, settings.steps):
        torch.manual_seed(hash64("dropout", settings.seed, step, device.rank) >> 1)
        for group in optimizer.param_groups:
            group["lr"] = settings.rate_at(step)
        loss, memory_LBMD = run_step(
            wrapped_model, batch, memory_LBMD, train_split.settings.reuse_len, settings, device
        )
        grad_norm = nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss)

        done = step + 1
        reports = settings.is_due(settings.log_every, done)
        # Several processes must stop together; asking each other at every step would make them wait for it.
        stops = (reports or device.num_ranks == 1) and device.sum(should_stop())[0] > 0
        looks = settings.is_due(settings.eval_every, done) and done < settings.steps
        saves = settings.is_due(settings.save_every, done) or stops
        loader_state = batches.state_dict() if saves else {}
        batch = next(stream)  # on CUDA the step is still running
        if not (reports or looks or saves):
            continue
        sums = device.sum(*torch.stack(losses).double().mean(0).tolist())
        mean_loss, nsp_loss = (x / device.num_ranks for x in sums)
        best_loss = check_progress(done, mean_loss, best_loss, baseline, train_split.settings.vocab_size)
        speed = (done - logged) * tokens_per_step / (time.monotonic() - clock)
        record = StepRecord(
            step=done,
            tokens=done * tokens_per_step,
            loss=mean_loss,
            lr=settings.rate_at(step),
            grad_norm=float(grad_norm),
            tokens_per_sec=speed,
            secs_left=(settings.steps - done) * tokens_per_step / speed,
            dev_loss=evaluate_dev(model, dev_split, settings, settings.eval_examples, device, unigram_V)[0]
            if looks
            else None,
            nsp_loss=nsp_loss if model.config.nsp else None,
        )
        log.write(record)
        yield record
        if saves:
            all_memory_LBMD = device.gather_rows(memory_LBMD)
            moments = moments_of(optimizer, names_of(model))
            notes = {"best_loss": best_loss}
            if device.is_main:
                save_checkpoint(
                    Checkpoint(done, model.state_dict(), moments, all_memory_LBMD, loader_state, notes), run
                )
        if stops:
            return
        losses, clock, logged = [], time.monotonic(), done
    dev_loss, unigram_loss = evaluate_dev(model, dev_split, settings, settings.dev_examples, device, unigram_V)
    verdict = StepRecord(settings.steps, settings.steps * tokens_per_step, dev_loss=dev_loss, unigram_loss=unigram_loss)
    log.write(verdict)
    yield verdict


def check_first_batch(model: XLNet, split: MappedSplit, settings: TrainSettings, device: Device) -> str:
    """Check on a first batch that no target sees itself or a later one; return what was found, in a sentence.

    It has the rows that a process takes at a time, so it fits where a step does.

    Raises:
        LeakError: One does.
    """
    num_rows = (settings.batch_size or 1) // (settings.accumulate * device.num_ranks)
    batch = device.move(next(iter(LaneBatches(split, num_rows, settings.seed))))
    mem_len, reuse_len = settings.mem_len or 0, split.settings.reuse_len
    masks = build_masks(batch, reuse_len, mem_len, settings.memory or "off")
    memory_LBMD = model.start_memory(len(batch["input_ids"]), mem_len)
    held = check_leaks(model, batch["input_ids"].long(), masks, memory_LBMD, reuse_len)
    return f"no leak: {held} targets' logits stood still while tokens that they must not see were changed"


def run_step(
    wrapped_model: nn.Module, batch: Batch, memory_LBMD: Tensor, reuse_len: int, settings: TrainSettings, device: Device
) -> tuple[Tensor, Tensor]:
    """Run forward and backward over this process's rows; the gradient is that of the mean over all targets.

    Returns:
        The losses of the targets and of the pair head, [2], and the next memory.
    """
    num_rows = len(batch["input_ids"])
    memory_LBMD = memory_LBMD.masked_fill(batch["is_first"][:, None, None], 0)
    losses, memories = [], []
    size = num_rows // settings.accumulate
    for first in range(0, num_rows, size):
        piece = {name: column[first : first + size] for name, column in batch.items()}
        masks = build_masks(piece, reuse_len, memory_LBMD.shape[2], settings.memory or "off")
        input_ids_BT = piece["input_ids"].long()
        with device.hold_gradients(wrapped_model, first + size < num_rows):
            with device.autocast():
                output = wrapped_model(input_ids_BT, masks, memory_LBMD[:, first : first + size], reuse_len)
            labels_BK = input_ids_BT.gather(1, masks.targets_BK)
            loss = functional.cross_entropy(output.logits_BKV.float().flatten(0, 1), labels_BK.flatten())
            nsp_loss = torch.zeros_like(loss)
            if output.nsp_B2 is not None:
                nsp_loss = functional.cross_entropy(output.nsp_B2.float(), piece["is_next"].long())
            ((loss + nsp_loss) / settings.accumulate).backward()  # type: ignore[no-untyped-call]
        losses.append(torch.stack([loss.detach(), nsp_loss.detach()]))
        memories.append(output.memory_LBMD)
    return torch.stack(losses).mean(0), torch.cat(memories, dim=1)


def build_optimizer(model: XLNet, settings: TrainSettings, device: Device) -> torch.optim.AdamW:
    """Return AdamW with the paper's numbers; biases and layer norms do not decay."""
    named = list(model.named_parameters())
    decays = [p for name, p in named if p.ndim > 1 and "bias" not in name]
    stays = [p for name, p in named if p.ndim <= 1 or "bias" in name]
    groups = [{"params": decays, "weight_decay": settings.weight_decay}, {"params": stays, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.rate_at(0), eps=1e-6, fused=True)


def wrap_model(model: XLNet, settings: TrainSettings, device: Device) -> nn.Module:
    """Return the model as the loop calls it: compiled and distributed where asked for."""
    wrapped_model: nn.Module = model
    if settings.compile:
        wrapped_model = torch.compile(wrapped_model)  # type: ignore[assignment]
    if device.num_ranks > 1:
        wrapped_model = DistributedDataParallel(
            wrapped_model, device_ids=[device.device] if device.device.type == "cuda" else None
        )
    return wrapped_model


def evaluate_dev(
    model: XLNet, dev: MappedSplit, settings: TrainSettings, max_examples: int, device: Device, unigram_V: Tensor
) -> tuple[float, float]:
    """Return the dev targets' mean cross-entropy (nats) over all processes: the model's, and the unigram's."""
    num_rows = min(settings.batch_size or 1, len(dev.lanes)) // device.num_ranks * device.num_ranks
    # With fewer dev lanes than processes, every process reads the first lane: the mean is the same.
    rank, num_ranks = (device.rank, device.num_ranks) if num_rows else (0, 1)
    batches = LaneBatches(dev, num_rows or 1, settings.seed, rank=rank, num_ranks=num_ranks, once=True)
    share, mem_len = max_examples // num_ranks, settings.mem_len or 0
    sums = evaluate(model, batches, share, settings.memory or "off", mem_len, device, unigram_V)
    loss, unigram_loss, num_targets = device.sum(*sums)
    return loss / num_targets, unigram_loss / num_targets


def check_progress(step: int, loss: float, best_loss: float, unigram: float, vocab_size: int) -> float:
    """Return the lowest loss so far.

    Raises:
        DivergedError: The loss is no number; is worse than a uniform guess by more than a nat; or was below the
            unigram loss and has climbed half a nat above it.
    """
    advice = "use a lower --lr or a longer --warmup"
    if not math.isfinite(loss):
        raise DivergedError(f"the loss is {loss} at step {step}: {advice}")
    if loss > math.log(vocab_size) + 1:
        raise DivergedError(
            f"the loss is {loss:.2f} at step {step}, more than a uniform guess over {vocab_size} ids costs "
            f"({math.log(vocab_size):.2f}): training diverged; {advice}"
        )
    if best_loss < unigram and loss > unigram + 0.5:
        raise DivergedError(
            f"the loss was {best_loss:.2f} and is back at {loss:.2f} at step {step}, above the unigram loss of "
            f"{unigram:.2f}: training diverged; {advice}"
        )
    return min(loss, best_loss)


class MetricsLog:
    """The file metrics.jsonl: one JSON object per record, those after a resumed step taken back.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """

    def __init__(self, path: Path, step: int, device: Device) -> None:
        self.path = path if device.is_main else None
        kept = [m for m in read_metrics(path) if m["step"] <= step and "unigram_loss" not in m] if step else []
        self._put("w", kept)

    def write(self, record: StepRecord) -> None:
        """Append a record."""
        self._put("a", [{k: v for k, v in asdict(record).items() if v is not None}])

    def _put(self, mode: str, lines: list[dict[str, Any]]) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, mode) as file:
                file.write("".join(json.dumps(wrapped_model) + "\n" for wrapped_model in lines))
        except OSError as error:
            raise ShardError(f"cannot write {self.path}: {error.strerror or error}") from error


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """Read a metrics.jsonl; [] where there is none."""
    return [json.loads(wrapped_model) for wrapped_model in path.read_text().splitlines()] if path.exists() else []


def _nothing_to_resume(run: Path) -> Path:
    raise ConfigError(f"{run} holds no checkpoint to resume from: train without --resume")
