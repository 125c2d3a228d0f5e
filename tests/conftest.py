"""What several tests share."""

import errno
import io
import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import hypothesis
import numpy as np
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import load_config, parse_config
from xlnet_data.datasets.cards import write_card
from xlnet_data.datasets.manifests import sum_shards, write_manifest
from xlnet_data.datasets.shards import ShardWriting, shard_names, write_shard
from xlnet_data.examples.lanes import Lane, LaneText
from xlnet_data.examples.sampling import sampling_of
from xlnet_data.pipelines.engines.exchange import EngineExchange
from xlnet_data.pipelines.engines.folder import engine_folder
from xlnet_data.pipelines.flow import build
from xlnet_data.pipelines.running import make_pipeline, run_pipeline
from xlnet_data.schemas.example import SCHEMA_VERSION
from xlnet_data.schemas.manifest import CorpusInfo, Manifest, ShardInfo, TokenizerInfo
from xlnet_data.text.encoding import encode_documents
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.text.vocabularies import train_tokenizer

hypothesis.settings.register_profile("any machine", deadline=None)  # tests state what holds, never how long it takes
hypothesis.settings.load_profile("any machine")

# What starts the tests may ignore these (`nohup`, a script's background), which all that the tests start would inherit.
for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)

SAMPLES = Path(__file__).parents[2] / "shared" / "samples"

VOCAB_SIZE = 300
LANE_DOCUMENTS = 12

WriteDataset: TypeAlias = Callable[..., Path]


class FullDisk(io.BufferedWriter):
    """A file on a disk that has room for some bytes more, shared by all such files."""

    room = 0

    def write(self, data: Any) -> int:
        type(self).room -= memoryview(data).nbytes
        if type(self).room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one process run a file's tests, where there are several, and those of a folder that share its servers."""
    for item in items:
        folder = item.path.parent
        item.add_marker(pytest.mark.xdist_group(str(folder if folder.name in ("engines", "stores") else item.path)))


@pytest.fixture
def fill_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that leaves room for so many bytes of the files that a dataset is written to."""

    def fill(room: int) -> None:
        FullDisk.room = room
        monkeypatch.setattr(
            "xlnet_data.files.writing.open", lambda path, mode: FullDisk(io.FileIO(path, mode)), raising=False
        )

    return fill


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of real files in the corpora's formats, kept beside the checkout."""
    if not SAMPLES.is_dir():
        pytest.skip(f"no sample files at {SAMPLES}")
    return SAMPLES


def make_document(number: int, paragraphs: int | None = None) -> str:
    """Return paragraphs of invented words, always the same for a number."""
    vocabulary = random.Random(0)
    words = ["".join(vocabulary.choices("abcdefghijklmnopqrstuvwxyz", k=vocabulary.randint(2, 7))) for _ in range(500)]
    draw = random.Random(number)

    def sentence() -> str:
        return " ".join(draw.choices(words, k=draw.randint(3, 12))).capitalize() + draw.choice([".", ".", "!", "?"])

    return "\n\n".join(
        " ".join(sentence() for _ in range(draw.randint(1, 5))) for _ in range(paragraphs or draw.randint(1, 8))
    )


@pytest.fixture(scope="session")
def invent() -> Callable[..., str]:
    """Return the function that invents a document from its number."""
    return make_document


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SentencePiece model of 300 pieces, trained on invented text."""
    path = tmp_path_factory.mktemp("model") / "small.model"
    lines = [line for number in range(60) for line in make_document(number).split("\n\n")]
    train_tokenizer(lines, TokenizerSettings(vocab_size=VOCAB_SIZE), str(path))
    return path


@pytest.fixture(scope="session")
def build_shuffled() -> Callable[..., None]:
    """Return a function that builds a config's dataset as an engine would, by the shuffle, in this process."""

    def run(config: Path, output: Path | str, overwrite: bool = False) -> None:
        loaded = load_config(str(config))
        tokenizer = Tokenizer.load(str(loaded.tokenizer.model), loaded.tokenizer)
        with engine_folder(str(output), overwrite, tokenizer) as folder:
            pipeline = make_pipeline(FnApiRunner())
            exchange = EngineExchange(loaded, folder, tokenizer.id_type)
            build(pipeline, loaded, folder.building, tokenizer, exchange)
            run_pipeline(pipeline)

    return run


