"""The model beside XLNetLMHeadModel of the transformers library, which nobody of this project wrote."""

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import (
    AutoTokenizer,
    XLNetConfig,
    XLNetForMultipleChoice,
    XLNetForQuestionAnsweringSimple,
    XLNetForSequenceClassification,
    XLNetLMHeadModel,
    XLNetTokenizer,
    XLNetTokenizerFast,
)

from xlnet_data.datasets.mapped import open_split
from xlnet_data.errors import ConfigError
from xlnet_data.examples.factorization import perm_mask
from xlnet_data.schemas.example import CLS_ID, MASK_ID, SEP_ID, SPECIAL_PIECES
from xlnet_data.text import tokenizer as text_tokenizer
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.vocabularies import train_tokenizer
from xlnet_data.trainer.batches import Batch, LaneBatches
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.evaluation import evaluate_dev
from xlnet_data.trainer.fast_tokenizer import make_fast_tokenizer
from xlnet_data.trainer.masks import build_masks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.run_folders import check_export
from xlnet_data.trainer.runs import Run
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings
from xlnet_data.trainer.transformers_format import (
    check_tokenizer,
    export_model,
    import_model,
    rename_parameters,
    to_transformers,
)

REUSE_LEN = 32
TINY = ModelConfig(vocab_size=50, width=32, num_layers=3, num_heads=4, inner_width=48, init_std=0.2)
TOLERANCE = 1e-5
SETTINGS = ResolvedSettings(batch_size=2, learning_rate=1e-3, memory="reference", mem_len=48, eval_every=1)


