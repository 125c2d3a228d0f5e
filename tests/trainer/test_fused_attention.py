"""The attention for GPUs, on a CPU: there PyTorch answers the same call without the fused kernel."""

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo.testing import CompileCounterWithBackend
from torch.nn import functional
from torch.nn.attention import SDPBackend

from xlnet_data.datasets.mapped import open_split
from xlnet_data.trainer import fused_attention
from xlnet_data.trainer.attention import attend_in_blocks
from xlnet_data.trainer.attention_inputs import HIDDEN, AttentionInputs, Queries, Terms
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.fused_attention import attend_fused
from xlnet_data.trainer.masks import build_masks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig

TINY = ModelConfig(vocab_size=50, width=32, num_layers=2, num_heads=2, inner_width=32, init_std=0.1)
SEQ_LEN, ROWS, MEM_LEN = 7, 4, 48


def make_terms(num_queries: int, num_keys: int, head_size: int = 3) -> Terms:
    lengths = {"key_BSNH": num_keys, "value_BSNH": num_keys, "relative_BPNH": num_keys + SEQ_LEN}
    shapes = {f.name: (2, lengths.get(f.name, num_queries), 2, head_size) for f in fields(Terms)}
    shapes["same_BQN"] = (2, num_queries, 2)
    return Terms(**{n: torch.randn(s, dtype=torch.float64, requires_grad=True) for n, s in shapes.items()})


def make_inputs(num_content: int, num_keys: int) -> AttentionInputs:
    """Two rows with three gathered queries each; the first query of all sees nothing."""
    num_queries = num_content + 3
    sees = torch.rand(2, num_queries, num_keys) < 0.7
    sees[:, 0] = False
    positions = SEQ_LEN - torch.tensor([[1, 5, 0], [0, 6, 3]])[..., None] + torch.arange(num_keys)
    unused = torch.empty(0)
    return AttentionInputs(
        bias_BQS=torch.where(sees, 0.0, HIDDEN).double(),
        sees_any_BQ11=sees.any(dim=2)[..., None, None].double(),
        segments_BQ=torch.randint(0, 3, (2, num_queries)),
        key_segments_BS=torch.randint(0, 3, (2, num_keys)),
        sines_PC=unused,
        cosines_PC=unused,
        sign_B111=unused,
        queries=Queries(num_content, SEQ_LEN, positions),
    )


@pytest.mark.parametrize(("num_content", "num_keys"), [(7, 7), (7, 9), (7, 16), (0, 9)])
def test_both_ways_to_attend_have_the_same_value_and_gradients(num_content: int, num_keys: int) -> None:
    torch.manual_seed(0)
    terms, inputs = make_terms(num_content + 3, num_keys), make_inputs(num_content, num_keys)
    tensors = [getattr(terms, field.name) for field in fields(terms)]
    weight = torch.randn_like(terms.content_BQNH)
    found = []
    for attend in (attend_in_blocks, attend_fused):
        value = attend(terms, inputs, 0.0) * inputs.sees_any_BQ11
        found.append([value, *torch.autograd.grad(value, tensors, weight)])
    for ours, other in zip(*found, strict=True):
        torch.testing.assert_close(ours, other, rtol=1e-12, atol=1e-12)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 0.01), (torch.bfloat16, 0.05)])
@pytest.mark.parametrize("num_keys", [16, 9])
def test_the_fused_kernel_of_a_gpu_attends_as_the_cpu(
    num_keys: int, dtype: torch.dtype, tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused_attention, "BACKENDS", [SDPBackend.EFFICIENT_ATTENTION])
    torch.manual_seed(0)
    terms, inputs = make_terms(10, num_keys, head_size=64), make_inputs(7, num_keys)
    tensors = [(getattr(terms, field.name) / 8).detach().to(dtype) for field in fields(terms)]
    weight = torch.randn_like(terms.content_BQNH)
    found = []
    for attend, device, precision in ((attend_in_blocks, "cpu", torch.float64), (attend_fused, "cuda", dtype)):
        here = [tensor.to(device, precision).requires_grad_() for tensor in tensors]
        value = attend(Terms(*here), move_inputs(inputs, device), 0.0) * inputs.sees_any_BQ11.to(device, precision)
        gradients = torch.autograd.grad(value, here, weight.to(device, precision))
        found.append([tensor.cpu().double() for tensor in (value, *gradients)])
    for expected, ours in zip(*found, strict=True):
        assert (ours - expected).norm() < tolerance * expected.norm()


