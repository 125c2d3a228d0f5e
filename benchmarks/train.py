"""A training step beside the XLNet of the transformers library: same size, same weights, same ids, one run.

Run: python benchmarks/train.py [--sizes smoke small] [--modes eager compiled] [--clock cpu]
     python benchmarks/train.py --device cuda   # base and large in bf16, eager and compiled, unattended
On a CPU ours attends in two ways: as it does there (attention.py), and as on a GPU (fused_attention.py).
They take turns, so that whatever else the machine does falls on all. Their masks are made beforehand, ours in the
step. The losses of the first steps are printed side by side: equal work, or the comparison means nothing.

Floating-point operations are counted for what the step must compute, 2 to a multiply-add, and three times the forward
pass for forward and backward: of N queries and S keys of width D, in each layer 2 N D (2 D + 2 F) for the queries' and
the outputs' projection and the feed-forward layer of inner width F, 2 S D 2 D for keys and values, 2 N S 3 D for
content, positions and values; and 2 K D V for the K targets' softmax over V ids. The projection of the positions, what
a masked key costs and what is computed again are not counted.
"""

import argparse
import copy
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from unittest import mock

import torch
import transformers
from torch.nn import functional
from transformers import XLNetConfig, XLNetLMHeadModel

from xlnet_data.trainer import model as model_module
from xlnet_data.trainer.fused_attention import attend_fused
from xlnet_data.trainer.masks import BatchMasks, build_masks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig
from xlnet_data.trainer.transformers_format import to_transformers

SIZES = {
    "smoke": ModelConfig(8_000, 128, 2, 4, 512),
    "small": ModelConfig(8_000, 256, 4, 4, 1024),
    "base": ModelConfig(32_000, 768, 12, 12, 3072),
    "large": ModelConfig(32_000, 1024, 24, 16, 4096),
}
ROWS = {"smoke": 4, "small": 4, "base": 32, "large": 16}
PEAK_FLOPS = {"NVIDIA H100": 989e12, "NVIDIA H200": 989e12, "NVIDIA A100": 312e12}
"""Of dense bf16 matrix products a second, by the beginning of the device's name."""
SEQ_LEN, REUSE_LEN, MEM_LEN, NUM_TARGETS = 512, 256, 384, 85
FAILURES = (torch.OutOfMemoryError, torch._dynamo.exc.TorchDynamoException)
"""What ends one measurement but not the others."""


