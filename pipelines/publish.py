"""Writing shards, and at the end the manifest that makes a folder a dataset."""

import json
import os
import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import apache_beam as beam

from xlnet_data.config import BuildConfig
from xlnet_data.examples import Sampling
from xlnet_data.lanes import LaneText
from xlnet_data.pipelines.assign import ShardLanes
from xlnet_data.pipelines.progress import add_progress
from xlnet_data.pipelines.work import LocalWork
from xlnet_data.plans import count_gone_tokens
from xlnet_data.schemas.example import VERSION
from xlnet_data.schemas.manifest import (
    SPLITS,
    TOKENIZER_FILE,
    CorpusInfo,
    Manifest,
    ShardInfo,
    TokenizerInfo,
)
from xlnet_data.shards import ShardWriting, atomic_write, shard_names, sum_shards, write_manifest, write_shard
from xlnet_data.tallies import Tally
from xlnet_data.tokenizer import Tokenizer


class WriteShards(beam.PTransform):  # type: ignore[misc]
    """Draw each shard's examples while it is written, so that no example crosses a stage: ShardLanes in, ShardInfo out.

    A shard whose record lies in a local build's folder is finished already and is not written again.
    """

    def __init__(self, config: BuildConfig, writing: ShardWriting, model: str, work: LocalWork | None) -> None:
        super().__init__()
        self._arguments = (config, writing, model, work)

    def expand(self, lanes: Any) -> Any:
        """Write each shard."""
        return lanes | beam.ParDo(_Write(*self._arguments))


class _Write(beam.DoFn):  # type: ignore[misc]
    """Loads the vocabulary once per worker."""

    def __init__(self, config: BuildConfig, writing: ShardWriting, model: str, work: LocalWork | None) -> None:
        super().__init__()
        self._config, self._writing, self._model = config, writing, model
        self._records = work.records if work else None
        self._progress = work.progress if work else None

    def setup(self) -> None:
        self._tokenizer = Tokenizer.load(self._model, self._config.tokenizer)

    def process(self, lanes: ShardLanes) -> Iterator[ShardInfo]:
        shard = lanes.shard
        names = shard_names(shard.split, shard.number, shard.total)
        record = None if self._records is None else os.path.join(self._records, f"{shard.split}-{shard.number:05}.json")
        info = None if record is None else _read_record(record)
        if info is None:
            sampling = sampling_of(self._config, shard.split, self._tokenizer)
            info = write_shard(self._watched(lanes), names, sampling, self._writing)
            if record is not None:
                with atomic_write(record) as file:
                    file.write(json.dumps(asdict(info)).encode())
        else:
            add_progress(self._progress, tokens_written=info.tokens)
        yield info

    def _watched(self, lanes: ShardLanes) -> Iterator[tuple[int, LaneText]]:
        for number, text in lanes.read(self._tokenizer.id_dtype):
            yield number, text
            add_progress(self._progress, tokens_written=len(text.lane.ids))


def sampling_of(config: BuildConfig, split: str, tokenizer: Tokenizer) -> Sampling:
    """Return what the draws of a split depend on."""
    unit_starts = None
    if config.examples.spans and config.examples.recipe == "reference":
        unit_starts = tokenizer.is_start_piece
    elif config.examples.spans and config.examples.whole_words:
        unit_starts = tokenizer.is_word_start
    return Sampling(config.examples, config.seed, split, unit_starts)


def _read_record(path: str) -> ShardInfo | None:
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return ShardInfo(**json.load(file))


@dataclass(frozen=True)
class Publication:
    """What the manifest says besides the counts.

    Attributes:
        output: The dataset folder.
        config: The config.
        tokenizer: The model in the folder.
    """

    output: str
    config: BuildConfig
    tokenizer: TokenizerInfo


