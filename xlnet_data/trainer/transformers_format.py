"""Writes model folders for the transformers library, and reads them, to go on from a released checkpoint."""

import hashlib
import json
import shutil
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from torch import Tensor

from xlnet_data.checks import check_type
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ConfigError
from xlnet_data.files.writing import atomic_write, named_write
from xlnet_data.trainer.fast_tokenizer import make_fast_tokenizer
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.run_folders import CONFIG_FILE, SPIECE_FILE, UNFINISHED, WEIGHTS_FILE
from xlnet_data.trainer.settings import PAPER_INIT_STD, ModelConfig, ResolvedSettings
from xlnet_data.trainer.tensor_files import read_tensors, write_tensors

LAYER_NAMES = {
    **{name: f"rel_attn.{name}" for name in ("q", "k", "v", "o", "r", "r_w_bias", "r_r_bias", "r_s_bias", "seg_embed")},
    **{f"attention_norm.{end}": f"rel_attn.layer_norm.{end}" for end in ("weight", "bias")},
    **{f"inner.{end}": f"ff.layer_1.{end}" for end in ("weight", "bias")},
    **{f"outer.{end}": f"ff.layer_2.{end}" for end in ("weight", "bias")},
    **{f"inner_norm.{end}": f"ff.layer_norm.{end}" for end in ("weight", "bias")},
}
"""Our name of a layer's parameter, and theirs."""


OURS = {
    "ff_activation": "gelu", "untie_r": True, "layer_norm_eps": 1e-12, "tie_word_embeddings": True, "attn_type": "bi",
    "bi_data": False, "same_length": False,
}  # fmt: skip
"""What this trainer's model is and an XLNet of transformers may not be, with which it would give other numbers."""


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
        ShardError: The folder cannot be written.
    """
    manifest = read_manifest(str(dataset))
    tokenizer = manifest.config["tokenizer"]
    configuration = {
        "architectures": ["XLNetLMHeadModel"], "mem_len": settings.mem_len or None,
        "reuse_len": manifest.config["examples"]["reuse_len"] or None,
    }  # fmt: skip
    spiece = (dataset / manifest.tokenizer.file).read_bytes()
    files = describe_tokenizer(spiece, tokenizer["lowercase"], tokenizer["keep_accents"])
    write_folder(output, describe_size(model.config) | configuration, to_transformers(model), files)


def describe_size(config: ModelConfig) -> dict[str, object]:
    """Return what the config.json of every XLNet of transformers says of the model's size."""
    return {
        "model_type": "xlnet", "vocab_size": config.vocab_size,
        "d_model": config.width, "n_layer": config.num_layers, "n_head": config.num_heads,
        "d_head": config.width // config.num_heads, "d_inner": config.inner_width, "ff_activation": "gelu",
        "untie_r": True, "attn_type": "bi", "bi_data": False, "same_length": False,
        "clamp_len": config.clamp_len or -1, "dropout": config.dropout, "layer_norm_eps": 1e-12,
        "initializer_range": PAPER_INIT_STD, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 5,
    }  # fmt: skip


def describe_tokenizer(spiece: bytes, lowercase: bool, keep_accents: bool) -> dict[str, bytes]:
    """Return the files of a tokenizer of transformers, by their names.

    Args:
        spiece: The SentencePiece model.
        lowercase: As of the tokenizer's settings.
        keep_accents: As of the tokenizer's settings.
    """
    tokenization = {
        "tokenizer_class": "XLNetTokenizer", "do_lower_case": lowercase, "keep_accents": keep_accents,
        "remove_space": True, "bos_token": "<s>", "eos_token": "</s>",
        "unk_token": "<unk>", "sep_token": "<sep>", "pad_token": "<pad>", "cls_token": "<cls>",
        "mask_token": "<mask>", "additional_special_tokens": ["<eop>", "<eod>"], "padding_side": "left",
    }  # fmt: skip
    fast = make_fast_tokenizer(spiece, lowercase, keep_accents)
    return {
        "tokenizer_config.json": (json.dumps(tokenization, indent=2) + "\n").encode(),
        SPIECE_FILE: spiece,
        "tokenizer.json": json.dumps(fast, ensure_ascii=False).encode(),
    }