def make_batch(rows: int, vocab_size: int, device: torch.device) -> dict[str, torch.Tensor]:
    """Return random rows in the layout of a shard; the first half forward, the second backward, as bi_data wants."""
    generator = torch.Generator().manual_seed(0)
    functional_places = torch.tensor([REUSE_LEN + 100, SEQ_LEN - 2, SEQ_LEN - 1])
    rest = torch.tensor([p for p in range(REUSE_LEN, SEQ_LEN) if p not in functional_places.tolist()])
    orders = []
    for _ in range(rows):
        reuse = torch.randperm(REUSE_LEN, generator=generator)[: NUM_TARGETS - NUM_TARGETS // 2]
        chosen = rest[torch.randperm(len(rest), generator=generator)[: NUM_TARGETS // 2]]
        tail = torch.cat([chosen, functional_places])
        orders.append(torch.cat([reuse, tail[torch.randperm(len(tail), generator=generator)]]))
    batch = {
        "input_ids": torch.randint(17, vocab_size, (rows, SEQ_LEN), generator=generator),
        "order": torch.stack(orders),
        "a_len": torch.full((rows,), 100),
        "backward": torch.arange(rows) >= rows // 2,
    }
    return {name: column.to(device) for name, column in batch.items()}


def their_inputs(batch: dict[str, torch.Tensor], masks: BatchMasks) -> dict[str, torch.Tensor]:
    hidden = ~masks.content_BTS[:, :, MEM_LEN:]
    hidden |= torch.eye(SEQ_LEN, dtype=torch.bool, device=hidden.device)
    # What targets' queries see has no self in it; nor has theirs, which add it in the content stream.
    is_context_or_sep = torch.ones(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
    is_context_or_sep.scatter_(1, masks.targets_BK, False)
    diagonal = is_context_or_sep[:, :, None] & torch.eye(SEQ_LEN, dtype=torch.bool, device=hidden.device)
    return {
        "input_ids": batch["input_ids"],
        "perm_mask": (hidden & ~diagonal).float(),
        "target_mapping": functional.one_hot(masks.targets_BK, SEQ_LEN).float(),
        "token_type_ids": masks.segment_ids_BT,
        "labels": batch["input_ids"].gather(1, masks.targets_BK),
    }


def make_our_step(
    model: XLNet, batch: dict[str, torch.Tensor], is_bf16: bool, compiles: bool
) -> Callable[[], torch.Tensor]:
    wrapped_model = torch.compile(model) if compiles else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    memory = model.start_memory(len(batch["input_ids"]), MEM_LEN)

    def step() -> torch.Tensor:
        nonlocal memory
        masks = build_masks(batch, REUSE_LEN, MEM_LEN, "reference")
        with torch.autocast(memory.device.type, torch.bfloat16, enabled=is_bf16):
            output = wrapped_model(batch["input_ids"], masks, memory, REUSE_LEN)
        labels = batch["input_ids"].gather(1, masks.targets_BK)
        loss = functional.cross_entropy(output.logits_BKV.float().flatten(0, 1), labels.flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        memory = output.memory_LBMD
        return loss.detach()

    return step


def make_our_fused_step(
    model: XLNet, batch: dict[str, torch.Tensor], is_bf16: bool, compiles: bool
) -> Callable[[], torch.Tensor]:
    step = make_our_step(model, batch, is_bf16, compiles)

    def fused_step() -> torch.Tensor:
        with mock.patch.object(model_module, "choose_attention", return_value=attend_fused):
            return step()

    return fused_step


def make_their_step(
    model: XLNet, batch: dict[str, torch.Tensor], is_bf16: bool, compiles: bool
) -> Callable[[], torch.Tensor]:
    config = model.config
    device = batch["input_ids"].device
    theirs = XLNetLMHeadModel(
        XLNetConfig(
            vocab_size=config.vocab_size, d_model=config.width, n_layer=config.num_layers, n_head=config.num_heads,
            d_inner=config.inner_width, dropout=0.0, mem_len=MEM_LEN, reuse_len=REUSE_LEN, bi_data=True,
        )
    )  # fmt: skip
    theirs.load_state_dict(to_transformers(model), strict=False)
    theirs.tie_weights()
    theirs.to(device).train()
    wrapped_model = torch.compile(theirs) if compiles else theirs
    inputs = their_inputs(batch, build_masks(batch, REUSE_LEN, MEM_LEN, "reference"))
    optimizer = torch.optim.AdamW(theirs.parameters(), lr=1e-4, fused=True)
    memory = [torch.zeros(MEM_LEN, len(batch["input_ids"]), config.width, device=device)] * config.num_layers

    def step() -> torch.Tensor:
        nonlocal memory
        with torch.autocast(device.type, torch.bfloat16, enabled=is_bf16):
            output = wrapped_model(**inputs, mems=memory, use_mems=True)
        output.loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        memory = list(output.mems)
        return torch.as_tensor(output.loss.detach())

    return step


def count_flops(config: ModelConfig, rows: int) -> float:
    """Return the floating-point operations of a step's matrix products, forward and backward, as said above."""
    keys = SEQ_LEN + MEM_LEN
    total = 2.0 * NUM_TARGETS * config.width * config.vocab_size
    for layer in range(config.num_layers):
        queries = NUM_TARGETS + (SEQ_LEN if layer < config.num_layers - 1 else 0)
        total += 2.0 * queries * config.width * (2 * config.width + 2 * config.inner_width)
        total += 2.0 * keys * config.width * 2 * config.width + 2.0 * queries * keys * config.width * 3
    return 3 * rows * total


@dataclass
class Contender:
    """One model in one mode.

    Attributes:
        name: What it is.
        step: Makes an optimizer step and returns its loss; gone if it failed.
        losses: Of the first steps.
        secs: Of the steps that were timed.
        step_bytes: Device memory of a step beyond weights and optimizer.
        failure: Why there is no more of it.
    """

    name: str
    step: Callable[[], torch.Tensor] | None
    losses: list[float] = field(default_factory=list)
    secs: list[float] = field(default_factory=list)
    step_bytes: int = 0
    failure: str = ""

    def run(self, device: torch.device, clock: Callable[[], float]) -> tuple[float, float]:
        """Make a step; return its loss and its seconds, nan if it failed."""
        if self.step is None:
            return math.nan, math.nan
        start, held = clock(), 0
        try:
            if device.type == "cuda":
                torch.cuda.synchronize()
                torch.cuda.reset_peak_memory_stats()
                start, held = clock(), torch.cuda.memory_allocated()
            loss = float(self.step())
        except FAILURES as error:
            self.step, self.failure = None, f"{type(error).__name__}: {error}".partition("\n")[0]
            return math.nan, math.nan
        if device.type == "cuda":
            torch.cuda.synchronize()
            self.step_bytes = torch.cuda.max_memory_allocated() - held
        return loss, clock() - start


def measure(size: str, rows: int, device: torch.device, arguments: argparse.Namespace) -> list[Contender]:
    """Return the losses and times of both models in every mode."""
    config = SIZES[size]
    torch.manual_seed(0)
    model = XLNet(config).to(device)
    batch = make_batch(rows, config.vocab_size, device)
    is_bf16 = device.type == "cuda"
    makers = [("theirs", make_their_step), ("ours", make_our_step)]
    if device.type == "cpu":
        makers.append(("ours as on a GPU", make_our_fused_step))
    contenders = [
        Contender(f"{owner}, {mode}", make(copy.deepcopy(model), batch, is_bf16, mode == "compiled"))
        for mode in arguments.modes
        for owner, make in makers
    ]
    clock = time.process_time if arguments.clock == "cpu" else time.perf_counter
    for contender in contenders:
        contender.losses = [contender.run(device, clock)[0] for _ in range(arguments.losses)]
        print(f"{size}, {contender.name}: {contender.failure or contender.losses}", file=sys.stderr, flush=True)
    for turn in range(arguments.repeats):
        for contender in contenders if turn % 2 else contenders[::-1]:
            contender.secs.append(contender.run(device, clock)[1])
    return contenders


def report(size: str, rows: int, contenders: Sequence[Contender], peak: float | None) -> None:
    """Print a size's lines."""
    config = SIZES[size]
    baselines = {c.name.partition(", ")[2]: c.secs for c in contenders if c.name.startswith("theirs")}
    for contender in contenders:
        secs = statistics.median(contender.secs)
        rivals = baselines[contender.name.partition(", ")[2]]
        ratio = statistics.median(a / b for a, b in zip(rivals, contender.secs, strict=True))
        share = f"{count_flops(config, rows) / secs / peak:.1%}" if peak else "-"
        memory = f"{contender.step_bytes / 1e9:.1f}" if contender.step_bytes else "-"
        print(
            f"| {size} ({config.num_layers} x {config.width}) | {rows} | {contender.name} | {secs:.4f} | {ratio:.2f} "
            f"| {rows * SEQ_LEN / secs:,.0f} | {share} | {memory} | {contender.failure} |",
            flush=True,
        )


def report_losses(size: str, contenders: Sequence[Contender]) -> None:
    """Print the losses of the first steps."""
    print(f"\nlosses of the first steps, {size}\n")
    print("| step | " + " | ".join(c.name for c in contenders) + " |")
    print("|---" * (len(contenders) + 1) + "|")
    for step, losses in enumerate(zip(*(c.losses for c in contenders), strict=True), 1):
        print(f"| {step} | " + " | ".join(f"{loss:.4f}" for loss in losses) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), help="default: smoke small; base large on cuda")
    parser.add_argument("--modes", nargs="+", choices=["eager", "compiled"], help="default: eager; both on cuda")
    parser.add_argument("--rows", type=int, help=f"default: {ROWS}")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--losses", type=int, default=6, help="first steps, which also warm up; at least 3 to compile")
    parser.add_argument("--peak", type=float, help="bf16 operations a second of a device that is not in the list")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--clock", default="wall", choices=["wall", "cpu"], help="cpu: for a machine shared with others"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device, is_cuda = torch.device(arguments.device), arguments.device == "cuda"
    arguments.modes = arguments.modes or (["eager", "compiled"] if is_cuda else ["eager"])
    name = torch.cuda.get_device_name() if is_cuda else f"{platform.processor() or platform.machine()} CPU"
    peak = arguments.peak or next((f for prefix, f in PEAK_FLOPS.items() if name.startswith(prefix)), None)
    if is_cuda:
        torch.set_float32_matmul_precision("high")
    precision = "bf16 autocast" if is_cuda else f"fp32, {arguments.threads} threads"
    print(f"{name}, {precision}; torch {torch.__version__}, transformers {transformers.__version__}; ")
    print(
        f"seq_len {SEQ_LEN}, mem_len {MEM_LEN}, {NUM_TARGETS} targets; {arguments.clock} time, "
        f"median of {arguments.repeats}; peak {f'{peak / 1e12:,.0f} TFLOP/s' if peak else 'not known'}"
    )
    for size in arguments.sizes or (["base", "large"] if is_cuda else ["smoke", "small"]):
        rows = arguments.rows or ROWS[size]
        contenders = measure(size, rows, device, arguments)
        print(
            "\n| size | rows | whose | s/step | times as fast as theirs | tokens/s | share of peak | GB a step | "
            "failure |\n|---|---|---|---|---|---|---|---|---|"
        )
        report(size, rows, contenders, peak)
        report_losses(size, contenders)
        del contenders
        torch._dynamo.reset()
        if is_cuda:
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
