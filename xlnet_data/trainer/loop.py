"""Trains: from a dataset folder to a verdict, one step after another."""

# B rows of this process, T seq_len, M mem_len, K targets, L layers, D width
import contextlib
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from xlnet_data.datasets.redraws import Redraw, make_redraw
from xlnet_data.errors import XlnetDataError
from xlnet_data.seeds import hash64
from xlnet_data.trainer.batches import Batch, LaneBatches
from xlnet_data.trainer.checkpoints import (
    Checkpoint,
    check_fit,
    moments_of,
    names_of,
    restore_moments,
    save_checkpoint,
)
from xlnet_data.trainer.compute import describe_slow_step
from xlnet_data.trainer.dev_clocks import DevClock
from xlnet_data.trainer.devices import open_device
from xlnet_data.trainer.evaluation import unigram_log_probs
from xlnet_data.trainer.leaks import check_leaks, check_shown
from xlnet_data.trainer.metrics import CURVES_FILE, MetricsLog, StepRecord, draw_curves, read_metrics
from xlnet_data.trainer.run_folders import SPIECE_FILE, start_run
from xlnet_data.trainer.runs import Run, prepare_run
from xlnet_data.trainer.settings import ModelConfig, RunOptions, TrainSettings
from xlnet_data.trainer.transformers_format import export_model


class DivergedError(XlnetDataError):
    """A loss that is no number, or worse than knowing nothing."""