class WriteManifest(beam.PTransform):  # type: ignore[misc]
    """Write the manifest when all shards stand: (ShardInfo, Tally) in, Manifest out."""

    def __init__(self, publication: Publication) -> None:
        super().__init__()
        self._publication = publication

    def expand(self, inputs: Any) -> Any:
        """Wait for all shards, then write."""
        shards, tally = inputs
        return tally | beam.Map(publish, shards=beam.pvalue.AsList(shards), publication=self._publication)


def publish(tally: Tally, shards: list[ShardInfo], publication: Publication) -> Manifest:
    """Write the manifest, last of all, and return it."""
    config = publication.config
    splits = {split: sum_shards(shard for shard in shards if shard.split == split) for split in SPLITS}
    gone = count_gone_tokens(tally, config)
    manifest = Manifest(
        schema_version=VERSION,
        versions={name: version(name) for name in ("xlnet-data", "apache-beam", "numpy", "pyarrow", "sentencepiece")}
        | {"python": platform.python_version()},
        config=config.to_json(),
        fingerprint=config.fingerprint(),
        tokenizer=publication.tokenizer,
        splits=splits,
        corpora={corpus.name: _corpus_info(corpus.name, tally, gone[corpus.name], shards) for corpus in config.corpora},
        shards=sorted(shards, key=lambda shard: (SPLITS.index(shard.split), shard.file)),
        warnings=list(_warnings(config, tally, splits, shards)),
    )
    write_manifest(manifest, publication.output)
    return manifest


def _corpus_info(name: str, tally: Tally, gone: int, shards: list[ShardInfo]) -> CorpusInfo:
    counts = {what: count for (corpus, what), count in sorted(tally.counts.items()) if corpus == name}
    by_prefix = {
        prefix: {what.removeprefix(prefix): count for what, count in counts.items() if what.startswith(prefix)}
        for prefix in ("dropped:", "note:")
    }
    notes = Counter(by_prefix["note:"]) + Counter(duplicate_id=_num_duplicate_ids(name, shards))
    return CorpusInfo(
        documents_read=counts.get("read", 0),
        documents_kept=counts.get("kept", 0),
        documents_dropped=by_prefix["dropped:"],
        tokens=counts.get("tokens", 0) - gone,
        bytes=counts.get("bytes", 0),
        notes=dict(sorted(notes.items())),
    )


def _num_duplicate_ids(corpus: str, shards: list[ShardInfo]) -> int:
    return sum(shard.duplicate_ids.get(corpus, 0) for shard in shards)


def _warnings(config: BuildConfig, tally: Tally, splits: dict[str, Any], shards: list[ShardInfo]) -> Iterator[str]:
    train, dev = splits["train"], splits["dev"]
    if config.output.dev_frac and not dev.examples:
        yield "the dev split has no example: too little text lies in it; raise dev_frac or add documents"
    elif dev.tokens > 2 * config.output.dev_frac * (train.tokens + dev.tokens):
        share = dev.tokens / (train.tokens + dev.tokens)
        yield (
            f"the dev split took {share:.1%} of the tokens, more than dev_frac={config.output.dev_frac}: a document is "
            "never cut"
        )
    drawn_negative = train.negative + train.fallback
    if drawn_negative and train.fallback > 0.05 * drawn_negative:
        yield (
            f"{train.fallback:,} of {drawn_negative:,} negative pairs became positive: their lane has no other "
            "document with room for B; raise lane_tokens or use shorter documents"
        )
    for corpus in config.corpora:
        if not tally.counts[corpus.name, "kept"]:
            yield f"corpus {corpus.name!r} gave no document"
        if num_duplicates := _num_duplicate_ids(corpus.name, shards):
            yield (
                f"{num_duplicates:,} documents of corpus {corpus.name!r} have an id that another of its documents has: "
                "they lie side by side in one lane and went into one split; if ids should be unique, correct them, or "
                "let a field with unique ones be the id"
            )


def tokenizer_info(tokenizer: Tokenizer) -> TokenizerInfo:
    """Return what the manifest says of the vocabulary."""
    return TokenizerInfo(TOKENIZER_FILE, tokenizer.sha256, tokenizer.vocab_size)
