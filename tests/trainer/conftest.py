"""A small dataset of a made-up language, written without the project's own samplers, so that it can accuse them."""

import dataclasses
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sentencepiece as spm
import torch

from xlnet_data.datasets.shards import shard_names
from xlnet_data.schemas.example import CLS_ID, EOD_ID, SCHEMA_VERSION, SEP_ID, USER_SYMBOLS, example_schema
from xlnet_data.schemas.manifest import Manifest, ShardInfo, SplitInfo, TokenizerInfo
from xlnet_data.trainer import model
from xlnet_data.trainer.attention import attend_in_blocks
from xlnet_data.trainer.fused_attention import attend_fused

SEQ_LEN, REUSE_LEN, NUM_TARGETS = 64, 32, 10
PAIR_LEN = SEQ_LEN - REUSE_LEN - 3
LANE_TOKENS = 1200

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tokenizer_bytes() -> bytes:
    """Return a SentencePiece model of the made-up language, with the project's special ids."""
    rng = np.random.default_rng(0)
    text = [" ".join(_sentence(rng)) for _ in range(2000)]
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(text), model_writer=model, vocab_size=50, model_type="unigram",
        character_coverage=1.0, control_symbols=["<cls>", "<sep>", "<pad>", "<mask>", "<eod>"],
        user_defined_symbols=["<eop>", *USER_SYMBOLS], minloglevel=2,
    )  # fmt: skip
    return model.getvalue()


@pytest.fixture(scope="session")
def write_dataset(tokenizer_bytes: bytes) -> Callable[..., Path]:
    """Return a function that writes a dataset folder."""

    def write(
        folder: Path, *, train_lanes: int = 8, dev_lanes: int = 2, recipe: str = "paper", shards: int = 2
    ) -> Path:
        processor = spm.SentencePieceProcessor(model_proto=tokenizer_bytes)
        metadata = _metadata(recipe, processor.vocab_size(), tokenizer_bytes)
        schema = example_schema(SEQ_LEN, NUM_TARGETS, processor.vocab_size(), metadata)
        written = []
        for split, lanes in (("train", train_lanes), ("dev", dev_lanes)):
            (folder / split).mkdir(parents=True)
            total = shards if split == "train" else 1
            schema = schema.with_metadata(metadata | {"split": split})
            for shard, numbers in enumerate(np.array_split(np.arange(lanes), total)):
                name, sidecar = shard_names(split, shard, total)
                batches = [b for lane in numbers for b in _lane_batches(processor, split, int(lane), schema)]
                with pa.ipc.new_file(folder / name, schema) as writer:
                    for batch in batches:
                        writer.write_batch(batch)
                data = (folder / name).read_bytes()
                examples = sum(b.num_rows for b in batches)
                written.append(
                    ShardInfo(
                        split=split, file=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest(),
                        examples=examples, documents_file=sidecar, documents_bytes=0,
                        documents_sha256="", lanes=len(numbers), tokens=examples * REUSE_LEN, tokens_in_no_example={},
                        positive=0, negative=0, fallback=0,
                    )
                )  # fmt: skip
        (folder / "spiece.model").write_bytes(tokenizer_bytes)
        (folder / "manifest.json").write_text(json.dumps(dataclasses.asdict(_manifest(metadata, written))))
        return folder

    return write