def run_training(
    options: RunOptions, config: ModelConfig, settings: TrainSettings, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[StepRecord]:
    """Train on a dataset folder and yield records; the last one has the verdict unless the run was stopped.

    Args:
        options: Where the data and the run lie, and where to compute.
        config: The model's size; the vocabulary's size comes from the shards, all of it from ``init_hf`` or the run.
        settings: How to train; a resumed run takes its own instead.
        should_stop: Asked after every step.

    Raises:
        XlnetDataError: Something that the user can mend.
    """
    with open_device(options.device, options.precision) as device, contextlib.ExitStack() as held:
        run, saved = prepare_run(options, config, settings, device, held)
        if options.init_hf is not None and not (options.init_hf / SPIECE_FILE).exists():
            yield StepRecord(
                0, 0, note=f"{options.init_hf} has no {SPIECE_FILE}: nobody knows if its ids are the shards'"
            )
        if (slow := describe_slow_step(run)) is not None:
            yield StepRecord(0, 0, note=slow)
        note = check_first_batch(run) if saved is None else None
        if device.is_main and not options.resume:
            start_run(options, run.content)
        if note is not None:
            yield StepRecord(0, 0, note=note)
        redraw = make_redraw(options.dataset) if run.settings.fresh_targets else None
        record = None
        for record in train(run, options.output, redraw=redraw, saved=saved, should_stop=should_stop):
            yield record
        if device.is_main and record is not None and record.unigram_loss is not None:
            draw_curves(read_metrics(options.output), record.unigram_loss, options.output / CURVES_FILE)
            if options.export_hf is not None:
                export_model(run.model, options.dataset, options.export_hf, run.settings)


def train(
    run: Run,
    folder: Path,
    *,
    redraw: Redraw | None = None,
    saved: Checkpoint | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[StepRecord]:
    """Train, and yield a record every so many steps; the last one has the dev loss and the unigram loss.

    Every process of a distributed run calls this and gets every record; the first writes the files: ``metrics.jsonl``
    and ``checkpoints/`` in the run's folder. When told to stop it saves a checkpoint and yields a last record without
    a dev loss.

    Args:
        run: Model, splits, settings and device.
        folder: The run's folder.
        redraw: Draws targets and orders afresh; None: as the shards have them.
        saved: The checkpoint to go on from; None: begin.
        should_stop: Asked after every step.

    Raises:
        ConfigError: The batch does not fit the lanes or the processes.
        ShardError: The checkpoint is of another model.
        DivergedError: The loss is no number, or worse than knowing nothing.
    """
    model, settings, device, data = run.model, run.settings, run.device, run.train_split.settings
    batches = LaneBatches(
        run.train_split, settings.batch_size, settings.seed, rank=device.rank, num_ranks=device.num_ranks, redraw=redraw
    )
    memory_LBMD = model.start_memory(batches.num_own_rows, settings.mem_len)
    optimizer = build_optimizer(run)
    unigram_V = unigram_log_probs(run.train_split, run.objective).to(device.device)
    start, best_loss = 0, math.inf
    losses: list[Tensor] = []
    if saved is not None:
        check_fit(saved, model, memory_LBMD)
        start, best_loss = saved.step, saved.notes["best_loss"]
        losses = [torch.tensor(both, device=device.device) for both in saved.notes.get("losses", [])]
        model.load_state_dict(saved.model)
        restore_moments(optimizer, names_of(model), saved)
        batches.load_state_dict(saved.loader)
        memory_LBMD = saved.memory_LBMD[:, batches.own_rows].to(device.device)
    dev = DevClock(run, unigram_V)
    baseline = dev.evaluate(settings.eval_examples)[1]
    log = MetricsLog(folder, start, is_main=device.is_main)
    wrapped_model = wrap_model(run)
    tokens_per_step = settings.batch_size * data.seq_len

    clock, logged = time.monotonic(), start
    stream = map(device.move, map(run.objective.draw, batches))
    batch = next(stream)
    for step in range(start, settings.steps):
        torch.manual_seed(hash64("dropout", settings.seed, step, device.rank) >> 1)
        for group in optimizer.param_groups:
            group["lr"] = settings.rate_at(step)
        loss, memory_LBMD = run_step(run, wrapped_model, batch, memory_LBMD)
        grad_norm = nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss)

        done = step + 1
        is_reported = settings.is_due(settings.log_every, done)
        # Several processes must stop together; asking each other at every step would make them wait for it.
        is_stopped = (is_reported or device.num_ranks == 1) and device.sum(should_stop())[0] > 0
        is_evaluated = settings.is_due(settings.eval_every, done) and done < settings.steps
        is_logged = is_reported or is_evaluated or settings.is_due(settings.save_every, done)
        is_saved = settings.is_due(settings.save_every, done) or is_stopped
        loader_state = batches.state_dict() if is_saved else {}
        batch = next(stream)  # on CUDA the step is still running
        if not (is_logged or is_stopped):
            continue
        sums = device.sum(*torch.stack(losses).double().mean(0).tolist())
        mean_loss, nsp_loss = (x / device.num_ranks for x in sums)
        lowest_loss = check_progress(done, mean_loss, best_loss, baseline, data.vocab_size)
        check_gradient(done, float(grad_norm))  # the next loss would tell, but weights that are none were saved by then
        step_secs = (time.monotonic() - clock) / (done - logged)
        dev_loss = dev.evaluate(settings.eval_examples)[0] if is_evaluated else None
        record = StepRecord(
            step=done,
            tokens=done * tokens_per_step,
            loss=mean_loss,
            lr=settings.rate_at(step),
            grad_norm=float(grad_norm),
            tokens_per_sec=tokens_per_step / step_secs,
            secs_left=(settings.steps - done) * step_secs + dev.secs_to_come(done),
            dev_loss=dev_loss,
            nsp_loss=nsp_loss if model.config.nsp else None,
        )
        if is_logged:  # else the run was stopped here, and goes on as if it had not been
            best_loss = lowest_loss
            log.write(record)
        yield record
        if is_saved:
            all_memory_LBMD = device.gather_rows(memory_LBMD)
            moments = moments_of(optimizer, names_of(model))
            notes = {"best_loss": best_loss, "losses": [] if is_logged else torch.stack(losses).tolist()}
            checkpoint = Checkpoint(
                done, model.state_dict(), moments, all_memory_LBMD, loader_state, notes, run.content
            )
            if device.is_main:
                save_checkpoint(checkpoint, folder)
        if is_stopped:
            return
        losses, clock, logged = [], time.monotonic(), done
    dev_loss, unigram_loss = dev.evaluate(settings.dev_examples)
    verdict = StepRecord(settings.steps, settings.steps * tokens_per_step, dev_loss=dev_loss, unigram_loss=unigram_loss)
    log.write(verdict)
    yield verdict


def check_first_batch(run: Run) -> str:
    """Check on a first batch that no target's token reaches what must not see it; return the result as a sentence.

    The batch has as many rows as a process takes at a time, so that it fits into memory where a step does.

    Raises:
        LeakError: One does.
    """
    settings, reuse_len = run.settings, run.train_split.settings.reuse_len
    num_rows = settings.batch_size // (settings.accumulate * run.device.num_ranks)
    batch = run.device.move(run.objective.draw(next(iter(LaneBatches(run.train_split, num_rows, settings.seed)))))
    memory_LBMD = run.model.start_memory(num_rows, settings.mem_len)
    if run.objective.is_ordered:
        shown = run.objective.show(batch, settings.mem_len)
        held = check_leaks(run.model, shown.input_ids_BT, shown.masks, memory_LBMD, reuse_len)
    else:
        held = check_shown(run.model, run.objective, batch, memory_LBMD)
    return f"no leak: {held} targets' logits stood still while tokens that they must not see were changed"


def run_step(run: Run, wrapped_model: nn.Module, batch: Batch, memory_LBMD: Tensor) -> tuple[Tensor, Tensor]:
    """Run forward and backward over this process's rows; the gradient is that of the mean over all targets.

    Returns:
        The losses of the targets and of the pair head, [2], and the next memory.
    """
    settings, device, reuse_len = run.settings, run.device, run.train_split.settings.reuse_len
    num_rows = len(batch["input_ids"])
    memory_LBMD = memory_LBMD.masked_fill(batch["is_first"][:, None, None], 0)
    losses, memories = [], []
    size = num_rows // settings.accumulate
    for first in range(0, num_rows, size):
        piece = {name: column[first : first + size] for name, column in batch.items()}
        shown = run.objective.show(piece, memory_LBMD.shape[2])
        with device.hold_gradients(wrapped_model, first + size < num_rows):
            with device.autocast():
                output = wrapped_model(shown.input_ids_BT, shown.masks, memory_LBMD[:, first : first + size], reuse_len)
            loss = functional.cross_entropy(output.logits_BKV.float().flatten(0, 1), shown.labels_BK.flatten())
            nsp_loss = torch.zeros_like(loss)
            if output.nsp_B2 is not None:
                nsp_loss = functional.cross_entropy(output.nsp_B2.float(), piece["is_next"].long())
            ((loss + nsp_loss) / settings.accumulate).backward()  # type: ignore[no-untyped-call]
        losses.append(torch.stack([loss.detach(), nsp_loss.detach()]))
        memories.append(output.memory_LBMD)
    return torch.stack(losses).mean(0), torch.cat(memories, dim=1)


def is_decayed(name: str) -> bool:
    """Return whether weight decay applies to a parameter: to all but biases and layer norms, told by the name.

    So the attention's ``r_w_bias``, ``r_r_bias`` and ``r_s_bias`` do not decay; embeddings and ``query_start`` do.
    Source: the authors' optimizer, which excludes LayerNorm, layer_norm and bias by name.
    """
    return "bias" not in name and "norm" not in name


def build_optimizer(run: Run) -> torch.optim.AdamW:
    """Return AdamW with the paper's numbers."""
    settings = run.settings
    named = [(name, parameter) for name, parameter in run.model.named_parameters() if parameter.requires_grad]
    decayed = [parameter for name, parameter in named if is_decayed(name)]
    others = [parameter for name, parameter in named if not is_decayed(name)]
    groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.rate_at(0), eps=1e-6, fused=True)


def wrap_model(run: Run) -> nn.Module:
    """Return the model as the loop calls it: compiled and distributed where asked for."""
    wrapped_model: nn.Module = run.model
    device = run.device
    if run.settings.compile:
        wrapped_model = torch.compile(wrapped_model)  # type: ignore[assignment]
    if device.num_ranks > 1:
        wrapped_model = DistributedDataParallel(
            wrapped_model, device_ids=[device.device] if device.device.type == "cuda" else None
        )
    return wrapped_model


def check_gradient(step: int, norm: float) -> None:
    """Raise DivergedError if the norm of a step's gradient is no number, as then no weight is one behind the step."""
    if not math.isfinite(norm):
        raise DivergedError(f"the norm of the gradient is {norm} at step {step}: use a lower --lr or a longer --warmup")


def check_progress(step: int, loss: float, best_loss: float, unigram: float, vocab_size: int) -> float:
    """Return the lowest loss so far.

    Raises:
        DivergedError: The loss is no number; is worse than a uniform guess by more than a nat; or was below the
            unigram loss and has climbed half a nat above it.
    """
    advice = "use a lower --lr or a longer --warmup"
    if step == 1:  # of which the first weights alone decide
        advice = "use a smaller --init-std, or less --dropout"
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