def write_folder(
    output: Path, configuration: dict[str, object], weights: dict[str, Tensor], files: dict[str, bytes]
) -> None:
    """Write a model folder of transformers.

    Args:
        output: The folder; made if it is missing.
        configuration: What config.json says.
        weights: By their names there.
        files: The tokenizer's, by their names.

    Raises:
        ShardError: The disk is full or the folder cannot be written; what lay there is still whole.
    """
    unfinished = output / UNFINISHED
    described = (json.dumps(configuration, indent=2) + "\n").encode()
    try:
        for name, content in {**files, CONFIG_FILE: described}.items():
            with atomic_write(str(unfinished / name)) as file:
                file.write(content)
        write_tensors(weights, unfinished / WEIGHTS_FILE, {"format": "pt"})
        with named_write(str(output)):
            for written in unfinished.iterdir():
                written.replace(output / written.name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def read_config(folder: Path, wanted: ModelConfig) -> ModelConfig:
    """Return the size of the model in a folder of transformers, after a check of every value.

    Args:
        folder: Holds config.json.
        wanted: Its vocab_size, dropout and nsp count; sizes come from the folder.

    Raises:
        ConfigError: The folder is no XLNet, is one that this trainer does not have, or not of the shards' vocabulary.
    """
    path = folder / CONFIG_FILE
    try:
        theirs = json.loads(path.read_text())
        if not isinstance(theirs, dict) or theirs.get("model_type", "xlnet") != "xlnet":
            raise ConfigError("it is of another kind of model")
        clamp_len = theirs.get("clamp_len", -1)
        for name, value in (("vocab_size", theirs["vocab_size"]), ("clamp_len", clamp_len)):
            check_type(name, value, 0)
        config = ModelConfig(
            vocab_size=theirs["vocab_size"],
            width=theirs["d_model"],
            num_layers=theirs["n_layer"],
            num_heads=theirs["n_head"],
            inner_width=theirs["d_inner"],
            dropout=wanted.dropout,
            clamp_len=max(0, clamp_len),
            nsp=wanted.nsp,
            init_std=PAPER_INIT_STD,
        )
    except (OSError, ValueError, KeyError, RecursionError, ConfigError) as error:
        raise ConfigError(f"{folder} is not an XLNet of transformers: {CONFIG_FILE}: {_describe(error)}") from error
    if config.vocab_size != wanted.vocab_size:
        raise ConfigError(
            f"{folder} has {config.vocab_size} ids and the shards have {wanted.vocab_size}: build the dataset with the "
            "spiece.model that lies in that folder ([tokenizer] model)"
        )
    for name, ours in OURS.items():
        if theirs.get(name, ours) != ours:
            raise ConfigError(
                f"{folder} is an XLNet with {name}={theirs[name]!r}; this trainer has {name}={ours!r} only"
            )
    return config


def check_tokenizer(folder: Path, sha256: str) -> None:
    """Check that a folder's tokenizer, if it has one, is the one that the shards' ids belong to.

    Raises:
        ConfigError: It is another one.
    """
    path = folder / SPIECE_FILE
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else sha256
    if found != sha256:
        raise ConfigError(
            f"{path} is another tokenizer (sha256 {found}) than the shards' ({sha256}), so the model would read other "
            "words: build the dataset with it ([tokenizer] model)"
        )


def import_model(folder: Path, wanted: ModelConfig) -> XLNet:
    """Return a model that goes on from a folder of transformers.

    Args:
        folder: Holds config.json and model.safetensors, or pytorch_model.bin.
        wanted: Its vocab_size, dropout and nsp count; sizes come from the folder.

    Raises:
        ConfigError: The folder is no XLNet, not of the shards' vocabulary, or has other weights than it says.
    """
    config = read_config(folder, wanted)
    try:
        weights = _read_weights(folder)
    except (OSError, ValueError, RuntimeError, EOFError, UnpicklingError, SafetensorError) as error:
        raise ConfigError(f"{folder} has no weights that can be read: {_describe(error)}") from error
    num_layers = sum(str(name).endswith(".rel_attn.q") for name in weights)
    if num_layers != config.num_layers:
        raise ConfigError(
            f"{folder} has weights of {num_layers} layers, its {CONFIG_FILE} says n_layer={config.num_layers}"
        )
    names = rename_parameters(config)
    with torch.device("meta"):
        shapes = {name: list(parameter.shape) for name, parameter in XLNet(config).named_parameters()}
    shapes["query_start"] = [1, 1, config.width]
    for ours, theirs in names.items():
        found = weights.get(theirs)
        if found is not None and not (isinstance(found, Tensor) and _is_plain(found)):
            raise ConfigError(f"{folder} has weights that are none: {theirs} is no plain tensor")
        if found is None or list(found.shape) != shapes[ours] or not found.is_floating_point():
            described = "missing" if found is None else f"{found.dtype} {list(found.shape)}"
            raise ConfigError(
                f"{folder} has weights of another shape than its {CONFIG_FILE} says: {theirs} is {described}, not "
                f"float {shapes[ours]}"
            )
        if not found.float().isfinite().all():
            raise ConfigError(f"{folder} has damaged weights: {theirs} holds values that are no finite numbers")
    model = XLNet(config)
    state = {ours: weights[theirs] for ours, theirs in names.items()}
    model.load_state_dict(state | {"query_start": state["query_start"].flatten()}, strict=not config.nsp)
    return model


def _describe(error: Exception) -> str:
    """Return an error in words; one of ours speaks for itself, and a KeyError's message is the name alone."""
    return str(error) if isinstance(error, ConfigError) else f"{type(error).__name__}: {error}"


def _is_plain(tensor: Tensor) -> bool:
    """Return whether a tensor has all its values in memory; files may also hold sparse, quantized and empty ones."""
    return tensor.layout is torch.strided and not (tensor.is_meta or tensor.is_quantized)


def _read_weights(folder: Path) -> dict[str, Tensor]:
    if (folder / WEIGHTS_FILE).exists():
        weights: dict[str, Tensor] = read_tensors(folder / WEIGHTS_FILE)
        return weights
    weights = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    if not isinstance(weights, dict):
        raise ValueError("pytorch_model.bin holds no tensors by name")
    return weights
