"""A training step beside the XLNet of the transformers library: same size, same weights, same ids, one run.

Run: python benchmarks/train.py [--device cuda] [--sizes tiny small base] [--clock cpu]
The two take turns, so that whatever else the machine does falls on both. Their masks are made beforehand, ours in the
step. The losses of the first step are printed beside each other: equal work, or the comparison means nothing.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import torch
import transformers
from torch.nn import functional
from transformers import XLNetConfig, XLNetLMHeadModel

from xlnet_data.trainer.masks import Sight, build_sight
from xlnet_data.trainer.model import ModelConfig, XLNet
from xlnet_data.trainer.transformers_format import to_transformers

SIZES = {
    "smoke": ModelConfig(8_000, 128, 2, 4, 512),
    "small": ModelConfig(8_000, 256, 4, 4, 1024),
    "base": ModelConfig(32_000, 768, 12, 12, 3072),
    "large": ModelConfig(32_000, 1024, 24, 16, 4096),
}
PEAK_FLOPS = {"NVIDIA H100": 989e12, "NVIDIA H200": 989e12, "NVIDIA A100": 312e12}
SEQ_LEN, REUSE_LEN, MEM_LEN, NUM_TARGETS = 512, 256, 384, 85


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


def their_inputs(batch: dict[str, torch.Tensor], sight: Sight) -> dict[str, torch.Tensor]:
    hidden = ~sight.content_BTS[:, :, MEM_LEN:]
    hidden |= torch.eye(SEQ_LEN, dtype=torch.bool, device=hidden.device)
    # What targets' queries see has no self in it; nor has theirs, which add it in the content stream.
    is_context_or_sep = torch.ones(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
    is_context_or_sep.scatter_(1, sight.targets_BK, False)
    diagonal = is_context_or_sep[:, :, None] & torch.eye(SEQ_LEN, dtype=torch.bool, device=hidden.device)
    return {
        "input_ids": batch["input_ids"],
        "perm_mask": (hidden & ~diagonal).float(),
        "target_mapping": functional.one_hot(sight.targets_BK, SEQ_LEN).float(),
        "token_type_ids": sight.segment_ids_BT,
        "labels": batch["input_ids"].gather(1, sight.targets_BK),
    }


def make_our_step(
    model: XLNet, batch: dict[str, torch.Tensor], is_bf16: bool, compiles: bool
) -> Callable[[], torch.Tensor]:
    line = torch.compile(model) if compiles else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    memory = model.start_memory(len(batch["input_ids"]), MEM_LEN)

    def step() -> torch.Tensor:
        nonlocal memory
        sight = build_sight(batch, REUSE_LEN, MEM_LEN, "reference")
        with torch.autocast(memory.device.type, torch.bfloat16, enabled=is_bf16):
            output = line(batch["input_ids"], sight, memory, REUSE_LEN)
        labels = batch["input_ids"].gather(1, sight.targets_BK)
        loss = functional.cross_entropy(output.logits_BKV.float().flatten(0, 1), labels.flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        memory = output.memory_LBMD
        return loss.detach()

    return step


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
    line = torch.compile(theirs) if compiles else theirs
    inputs = their_inputs(batch, build_sight(batch, REUSE_LEN, MEM_LEN, "reference"))
    optimizer = torch.optim.AdamW(theirs.parameters(), lr=1e-4, fused=True)
    memory = [torch.zeros(MEM_LEN, len(batch["input_ids"]), config.width, device=device)] * config.num_layers

    def step() -> torch.Tensor:
        nonlocal memory
        with torch.autocast(device.type, torch.bfloat16, enabled=is_bf16):
            output = line(**inputs, mems=memory, use_mems=True)
        output.loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        memory = list(output.mems)
        return torch.as_tensor(output.loss.detach())

    return step


def count_flops(config: ModelConfig, rows: int) -> float:
    """Return the floating-point operations of a step's matrix products, forward and backward."""
    keys = SEQ_LEN + MEM_LEN
    total = 2.0 * NUM_TARGETS * config.width * config.vocab_size
    for layer in range(config.num_layers):
        queries = NUM_TARGETS + (SEQ_LEN if layer < config.num_layers - 1 else 0)
        total += 2.0 * queries * config.width * (2 * config.width + 2 * config.inner_width)
        total += 2.0 * keys * config.width * 2 * config.width + 2.0 * queries * keys * config.width * 3
    return 3 * rows * total


def measure(size: str, rows: int, device: torch.device, arguments: argparse.Namespace) -> None:
    config = SIZES[size]
    torch.manual_seed(0)
    model = XLNet(config).to(device)
    batch = make_batch(rows, config.vocab_size, device)
    is_cuda = device.type == "cuda"
    steps = [make(model, batch, is_cuda, is_cuda) for make in (make_their_step, make_our_step)]
    losses = [float(step()) for step in steps]
    for step in steps * 2:
        step()
    clock = time.process_time if arguments.clock == "cpu" else time.perf_counter
    seconds: list[list[float]] = [[], []]
    for turn in range(arguments.repeats):
        for which in (0, 1) if turn % 2 else (1, 0):
            if is_cuda:
                torch.cuda.synchronize()
            start = clock()
            steps[which]()
            if is_cuda:
                torch.cuda.synchronize()
            seconds[which].append(clock() - start)
    theirs, ours = (statistics.median(s) for s in seconds)
    ratio = statistics.median(a / b for a, b in zip(*seconds, strict=True))
    peak = next(
        (f for name, f in PEAK_FLOPS.items() if is_cuda and torch.cuda.get_device_name().startswith(name)), None
    )
    share = f"{count_flops(config, rows) / ours / peak:.0%}" if peak else "-"
    print(
        f"| {size} ({config.num_layers} x {config.width}) | {rows} | {losses[0]:.4f} / {losses[1]:.4f} | "
        f"{theirs:.3f} | {ours:.3f} | {ratio:.2f} | {rows * SEQ_LEN / ours:,.0f} | {share} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--sizes", nargs="+", default=["smoke", "small"], choices=list(SIZES))
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument(
        "--clock", default="wall", choices=["wall", "cpu"], help="cpu: for a machine shared with others"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    name = (
        torch.cuda.get_device_name() if device.type == "cuda" else f"{platform.processor() or platform.machine()} CPU"
    )
    precision = "bf16 autocast, torch.compile" if device.type == "cuda" else f"fp32, {arguments.threads} threads"
    print(f"{name}, {precision}; torch {torch.__version__}, transformers {transformers.__version__}; ")
    print(
        f"seq_len {SEQ_LEN}, mem_len {MEM_LEN}, {NUM_TARGETS} targets; {arguments.clock} time, "
        f"median of {arguments.repeats}\n"
    )
    print(
        "| size | rows | loss theirs / ours | s/step theirs | s/step ours | times as fast | tokens/s ours | "
        "share of peak |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for size in arguments.sizes:
        measure(size, arguments.rows, device, arguments)


if __name__ == "__main__":
    main()