def relative_difference(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """Return the largest difference, relative to the largest value."""
    ours, theirs = ours.detach().flatten(), theirs.detach().flatten()
    return float((ours - theirs).abs().max() / theirs.abs().max().clamp_min(1e-30))


def make_theirs(model: XLNet, mem_len: int, bi_data: bool = True) -> XLNetLMHeadModel:
    config = model.config
    theirs = XLNetLMHeadModel(
        XLNetConfig(
            vocab_size=config.vocab_size, d_model=config.width, n_layer=config.num_layers, n_head=config.num_heads,
            d_inner=config.inner_width, dropout=0.0, mem_len=mem_len, reuse_len=REUSE_LEN, bi_data=bi_data,
            clamp_len=config.clamp_len or -1,
        )
    )  # fmt: skip
    assert theirs.load_state_dict(to_transformers(model), strict=False).missing_keys == ["lm_loss.weight"]
    theirs.tie_weights()
    return theirs


def their_inputs(batch: Batch) -> dict[str, torch.Tensor]:
    """Make their inputs from the shard's columns, without our masks."""
    ids, order = batch["input_ids"].long(), batch["order"].long()
    seq_len = ids.shape[1]
    positions = torch.arange(seq_len)
    first_sep = REUSE_LEN + batch["a_len"].long()[:, None]
    is_target = (order != first_sep) & (order < seq_len - 2)
    targets = order[is_target].view(len(order), -1)
    hidden = perm_mask(ids.numpy(), order.numpy(), REUSE_LEN)
    return {
        "input_ids": ids,
        "perm_mask": torch.from_numpy(hidden).float(),
        "target_mapping": functional.one_hot(targets, seq_len).float(),
        "token_type_ids": torch.where(positions <= first_sep, 0, torch.where(positions == seq_len - 1, 2, 1)),
        "labels": ids.gather(1, targets),
    }


def forward_rows_first(batches: LaneBatches, count: int) -> list[Batch]:
    """Return batches whose rows are sorted as bi_data wants them: the first half forward, the second backward."""
    stream = iter(batches)
    chosen = []
    for _ in range(count):
        batch = next(stream)
        rows = batch["lane"].long().argsort()
        rows = torch.cat([rows[~batch["backward"][rows]], rows[batch["backward"][rows]]])
        chosen.append({name: column[rows] for name, column in batch.items()})
    return chosen


@pytest.mark.usefixtures("attention")
@pytest.mark.parametrize(("mem_len", "clamp_len"), [(48, 0), (20, 0), (48, 17)])
def test_every_number_agrees_over_several_steps_with_memory(
    reference_dataset: Path, mem_len: int, clamp_len: int
) -> None:
    torch.manual_seed(0)
    model = XLNet(replace(TINY, clamp_len=clamp_len))
    theirs = make_theirs(model, mem_len).train()
    their_parameters = dict(theirs.named_parameters())
    batches = forward_rows_first(LaneBatches(open_split(reference_dataset, "train"), 8), 4)
    assert batches[0]["backward"].tolist() == [False] * 4 + [True] * 4
    memory = model.start_memory(8, mem_len)
    their_memory = [torch.zeros(mem_len, 8, 32) for _ in range(3)]
    for batch in batches:
        masks = build_masks(batch, REUSE_LEN, mem_len, "reference")
        output = model(batch["input_ids"].long(), masks, memory, REUSE_LEN)
        labels = batch["input_ids"].long().gather(1, masks.targets_BK)
        loss = functional.cross_entropy(output.logits_BKV.flatten(0, 1), labels.flatten())
        model.zero_grad()
        loss.backward()
        expected = theirs(**their_inputs(batch), mems=their_memory, use_mems=True)
        theirs.zero_grad()
        expected.loss.backward()

        assert relative_difference(output.logits_BKV, expected.logits) < TOLERANCE
        assert relative_difference(loss, expected.loss) < TOLERANCE
        memory, their_memory = output.memory_LBMD, list(expected.mems)
        for ours, other in zip(memory, their_memory, strict=True):
            assert relative_difference(ours.transpose(0, 1), other) < TOLERANCE
        for name, their_name in rename_parameters(model.config).items():
            gradient, other = model.get_parameter(name).grad, their_parameters[their_name].grad
            assert gradient is not None
            assert other is not None
            assert relative_difference(gradient, other) < TOLERANCE, name


@pytest.fixture
def exported(reference_dataset: Path, tmp_path: Path) -> tuple[XLNet, Path]:
    """Return a model with random weights and the folder it was exported to."""
    torch.manual_seed(0)
    model = XLNet(replace(TINY, init_std=0.1))
    export_model(model, reference_dataset, tmp_path / "out", SETTINGS)
    return model, tmp_path / "out"


def test_the_dev_loss_of_the_exported_model_is_ours(reference_dataset: Path, exported: tuple[XLNet, Path]) -> None:
    model, folder = exported
    dev = open_split(reference_dataset, "dev")
    run = Run(model, dev, dev, SETTINGS, Device(torch.device("cpu")), {})
    loss, _ = evaluate_dev(run, 40, torch.zeros(50))
    theirs = XLNetLMHeadModel.from_pretrained(folder, bi_data=True).eval()
    memory = [torch.zeros(48, 2, 32) for _ in range(3)]
    losses = []
    for batch in forward_rows_first(LaneBatches(dev, 2, once=True), 20):
        with torch.no_grad():
            output = theirs(**their_inputs(batch), mems=memory, use_mems=True)
        losses.append(output.loss)
        memory = list(output.mems)
    assert len(losses) == 20
    assert loss == pytest.approx(float(torch.stack(losses).mean()), rel=1e-5)


def test_tokenizers_of_the_exported_folder_give_the_ids_of_the_shards(
    exported: tuple[XLNet, Path], tokenizer_bytes: bytes
) -> None:
    _, folder = exported
    processor = sentencepiece.SentencePieceProcessor(model_proto=tokenizer_bytes)
    slow, fast = XLNetTokenizer.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert isinstance(fast, XLNetTokenizerFast)
    for text in ("baba doki lume. tavi zo", "(doki-doki)  lume", ".", '"baba" - zo £ dokiq'):
        ids = processor.encode(text)
        assert slow.encode(text, add_special_tokens=False) == ids
        assert fast.encode(text, add_special_tokens=False) == ids
        assert slow.encode(text) == fast.encode(text) == [*ids, SEP_ID, CLS_ID]
    assert fast("baba", "doki")["token_type_ids"][-2:] == slow("baba", "doki")["token_type_ids"][-2:] == [1, 2]
    assert fast.decode(fast.encode("baba doki.")) == slow.decode(slow.encode("baba doki."))
    for tokenizer in (slow, fast):
        assert tokenizer.convert_ids_to_tokens(list(range(17))) == list(SPECIAL_PIECES)
        assert tokenizer.convert_tokens_to_ids("<mask>") == MASK_ID
        assert len(tokenizer) == processor.vocab_size()


def test_the_digit_comma_rule_holds_in_the_fast_tokenizer() -> None:
    pieces = [*((piece, 0.0) for piece in SPECIAL_PIECES), ("▁", -5.0), ("▁10", -3.0), (",", -4.0), ("▁10,", -1.0)]
    fields = [b"\x0a%c%b\x15%b" % (len(p.encode()), p.encode(), struct.pack("<f", score)) for p, score in pieces]
    model = b"".join(b"\x0a%c%b" % (len(field), field) for field in fields)
    content = make_fast_tokenizer(model, lowercase=False, keep_accents=True)
    assert content["model"]["vocab"][-1] == ["▁10,", -101.0]
    tokenizer = Tokenizer.from_str(json.dumps(content))
    assert tokenizer.encode("10, 10", add_special_tokens=False).tokens == ["▁10", ",", "▁10"]


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("keep_accents", [False, True])
def test_the_fast_tokenizer_gives_the_ids_of_the_shards_in_any_script(
    lowercase: bool, keep_accents: bool, tmp_path: Path
) -> None:
    texts = ["한국어 낱말", "हिन्दी में लिखा", "ภาษาไทยที่นี่", "ΛΟΓΟΣ ΣΟΦΙΑΣ, ΕΙΣ", "Ångström ﬁne № 5", "שָׁלוֹם がぎぐ ﾊﾟ"]
    texts.append("日本Σ ΑΣ'")
    words = " ".join(texts).split()
    cleaning = TokenizerSettings(vocab_size=100, lowercase=lowercase, keep_accents=keep_accents)
    path = str(tmp_path / "spiece.model")
    train_tokenizer([f"{one}{other}" for one in words for other in words], cleaning, path)
    ours = text_tokenizer.Tokenizer.load(path, cleaning)
    theirs = Tokenizer.from_str(json.dumps(make_fast_tokenizer(ours.model_bytes, lowercase, keep_accents)))
    spaces = ["낱\u200b", "\ufeffह \x1f ▁ง\u2028", "`` 5''\t\u200b"]
    for text in [*texts, *spaces, *texts[0]]:
        assert theirs.encode(text, add_special_tokens=False).ids == ours.encode([text])[0].tolist(), text


def test_case_and_accents_follow_the_settings_in_the_fast_tokenizer(tokenizer_bytes: bytes) -> None:
    def encode(lowercase: bool, keep_accents: bool) -> list[str]:
        content = make_fast_tokenizer(tokenizer_bytes, lowercase, keep_accents)
        tokens: list[str] = Tokenizer.from_str(json.dumps(content)).encode("BAbá", add_special_tokens=False).tokens
        return tokens

    plain = encode(lowercase=True, keep_accents=False)
    assert "".join(plain) == "▁baba"
    assert encode(lowercase=False, keep_accents=False) != plain != encode(lowercase=True, keep_accents=True)


@pytest.mark.parametrize("task", ["classification", "question answering", "multiple choice"])
def test_the_exported_model_can_be_fine_tuned(exported: tuple[XLNet, Path], task: str) -> None:
    _, folder = exported
    torch.manual_seed(0)
    ids = torch.randint(9, 50, (4, 12))
    if task == "classification":
        model = XLNetForSequenceClassification.from_pretrained(folder, num_labels=3)
        inputs = {"input_ids": ids, "labels": torch.tensor([0, 1, 2, 1])}
    elif task == "question answering":
        model = XLNetForQuestionAnsweringSimple.from_pretrained(folder)
        inputs = {
            "input_ids": ids,
            "start_positions": torch.tensor([1, 2, 3, 4]),
            "end_positions": torch.tensor([5, 6, 7, 8]),
        }
    else:
        model = XLNetForMultipleChoice.from_pretrained(folder)
        inputs = {"input_ids": ids.view(2, 2, 12), "labels": torch.tensor([0, 1])}
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(25):
        loss = model(**inputs).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])


