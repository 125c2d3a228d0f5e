"""Writes the shards and, last of all, the manifest that makes a folder a dataset."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import apache_beam as beam

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.advice import (
    warn_of_clean_up,
    warn_of_dev,
    warn_of_losses,
    warn_of_pairs,
    warn_of_shares,
    warn_of_shuffled,
    warn_of_unknown,
)
from xlnet_data.datasets.cards import write_card
from xlnet_data.datasets.corpus_infos import corpus_info, duplicate_groups, num_duplicate_ids
from xlnet_data.datasets.lane_plans import moved_to_dev, tokens_not_copied_to_dev
from xlnet_data.datasets.manifests import sum_shards, write_manifest
from xlnet_data.datasets.shards import ShardWriting, shard_names, write_shard
from xlnet_data.examples.lanes import LaneText
from xlnet_data.examples.sampling import sampling_of
from xlnet_data.ingestion.tallies import Tally
from xlnet_data.pipelines.exchange import Exchange, ShardLanes, ShardRecords
from xlnet_data.pipelines.progress import Progress
from xlnet_data.schemas.example import SCHEMA_VERSION
from xlnet_data.schemas.manifest import (
    SPLITS,
    TOKENIZER_FILE,
    CorpusInfo,
    Manifest,
    ShardInfo,
    SplitInfo,
    TokenizerInfo,
)
from xlnet_data.text.tokenizer import Tokenizer


class WriteShards(beam.PTransform):
    """Draw each shard's examples while it is written, so that no example crosses a stage.

    In and out a dict of two collections: "lanes", of what the exchange opens as ShardLanes, becomes "shards", of
    ShardInfo; "tally" stays. A shard that the exchange has on record is finished already and is not written again.
    """

    def __init__(self, config: BuildConfig, writing: ShardWriting, model: str, exchange: Exchange) -> None:
        super().__init__()
        self._arguments = (config, writing, model, exchange.open_lanes, exchange.records, exchange.progress)

    def expand(self, assigned: Any) -> Any:
        """Write each shard."""
        shards = assigned["lanes"] | beam.ParDo(_Write(*self._arguments))
        return {"shards": shards, "tally": assigned["tally"]}


class _Write(beam.DoFn):
    """Loads the vocabulary once per worker."""

    def __init__(
        self,
        config: BuildConfig,
        writing: ShardWriting,
        model: str,
        open_lanes: Callable[[Any], ShardLanes],
        records: ShardRecords,
        progress: Progress,
    ) -> None:
        super().__init__()
        self._config, self._writing, self._model = config, writing, model
        self._open_lanes, self._records, self._progress = open_lanes, records, progress

    def setup(self) -> None:
        self._tokenizer = Tokenizer.load(self._model, self._config.tokenizer)

    def process(self, assigned: Any) -> Iterator[ShardInfo]:
        lanes = self._open_lanes(assigned)
        shard = lanes.shard
        info = self._records.find(shard)
        if info is None:
            names = shard_names(shard.split, shard.number, shard.total)
            sampling = sampling_of(self._config.examples, self._config.seed, shard.split, self._tokenizer)
            info = write_shard(self._reported(lanes), names, sampling, self._writing)
            self._records.keep(shard, info)
        else:
            self._progress.add(tokens_written=info.tokens)
        yield info

    def _reported(self, lanes: ShardLanes) -> Iterator[tuple[int, LaneText]]:
        for number, text in lanes.read(self._tokenizer.id_type):
            yield number, text
            self._progress.add(tokens_written=len(text.lane.ids))


@dataclass(frozen=True)
class Publication:
    """What the manifest says besides the counts.

    Attributes:
        folder: Where the manifest is written.
        dataset: The dataset folder, where the card for people is written.
        config: The config.
        tokenizer: The model in the folder.
    """

    folder: str
    dataset: str
    config: BuildConfig
    tokenizer: TokenizerInfo


class WriteManifest(beam.PTransform):
    """Write the manifest when all shards stand: a dict of "shards", of ShardInfo, and "tally" in, Manifest out."""

    def __init__(self, publication: Publication) -> None:
        super().__init__()
        self._publication = publication

    def expand(self, written: Any) -> Any:
        """Wait for all shards, then write."""
        shards = beam.pvalue.AsList(written["shards"])
        return written["tally"] | beam.Map(publish, shards=shards, publication=self._publication)


def publish(tally: Tally, shards: list[ShardInfo], publication: Publication) -> Manifest:
    """Write the card and, last of all, the manifest, and return it."""
    config = publication.config
    splits = {split: sum_shards(shard for shard in shards if shard.split == split) for split in SPLITS}
    gone = tokens_not_copied_to_dev(tally, config)
    corpora = {corpus.name: corpus_info(corpus.name, tally, gone[corpus.name], shards) for corpus in config.corpora}
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        versions={name: version(name) for name in ("xlnet-data", "apache-beam", "numpy", "pyarrow", "sentencepiece")}
        | {"python": platform.python_version()},
        config=config.to_json(),
        fingerprint=config.fingerprint(),
        tokenizer=publication.tokenizer,
        splits=splits,
        corpora=corpora,
        shards=sorted(shards, key=lambda shard: (SPLITS.index(shard.split), shard.file)),
        duplicate_groups=duplicate_groups(tally),
        warnings=[*_warnings(config, tally, splits, shards), *_text_warnings(config, corpora)],
    )
    write_card(manifest, publication.dataset)
    return write_manifest(manifest, publication.folder)


def _warnings(
    config: BuildConfig, tally: Tally, splits: dict[str, SplitInfo], shards: list[ShardInfo]
) -> Iterator[str]:
    train, dev = splits["train"], splits["dev"]
    moved = moved_to_dev(tally, config)
    room = tally.counts["", "dev_room"] + sum(config.examples.room_of(candidate.tokens) for candidate in moved)
    if config.output.dev_frac and not dev.examples:
        yield "the dev split has no example: too little text lies in it; raise dev_frac or add documents"
    elif dev.tokens > 2 * config.output.dev_frac * (train.tokens + dev.tokens):
        share = dev.tokens / (train.tokens + dev.tokens)
        yield (
            f"the dev split took {share:.1%} of the tokens, more than dev_frac={config.output.dev_frac}: a document is "
            "never cut"
        )
    if dev.examples:
        yield from warn_of_dev(config, room, tally.counts["", "dev_documents"] + len(moved))
    copies = sum(tally.counts[corpus.name, "kept"] * max(1, corpus.epochs) for corpus in config.corpora)
    document_tokens = sum(tally.counts[corpus.name, "tokens"] for corpus in config.corpora) / max(1, copies)
    uncut = {
        corpus.name: tally.counts[corpus.name, "uncut"] / max(1, tally.counts[corpus.name, "cut"])
        for corpus in config.corpora
    }
    shuffled = {
        corpus.name: tally.counts[corpus.name, "shuffled"] / max(1, tally.counts[corpus.name, "judged"])
        for corpus in config.corpora
    }
    yield from warn_of_shuffled(config, shuffled)
    for name, split in splits.items():
        yield from warn_of_pairs(name, split, config, document_tokens, uncut)
    for corpus in config.corpora:
        if num_duplicates := num_duplicate_ids(corpus.name, shards):
            yield (
                f"{num_duplicates:,} documents of corpus {corpus.name!r} have an id that another of its documents has: "
                "they lie side by side in one lane and went into one split; if ids should be unique, correct them, or "
                "let a field with unique ones be the id"
            )


def _text_warnings(config: BuildConfig, corpora: dict[str, CorpusInfo]) -> Iterator[str]:
    yield from warn_of_losses({name: (info.documents_kept, info.documents_dropped) for name, info in corpora.items()})
    yield from warn_of_unknown(config, {name: info.unknown_frac for name, info in corpora.items()})
    yield from warn_of_clean_up({name: info.changed_letter_frac for name, info in corpora.items()})
    yield from warn_of_shares(config, {name: info.tokens for name, info in corpora.items()})


def tokenizer_info(tokenizer: Tokenizer) -> TokenizerInfo:
    """Return what the manifest says of the vocabulary."""
    return TokenizerInfo(TOKENIZER_FILE, tokenizer.sha256, tokenizer.vocab_size)