@pytest.fixture(scope="session")
def write_small_dataset(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> WriteDataset:
    """Return a function that writes a dataset of a few short lanes by the library's own functions, without Beam."""

    written: dict[str, Path] = {}

    def write_or_copy(folder: Path, lanes: int = 3, **examples: object) -> Path:
        key = f"{lanes} {examples}"
        if key not in written:
            written[key] = write(tmp_path_factory.mktemp("written") / "data", lanes, **examples)
        shutil.copytree(written[key], folder)
        return folder

    def write(folder: Path, lanes: int, **examples: object) -> Path:
        folder.mkdir(parents=True)
        (folder / "spiece.model").write_bytes(small_model.read_bytes())
        config = parse_config(
            {
                "tokenizer": {"vocab_size": VOCAB_SIZE},
                "examples": {"seq_len": 64, "reuse_len": 32} | examples,
                "corpora": [{"name": "invented", "format": "text", "paths": ["*.txt"]}],
            },
            ".",
        )
        tokenizer = Tokenizer.load(str(small_model), config.tokenizer)
        shards, lens, sentence_lens = [], Counter[int](), Counter[int]()
        for split, numbers, total in (("train", range(lanes), 2), ("dev", range(100, 101), 1)):
            sampling = sampling_of(config.examples, config.seed, split, tokenizer)
            writing = ShardWriting(str(folder), tokenizer.vocab_size, tokenizer.sha256, config.fingerprint())
            for shard, part in enumerate(np.array_split(np.array(numbers), total)):
                texts = [(int(lane) % 100, _lane_text(int(lane), tokenizer)) for lane in part]
                lens.update(1 << int(length).bit_length() >> 1 for _, text in texts for length in text.document_lens)
                lanes_of_part = [text.lane for _, text in texts]
                sentence_lens.update(
                    1 << int(length).bit_length() >> 1
                    for lane in lanes_of_part
                    for length in np.diff(lane.sentence_starts, append=len(lane.ids))
                )
                shards.append(write_shard(texts, shard_names(split, shard, total), sampling, writing))
        write_card(write_manifest(_manifest(config, tokenizer, shards, lens, sentence_lens), str(folder)), str(folder))
        return folder

    return write_or_copy


def _lane_text(number: int, tokenizer: Tokenizer) -> LaneText:
    numbers = range(20 * number, 20 * number + LANE_DOCUMENTS)
    encoded = encode_documents([make_document(i) for i in numbers], tokenizer, "en", False)
    sentence_lens = encoded.sentence_lens.astype(np.int64)
    document_starts = np.cumsum(encoded.doc_lens) - encoded.doc_lens
    document_ids = np.arange(len(numbers))
    lane = Lane(encoded.ids, np.cumsum(sentence_lens) - sentence_lens, document_starts, document_ids)
    doc_ids, titles = [f"{i}.txt" for i in numbers], [f"Tale {i}" for i in numbers]
    return LaneText(lane, encoded.doc_lens, ["invented"] * len(numbers), doc_ids, [""] * len(numbers), titles)


def _manifest(
    config: BuildConfig,
    tokenizer: Tokenizer,
    shards: list[ShardInfo],
    lens: Counter[int],
    sentence_lens: Counter[int],
) -> Manifest:
    splits = {split: sum_shards(shard for shard in shards if shard.split == split) for split in ("train", "dev")}
    num_documents = LANE_DOCUMENTS * sum(info.lanes for info in shards) // config.examples.num_readings
    return Manifest(
        schema_version=SCHEMA_VERSION,
        versions={},
        config=config.to_json(),
        fingerprint=config.fingerprint(),
        tokenizer=TokenizerInfo("spiece.model", tokenizer.sha256, tokenizer.vocab_size),
        splits=splits,
        corpora={
            "invented": CorpusInfo(
                documents_read=num_documents,
                documents_kept=num_documents,
                documents_dropped={},
                tokens=sum(info.tokens for info in splits.values()),
                tokens_in_no_example=sum(info.tokens_in_no_example for info in splits.values()),
                bytes=9,
                unknown_frac=0.0,
                changed_letter_frac=0.0,
                document_lens={str(size): lens[size] for size in sorted(lens)},
                sentence_lens={str(size): sentence_lens[size] for size in sorted(sentence_lens)},
                pieces_per_word=2.5,
                unknown_chars={},
                dropped_samples={},
                notes={},
            )
        },
        shards=shards,
    )