def test_an_exported_folder_holds_what_a_later_export_may_replace(exported: tuple[XLNet, Path], tmp_path: Path) -> None:
    _, folder = exported
    check_export(folder, tmp_path / "run", overwrite=True)
    with pytest.raises(ConfigError, match="is not empty"):
        check_export(folder, tmp_path / "run", overwrite=False)
    (folder / "mine").touch()
    with pytest.raises(ConfigError, match="holds 'mine', which is of no exported model"):
        check_export(folder, tmp_path / "run", overwrite=True)


def test_an_exported_folder_comes_back_as_the_same_model(exported: tuple[XLNet, Path]) -> None:
    model, folder = exported
    again = import_model(folder, replace(TINY, nsp=False))
    for name, parameter in model.named_parameters():
        assert torch.equal(again.get_parameter(name), parameter)


def test_a_released_checkpoint_saved_as_pickle_is_read_without_running_code(
    exported: tuple[XLNet, Path], tmp_path: Path
) -> None:
    model, folder = exported
    theirs = XLNetLMHeadModel.from_pretrained(folder)
    theirs.save_pretrained(tmp_path / "bin", safe_serialization=False)
    assert (tmp_path / "bin" / "pytorch_model.bin").exists()
    again = import_model(tmp_path / "bin", replace(TINY, nsp=True))
    assert torch.equal(again.word_embedding.weight, model.word_embedding.weight)
    assert torch.equal(again.layers[2].seg_embed, model.layers[2].seg_embed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocab_size": 51}, "has 51 ids and the shards have 50"),
        ({"ff_activation": "relu"}, "with ff_activation='relu'; this trainer has ff_activation='gelu' only"),
        ({"untie_r": False}, "with untie_r=False"),
        ({"layer_norm_eps": 1e-5}, "with layer_norm_eps=1e-05"),
        ({"tie_word_embeddings": False}, "with tie_word_embeddings=False"),
        ({"attn_type": "uni"}, "with attn_type='uni'; this trainer has attn_type='bi' only"),
        ({"bi_data": True}, "with bi_data=True"),
        ({"same_length": True}, "with same_length=True"),
        ({"d_inner": 64}, "another shape"),
        ({"n_layer": 4}, r"has weights of 3 layers, its config.json says n_layer=4"),
        ({"n_layer": 10**9}, "has weights of 3 layers"),
        ({"n_layer": 3.0}, "num_layers must be a whole number: got 3.0"),
        ({"d_model": -1}, "width must be at least 2: got -1"),
        ({"d_model": "32"}, "width must be a whole number: got '32'"),
        ({"d_inner": float("nan")}, "inner_width must be a whole number: got nan"),
        ({"n_head": None}, "num_heads must be a whole number: got None"),
        (
            {"d_model": 10**9, "n_head": 1},
            r"another shape .* is torch.float32 \[50, 32\], not float \[50, 1000000000\]",
        ),
        ({"vocab_size": 10**12}, "has 1000000000000 ids and the shards have 50"),
        ({"vocab_size": [50]}, r"vocab_size must be a whole number: got \[50\]"),
        ({"clamp_len": "none"}, "clamp_len must be a whole number: got 'none'"),
        ({"model_type": "bert"}, "it is of another kind of model"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused(
    exported: tuple[XLNet, Path], change: dict[str, Any], message: str
) -> None:
    _, folder = exported
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ConfigError, match=message):
        import_model(folder, TINY)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda tensor: tensor * float("nan"), "damaged weights: lm_loss.bias holds values that are no finite numbers"),
        (lambda tensor: tensor + float("inf"), "damaged weights: lm_loss.bias"),
        (lambda tensor: tensor.to_sparse(), "weights that are none: lm_loss.bias is no plain tensor"),
        (lambda tensor: tensor.to("meta"), "lm_loss.bias is no plain tensor"),
        (lambda tensor: 7, "lm_loss.bias is no plain tensor"),
        (lambda tensor: "7", "lm_loss.bias is no plain tensor"),
    ],
)
def test_weights_that_are_no_numbers_are_refused(
    exported: tuple[XLNet, Path], damage: Callable[[torch.Tensor], object], message: str
) -> None:
    _, folder = exported
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save({**weights, "lm_loss.bias": damage(weights["lm_loss.bias"])}, folder / "pytorch_model.bin")
    with pytest.raises(ConfigError, match=message):
        import_model(folder, replace(TINY, nsp=False))