@pytest.fixture(scope="session")
def dataset(write_dataset: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset of the paper recipe: 8 train lanes in 2 shards, 2 dev lanes."""
    return write_dataset(tmp_path_factory.mktemp("data") / "paper")


@pytest.fixture(scope="session")
def reference_dataset(write_dataset: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset of the reference recipe."""
    return write_dataset(tmp_path_factory.mktemp("data") / "reference", recipe="reference")


@pytest.fixture(params=[attend_in_blocks, attend_fused], ids=["blocks", "fused"])
def attention(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attend as on a CPU, then as on a GPU."""
    monkeypatch.setattr(model, "choose_attention", lambda device: request.param)


@pytest.fixture
def fused_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attend as on a GPU."""
    monkeypatch.setattr(model, "choose_attention", lambda device: attend_fused)


def _sentence(rng: np.random.Generator) -> list[str]:
    """Return words in which each decides most of the next: a language worth learning."""
    syllables = ["ba", "do", "ki", "lu", "me", "no", "ru", "ta", "vi", "zo"]
    word = int(rng.integers(40))
    words = []
    for _ in range(int(rng.integers(4, 9))):
        words.append(syllables[word % 10] + syllables[word // 4])
        word = (word * 7 + (3 if rng.random() < 0.9 else 11)) % 40
    return [*words, "."]


def _lane(processor: spm.SentencePieceProcessor, split: str, stream: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a stream's token ids and the starts of its documents."""
    rng = np.random.default_rng([split == "dev", stream])
    ids: list[int] = []
    starts = []
    while len(ids) < LANE_TOKENS + stream * 50:
        starts.append(len(ids))
        for _ in range(int(rng.integers(2, 12))):
            ids += processor.encode(" ".join(_sentence(rng)))
        ids.append(EOD_ID)
    return np.array(ids), np.array(starts)


def _lane_batches(
    processor: spm.SentencePieceProcessor, split: str, lane: int, schema: pa.Schema
) -> list[pa.RecordBatch]:
    ids, starts = _lane(processor, split, lane // 2)
    if lane % 2:
        lengths = np.diff(np.append(starts, len(ids)))
        ids, starts = ids[::-1], np.append(0, np.cumsum(lengths[::-1])[:-1])
    rng = np.random.default_rng([7, split == "dev", lane])
    rows = [
        _example(ids, starts, lane, step, rng) for step in range((len(ids) - REUSE_LEN - PAIR_LEN) // REUSE_LEN + 1)
    ]
    # Two record batches a lane, so that reading crosses their border.
    return [pa.RecordBatch.from_pylist(part, schema=schema) for part in (rows[:20], rows[20:])]


def _example(ids: np.ndarray, starts: np.ndarray, lane: int, step: int, rng: np.random.Generator) -> dict[str, object]:
    begin = step * REUSE_LEN
    a_start = begin + REUSE_LEN
    a_len = int(rng.integers(1, PAIR_LEN))
    is_next = bool(rng.random() < 0.5)
    b_start = a_start + a_len if is_next else int(rng.integers(len(ids) - PAIR_LEN))
    b = ids[b_start : b_start + PAIR_LEN - a_len]
    input_ids = np.concatenate([ids[begin : a_start + a_len], [SEP_ID], b, [SEP_ID, CLS_ID]])
    functional = [a_start - begin + a_len, SEQ_LEN - 2, SEQ_LEN - 1]
    rest = np.setdiff1d(np.arange(REUSE_LEN, SEQ_LEN), functional)
    reuse_targets = rng.choice(REUSE_LEN, NUM_TARGETS // 2, replace=False)
    rest_targets = rng.choice(rest, NUM_TARGETS // 2, replace=False)
    order = np.concatenate([reuse_targets, rng.permutation(np.concatenate([rest_targets, functional]))])
    return {
        "lane": lane, "step": step, "backward": lane % 2 == 1, "input_ids": input_ids.tolist(), "a_len": a_len,
        "b_len": PAIR_LEN - a_len, "is_next": is_next, "b_start": b_start, "order": order.tolist(),
        "memory_len": int(begin - starts[starts <= begin].max()),
    }  # fmt: skip


def _metadata(recipe: str, vocab_size: int, tokenizer: bytes) -> dict[str, str]:
    return {
        "schema_version": SCHEMA_VERSION, "split": "train", "seq_len": str(SEQ_LEN), "reuse_len": str(REUSE_LEN),
        "num_targets": str(NUM_TARGETS), "k": "6.0", "recipe": recipe, "seed": "0", "vocab_size": str(vocab_size),
        "perm_size": "0", "max_span": "5", "spans": "false", "whole_words": "false", "pairs": "true",
        "bidirectional": "true", "tokenizer_sha256": hashlib.sha256(tokenizer).hexdigest(), "fingerprint": "made up",
    }  # fmt: skip


def _manifest(metadata: dict[str, str], shards: list[ShardInfo]) -> Manifest:
    examples = {
        "seq_len": SEQ_LEN, "reuse_len": REUSE_LEN, "k": 6.0, "max_span": 5, "spans": False, "whole_words": False,
        "pairs": True, "bidirectional": True, "perm_size": 0, "recipe": metadata["recipe"],
    }  # fmt: skip
    vocab_size = int(metadata["vocab_size"])
    config = {
        "seed": 0, "examples": examples, "output": {"dev_frac": 0.2},
        "tokenizer": {"lowercase": False, "keep_accents": False, "vocab_size": vocab_size},
    }  # fmt: skip
    return Manifest(
        schema_version=SCHEMA_VERSION,
        versions={},
        config=config,
        fingerprint=metadata["fingerprint"],
        tokenizer=TokenizerInfo("spiece.model", metadata["tokenizer_sha256"], vocab_size),
        splits={
            split: SplitInfo(
                lanes=sum(s.lanes for s in shards if s.split == split),
                examples=sum(s.examples for s in shards if s.split == split),
            )
            for split in ("train", "dev")
        },
        corpora={},
        shards=shards,
    )