def move_inputs(inputs: AttentionInputs, device: str) -> AttentionInputs:
    queries = replace(inputs.queries, relative_BGS=inputs.queries.relative_BGS.to(device))
    tensors = {f.name: getattr(inputs, f.name).to(device) for f in fields(inputs) if f.name != "queries"}
    return AttentionInputs(**tensors, queries=queries)


def test_dropout_takes_its_share_of_the_attention_and_makes_up_for_it() -> None:
    torch.manual_seed(0)
    terms, inputs = make_terms(10, 400), make_inputs(7, 400)
    terms = replace(terms, value_BSNH=torch.ones_like(terms.value_BSNH))
    kept = torch.stack([attend_fused(terms, inputs, 0.25)[..., 0] for _ in range(400)])
    assert kept.std(dim=0).min() > 0.01
    torch.testing.assert_close(kept.mean(dim=0), torch.ones_like(kept[0]), rtol=0, atol=0.05)


def losses_of(wrapped_model: nn.Module, model: XLNet, dataset: Path, is_bf16: bool = False) -> Iterator[Tensor]:
    """Yield the loss of one batch after another, with memory, its gradient in the model."""
    memory = model.start_memory(ROWS, MEM_LEN)
    for batch in LaneBatches(open_split(dataset, "train"), ROWS):
        memory = memory.masked_fill(batch["is_first"][:, None, None], 0)
        masks, ids = build_masks(batch, 32, MEM_LEN, "paper"), batch["input_ids"].long()
        with torch.autocast("cpu", torch.bfloat16, enabled=is_bf16):
            output = wrapped_model(ids, masks, memory, 32)
        memory = output.memory_LBMD
        labels = ids.gather(1, masks.targets_BK)
        loss = functional.cross_entropy(output.logits_BKV.float().flatten(0, 1), labels.flatten())
        model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        yield loss.detach()


@pytest.mark.usefixtures("attention")
def test_bf16_follows_the_loss_curve_of_fp32(dataset: Path) -> None:
    """A term that is missing, displaced by one, or without its gradient is at least two tolerances away."""
    curves = []
    for is_bf16 in (False, True):
        torch.manual_seed(0)
        model = XLNet(TINY)
        for layer in model.layers:
            for parameter in (layer.seg_embed, layer.r_s_bias, layer.r_r_bias):
                parameter.data *= 10
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        curve = []
        for loss, _ in zip(losses_of(model, model, dataset, is_bf16), range(40), strict=False):
            optimizer.step()
            curve.append(loss)
        curves.append(torch.stack(curve))
    assert curves[0][-1] < curves[0][0] - 0.5
    torch.testing.assert_close(curves[1], curves[0], rtol=0, atol=0.015)  # up to 0.0101 apart on the CPUs tried


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what torch.compile itself calls
@pytest.mark.usefixtures("fused_attention")
def test_the_model_compiles_in_one_piece_and_only_once(dataset: Path) -> None:
    torch.compiler.reset()
    torch.manual_seed(0)
    model = XLNet(TINY)
    compilations = CompileCounterWithBackend("aot_eager")
    wrapped_model = torch.compile(model, fullgraph=True, backend=compilations)
    plain, compiled = losses_of(model, model, dataset), losses_of(wrapped_model, model, dataset)  # type: ignore[arg-type]
    for _ in range(3):
        expected = next(plain)
        gradients = {name: p.grad for name, p in model.named_parameters()}
        torch.testing.assert_close(next(compiled), expected, rtol=1e-5, atol=0)
        for name, gradient in gradients.items():
            torch.testing.assert_close(model.get_parameter(name).grad, gradient, rtol=1e-4, atol=1e-6, msg=name)
    assert compilations.frame_count == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what torch.compile itself calls
def test_compiled_kernels_attend_as_the_plain_ones() -> None:
    torch.manual_seed(0)
    terms, inputs = make_terms(10, 9), make_inputs(7, 9)
    tensors = [getattr(terms, field.name) for field in fields(terms)]
    weight = torch.randn_like(terms.content_BQNH)
    found = []
    for attend in (attend_fused, torch.compile(attend_fused, fullgraph=True)):
        value = attend(terms, inputs, 0.0) * inputs.sees_any_BQ11
        found.append([value, *torch.autograd.grad(value, tensors, weight)])
    for plain, compiled in zip(*found, strict=True):
        torch.testing.assert_close(compiled, plain, rtol=1e-10, atol=1e-10)
