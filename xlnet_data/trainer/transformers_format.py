"""Writes model folders for the transformers library, and reads them, to go on from a released checkpoint."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ConfigError
from xlnet_data.trainer.fast_tokenizer import make_fast_tokenizer
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import PAPER_INIT_STD, ModelConfig, ResolvedSettings

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"

LAYER_NAMES = {
    **{name: f"rel_attn.{name}" for name in ("q", "k", "v", "o", "r", "r_w_bias", "r_r_bias", "r_s_bias", "seg_embed")},
    **{f"attention_norm.{end}": f"rel_attn.layer_norm.{end}" for end in ("weight", "bias")},
    **{f"inner.{end}": f"ff.layer_1.{end}" for end in ("weight", "bias")},
    **{f"outer.{end}": f"ff.layer_2.{end}" for end in ("weight", "bias")},
    **{f"inner_norm.{end}": f"ff.layer_norm.{end}" for end in ("weight", "bias")},
}
"""Our name of a layer's parameter, and theirs."""


def rename_parameters(config: ModelConfig) -> dict[str, str]:
    """Return our name of every parameter that both models have, and theirs in XLNetLMHeadModel."""
    names = {
        "word_embedding.weight": "transformer.word_embedding.weight",
        "query_start": "transformer.mask_emb",
        "softmax_bias": "lm_loss.bias",
    }
    for number in range(config.num_layers):
        names |= {f"layers.{number}.{a}": f"transformer.layer.{number}.{b}" for a, b in LAYER_NAMES.items()}
    return names


def to_transformers(model: XLNet) -> dict[str, Tensor]:
    """Return the parameters under the names and in the shapes of XLNetLMHeadModel, copied to the CPU.

    The pair head has no counterpart there and stays behind.
    """
    ours = model.state_dict()
    theirs = {b: ours[a].detach().cpu().clone() for a, b in rename_parameters(model.config).items()}
    theirs["transformer.mask_emb"] = theirs["transformer.mask_emb"].view(1, 1, -1)
    return theirs


def export_model(model: XLNet, dataset: Path, output: Path, settings: ResolvedSettings) -> None:
    """Write a folder that transformers loads: configuration, weights and tokenizer.

    Args:
        model: The trained model.
        dataset: The dataset folder; its tokenizer is copied.
        output: The folder to write; made if it is missing.
        settings: How the model was trained: its memory.

    Raises:
        ConfigError: The folder cannot be written.
    """
    manifest = read_manifest(str(dataset))
    tokenizer = manifest.config["tokenizer"]
    config = model.config
    configuration = {
        "architectures": ["XLNetLMHeadModel"], "model_type": "xlnet", "vocab_size": config.vocab_size,
        "d_model": config.width, "n_layer": config.num_layers, "n_head": config.num_heads,
        "d_head": config.width // config.num_heads, "d_inner": config.inner_width, "ff_activation": "gelu",
        "untie_r": True, "attn_type": "bi", "bi_data": False, "same_length": False,
        "clamp_len": config.clamp_len or -1, "dropout": config.dropout, "mem_len": settings.mem_len or None,
        "reuse_len": manifest.config["examples"]["reuse_len"] or None, "layer_norm_eps": 1e-12,
        "initializer_range": PAPER_INIT_STD, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 5,
    }  # fmt: skip
    tokenization = {
        "tokenizer_class": "XLNetTokenizer", "do_lower_case": tokenizer["lowercase"],
        "keep_accents": tokenizer["keep_accents"], "remove_space": True, "bos_token": "<s>", "eos_token": "</s>",
        "unk_token": "<unk>", "sep_token": "<sep>", "pad_token": "<pad>", "cls_token": "<cls>",
        "mask_token": "<mask>", "additional_special_tokens": ["<eop>", "<eod>"], "padding_side": "left",
    }  # fmt: skip
    spiece = (dataset / manifest.tokenizer.file).read_bytes()
    fast = make_fast_tokenizer(spiece, tokenizer["lowercase"], tokenizer["keep_accents"])
    try:
        output.mkdir(parents=True, exist_ok=True)
        save_file(to_transformers(model), output / WEIGHTS_FILE, metadata={"format": "pt"})
        (output / CONFIG_FILE).write_text(json.dumps(configuration, indent=2) + "\n")
        (output / "tokenizer_config.json").write_text(json.dumps(tokenization, indent=2) + "\n")
        (output / "spiece.model").write_bytes(spiece)
        (output / "tokenizer.json").write_text(json.dumps(fast, ensure_ascii=False), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise ConfigError(f"cannot write the model folder {output}: {error}") from error


def import_model(folder: Path, wanted: ModelConfig) -> XLNet:
    """Return a model that goes on from a folder of transformers.

    Args:
        folder: Holds config.json and model.safetensors, or pytorch_model.bin.
        wanted: Its vocab_size, dropout and nsp count; sizes come from the folder.

    Raises:
        ConfigError: The folder is no XLNet, or not of the shards' vocabulary.
    """
    try:
        theirs: dict[str, Any] = json.loads((folder / CONFIG_FILE).read_text())
        weights = _read_weights(folder)
        config = ModelConfig(
            vocab_size=theirs["vocab_size"],
            width=theirs["d_model"],
            num_layers=theirs["n_layer"],
            num_heads=theirs["n_head"],
            inner_width=theirs["d_inner"],
            dropout=wanted.dropout,
            clamp_len=max(0, theirs.get("clamp_len", 0)),
            nsp=wanted.nsp,
            init_std=PAPER_INIT_STD,
        )
        ours = {a: weights[b] for a, b in rename_parameters(config).items()}
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ConfigError(f"{folder} is not an XLNet of transformers: {type(error).__name__}: {error}") from error
    if config.vocab_size != wanted.vocab_size:
        raise ConfigError(
            f"{folder} has {config.vocab_size} ids and the shards have {wanted.vocab_size}: build the dataset with the "
            "spiece.model that lies in that folder ([tokenizer] model)"
        )
    if theirs.get("ff_activation", "gelu") != "gelu" or not theirs.get("untie_r", True):
        raise ConfigError(
            f"{folder} is an XLNet with another activation or tied biases, which this trainer does not have"
        )
    model = XLNet(config)
    ours["query_start"] = ours["query_start"].flatten()
    try:
        model.load_state_dict(ours, strict=not config.nsp)
    except RuntimeError as error:
        raise ConfigError(f"{folder} has weights of another shape than its config.json says: {error}") from error
    return model


def _read_weights(folder: Path) -> dict[str, Tensor]:
    if (folder / WEIGHTS_FILE).exists():
        weights: dict[str, Tensor] = load_file(folder / WEIGHTS_FILE)
    else:
        weights = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    return weights