@pytest.mark.parametrize("content", ["", "[]", "7", "{", '{"d_model": 32}', "\0" * 99, 100_000 * "["])
def test_a_configuration_that_is_none_is_refused(exported: tuple[XLNet, Path], content: str) -> None:
    _, folder = exported
    (folder / "config.json").write_text(content)
    with pytest.raises(ConfigError, match=r"is not an XLNet of transformers: config\.json: "):
        import_model(folder, TINY)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_weights_that_are_damaged_or_of_another_shape_or_type_are_named(
    exported: tuple[XLNet, Path], name: str
) -> None:
    _, folder = exported
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match="has no weights that can be read: FileNotFoundError"):
        import_model(folder, TINY)
    save = torch.save if name.endswith(".bin") else save_file
    for changed, message in (
        (weights["transformer.mask_emb"][:, :, 1:].contiguous(), r"mask_emb is torch.float32 \[1, 1, 31\]"),
        (weights["transformer.mask_emb"].long(), r"mask_emb is torch.int64 \[1, 1, 32\], not float \[1, 1, 32\]"),
        (None, "mask_emb is missing, not float"),
    ):
        others = {k: v for k, v in weights.items() if k != "transformer.mask_emb"}
        save(others if changed is None else others | {"transformer.mask_emb": changed}, folder / name)
        with pytest.raises(ConfigError, match=message):
            import_model(folder, TINY)
    content = (folder / name).read_bytes()
    for damaged in (b"", content[: len(content) // 2], bytes(len(content))):
        (folder / name).write_bytes(damaged)
        with pytest.raises(ConfigError, match="has no weights that can be read"):
            import_model(folder, TINY)


def test_a_tokenizer_other_than_the_shards_is_refused_and_none_is_not(exported: tuple[XLNet, Path]) -> None:
    _, folder = exported
    sha256 = hashlib.sha256((folder / "spiece.model").read_bytes()).hexdigest()
    check_tokenizer(folder, sha256)
    (folder / "spiece.model").write_bytes(b"another of the same size")
    with pytest.raises(ConfigError, match=rf"spiece\.model is another tokenizer .* than the shards' \({sha256}\)"):
        check_tokenizer(folder, sha256)
    (folder / "spiece.model").unlink()
    check_tokenizer(folder, sha256)
