"""Feeds batches to the XLNetLMHeadModel of the transformers library, and its memory of each step to the next."""

# B rows, T seq_len, M mem_len, K targets, S = M + T keys, P relative positions, D width
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from xlnet_data.datasets.mapped import ShardSettings
from xlnet_data.errors import ConfigError
from xlnet_data.trainer.batches import Batch
from xlnet_data.trainer.masks import BatchMasks, build_masks

NOT_COUNTED = -100
"""The label that torch's cross-entropy, and so their loss, leaves out."""


def inputs_for_transformers(input_ids_BT: Tensor, masks: BatchMasks) -> dict[str, Tensor]:
    """Return the inputs of XLNetLMHeadModel for a batch, all but its memory.

    Their ``perm_mask`` hides memory from nobody, so of the masks only the columns of the content count. A position
    sees itself in their content stream whatever the mask says, and no query is its own key, so the diagonal is hidden.

    Args:
        input_ids_BT: int64.
        masks: Masks of the same batch.
    """
    seq_len = input_ids_BT.shape[1]
    itself_TT = torch.eye(seq_len, dtype=torch.bool, device=input_ids_BT.device)
    return {
        "input_ids": input_ids_BT,
        "perm_mask": (~masks.content_BTS[:, :, -seq_len:] | itself_TT).float(),
        "target_mapping": functional.one_hot(masks.targets_BK, seq_len).float(),
        "token_type_ids": masks.segment_ids_BT,
        "labels": input_ids_BT.gather(1, masks.targets_BK),
    }


def feed_transformers(
    batches: Iterable[Batch], settings: ShardSettings, model: nn.Module, mems: Sequence[Tensor] | None
) -> Iterator[dict[str, Any]]:
    """Yield the inputs of one step after another; `BatchLoader.for_transformers` describes them.

    Raises:
        ConfigError: The model is none that these batches fit, or it was not called with what was yielded last.
    """
    _check_model(model, settings)
    return _feed(batches, settings, model, mems)


def _feed(
    batches: Iterable[Batch], settings: ShardSettings, model: Any, mems: Sequence[Tensor] | None
) -> Iterator[dict[str, Any]]:
    config = model.config
    mem_len = (config.mem_len or 0) if settings.reuse_len else 0
    with _Steps(model) as steps:
        for columns in batches:
            if not columns["is_read"].any():  # this rank is done before the others
                return
            batch = {name: column.to(model.device) for name, column in columns.items()}
            masks = build_masks(batch, settings.reuse_len, mem_len, settings.recipe)
            inputs: dict[str, Any] = inputs_for_transformers(batch["input_ids"].long(), masks)
            inputs["labels"] = inputs["labels"].masked_fill(~batch["is_read"][:, None], NOT_COUNTED)
            if mem_len and mems is None:
                start_MBD = torch.zeros(mem_len, len(batch["lane"]), config.d_model, device=model.device)
                mems = [start_MBD.to(model.dtype)] * config.n_layer
            inputs["mems"] = mems and [layer_MBD.masked_fill(batch["is_first"][:, None], 0) for layer_MBD in mems]
            inputs["use_mems"] = mem_len > 0
            yield from steps.run(inputs, masks.is_backward_B)
            mems = steps.mems


class _Steps:
    """Notes a model's memory after each step, and turns the distances of rows that are read backwards.

    It does so in hooks, and only where the model is called with the inputs of the step: whoever evaluates the model
    between two steps disturbs nothing. Leaving the context removes the hooks.

    Attributes:
        mems: What the model returned as memory in the last step.
    """

    def __init__(self, model: Any) -> None:
        self.mems: Sequence[Tensor] | None = None
        self._model, self._layers = model, model.transformer.layer
        self._ids_BT: Tensor | None = None
        self._is_step = self._is_done = False

    def __enter__(self) -> "_Steps":
        model = self._model
        self._handles = [
            model.register_forward_pre_hook(self._before_model, with_kwargs=True),
            model.register_forward_hook(self._after_model),
            *(layer.register_forward_pre_hook(self._before_layer, with_kwargs=True) for layer in self._layers),
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def run(self, inputs: dict[str, Any], is_backward_B: Tensor) -> Iterator[dict[str, Any]]:
        """Yield the inputs of a step, and check that the model was called with them.

        Raises:
            ConfigError: It was not, or it returned no memory.
        """
        self._ids_BT, self._is_done, self.mems = inputs["input_ids"], False, None
        self._sign_B1 = 1 - 2 * is_backward_B[:, None].long()
        yield inputs
        if not self._is_done:
            raise ConfigError(
                "the model was not called with the last inputs, so there is no memory for the next: call "
                "model(**inputs) once for each"
            )
        if inputs["use_mems"] and self.mems is None:
            raise ConfigError("the model returned no memory: call it with return_dict=True")

    def _before_model(self, _model: Any, _arguments: Any, inputs: dict[str, Any]) -> None:
        self._is_step = inputs.get("input_ids") is self._ids_BT

    def _before_layer(self, _layer: Any, arguments: Any, inputs: dict[str, Any]) -> tuple[Any, dict[str, Any]] | None:
        """Give distances the other sign in rows that are read backwards: it changes the sines, not the cosines."""
        if not self._is_step:
            return None
        sines_PBC, cosines_PBC = inputs["r"].chunk(2, dim=-1)
        return arguments, inputs | {
            "r": torch.cat([sines_PBC * self._sign_B1.to(sines_PBC.dtype), cosines_PBC], dim=-1)
        }

    def _after_model(self, _model: Any, _arguments: Any, output: Any) -> None:
        if self._is_step:
            self.mems, self._is_done = getattr(output, "mems", None), True


def _check_model(model: Any, settings: ShardSettings) -> None:
    """Raise ConfigError if a model is no XLNetLMHeadModel, or is configured for other data than these shards."""
    config: Any = getattr(model, "config", None)
    if getattr(config, "model_type", None) != "xlnet" or not hasattr(model, "lm_loss"):
        raise ConfigError(
            f"for_transformers needs the XLNetLMHeadModel itself, not what wraps it: got {type(model).__name__}"
        )
    wanted = {"vocab_size": settings.vocab_size, "attn_type": "bi", "bi_data": False}
    if settings.reuse_len and config.mem_len:
        wanted["reuse_len"] = settings.reuse_len
    for name, value in wanted.items():
        if getattr(config, name) != value:
            raise ConfigError(
                f"the model's config has {name}={getattr(config, name)!r}, these shards need {value!r}: load it with "
                f"XLNetLMHeadModel.from_pretrained(..., {name}={value!r}), or make it with such an XLNetConfig"
            )
