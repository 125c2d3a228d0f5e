"""The config: frozen dataclasses, TOML in, JSON out, a fingerprint of all that decides the bytes."""

import dataclasses
import hashlib
import json
import re
import typing
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

from xlnet_data.checks import check_choice, check_numbers, describe_unknown
from xlnet_data.corpora import FORMATS
from xlnet_data.errors import ConfigError
from xlnet_data.examples.lanes import LaneSettings
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.filters.duplicates import DeduplicationSettings
from xlnet_data.filters.languages import check_language
from xlnet_data.filters.presets import filter_settings
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.text.language_codes import language_code
from xlnet_data.text.settings import TokenizerSettings

WEB_FORMATS = ("clueweb", "commoncrawl-wet", "commoncrawl-warc")
"""Formats whose documents are filtered and deduplicated unless the config says otherwise."""

_NAME = re.compile(r"[^\W_][\w .-]{0,99}")  # without the marks on letters, which \w does not hold

MAX_NAME_BYTES = 150
"""Of a corpus's name: a file may have 255, some of which say what it holds."""

SHARE_SLACK = 0.005
"""How far the sum of the corpora's shares may be off, so that they can be rounded."""

MIN_WINDOWS = 4
"""Examples that a lane must have room for: shorter ones lose most of the text in their tails."""


def is_mark(char: str) -> bool:
    """Return whether a character is a mark on the letter before it, as the vowels of Hindi are."""
    return unicodedata.category(char).startswith("M")


@dataclass(frozen=True)
class CorpusConfig:
    """One ``[[corpora]]`` section: what every format takes, and the format's own settings.

    Raises:
        ConfigError: A value is out of range.
    """

    name: str
    """The corpus's name in counts and sidecars."""
    format: str
    """What the files are, such as "text" or "wikipedia": a name of the list of formats."""
    paths: tuple[str, ...]
    """Files, globs and URLs; relative paths are relative to the config file. Local globs pass over folders of datasets
    that this program built."""
    language: str = "en"
    """ISO 639 code: where sentences end, and what the language filter keeps."""
    epochs: float = 1.0
    """How often the corpus is seen: 0.5 takes half its documents, 2 takes each twice."""
    on_truncated: str = "error"
    """An input that ends in the middle: "error" fails the build, "keep" keeps what came before and counts it."""
    on_error: str = "error"
    """A document that the parser or a filter dies on: "error" fails the build, "skip" counts it and leaves it out."""
    max_document_secs: float = 120.0
    """Seconds that the parser or a filter may take for one document; after that it is given up, and counts as
    malformed. On engines and with `--workers 0` a call of another library's that does not return is waited for."""
    max_malformed_frac: float = 0.1
    """Share of malformed records, of at least 1,000 read, above which the build fails."""
    filters: FilterSettings = field(default_factory=lambda: filter_settings("none", "none"))
    """A preset's name, or a table of ``preset`` and thresholds."""
    share: float | None = None
    """Share of the dataset's tokens that the corpus shall have: shown beside what it gets, and warned of where the two
    differ, with the ``epochs`` that would help; changes nothing by itself."""
    license: str = ""
    """The texts' licence, for the dataset's card: an SPDX identifier such as "CC-BY-SA-4.0"."""
    settings: Any = None
    """The format's own keys."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name[:1] + "".join(char for char in self.name[1:] if not is_mark(char))):
            raise ConfigError(
                "a corpus needs a name of letters, digits, '_', '-', '.' and spaces, the first a letter or digit, "
                f"as files are named after it: got {self.name!r}"
            )
        if len(self.name.encode()) > MAX_NAME_BYTES:
            raise ConfigError(
                f"a corpus's name may have {MAX_NAME_BYTES} bytes of UTF-8, as files are named after it: got "
                f"{len(self.name.encode())} in {self.name!r}"
            )
        if not self.paths:
            raise ConfigError(f"corpus {self.name!r} needs at least one entry in paths")
        if not 0 < self.epochs <= 1000:
            raise ConfigError(f"epochs must be above 0 and at most 1000: got epochs={self.epochs} in {self.name!r}")
        if self.share is not None and not 0 < self.share <= 1:
            raise ConfigError(f"share must be above 0 and at most 1: got share={self.share} in {self.name!r}")
        check_choice("on_truncated", self.on_truncated, ("error", "keep"))
        check_choice("on_error", self.on_error, ("error", "skip"))
        if not self.max_document_secs > 0:
            raise ConfigError(f"max_document_secs must be above 0: got {self.max_document_secs}")
        if not 0 <= self.max_malformed_frac <= 1:
            raise ConfigError(f"max_malformed_frac must be between 0 and 1: got {self.max_malformed_frac}")
        language_code(self.language)
        if self.filters.language_check:
            check_language(self.language)


@dataclass(frozen=True)
class OutputSettings:
    """The ``[output]`` section.

    Raises:
        ConfigError: A value is out of range.
    """

    dev_frac: float = 0.005
    """Share of the documents that form the dev split, drawn by hash; if above 0, at least two that fit an example."""
    shard_bytes: int = 268_435_456
    """Bytes of a shard, about; a split has at least 16 shards if it has as many lanes."""
    compression: str = "none"
    """Arrow buffers: "none" (can be memory-mapped), "lz4" or "zstd"."""
    rejects: bool = False
    """Keep the dropped documents with their reasons beside the dataset, as gzipped JSON lines in ``rejects/``; what is
    compared with others is read once more for that."""

    def __post_init__(self) -> None:
        if not 0 <= self.dev_frac < 1:
            raise ConfigError(f"dev_frac must be at least 0 and below 1: got dev_frac={self.dev_frac}")
        if self.shard_bytes < 1_000_000:
            raise ConfigError(f"shard_bytes must be at least 1,000,000: got shard_bytes={self.shard_bytes}")
        check_choice("compression", self.compression, ("none", "lz4", "zstd"))


@dataclass(frozen=True)
class BuildConfig:
    """Everything that decides the bytes of a dataset.

    Raises:
        ConfigError: Two sections do not fit one another.
    """

    corpora: tuple[CorpusConfig, ...]
    seed: int = 0
    """Decides every draw; another seed gives another dataset of the same corpora."""
    tokenizer: TokenizerSettings = field(default_factory=TokenizerSettings)
    examples: ExampleSettings = field(default_factory=ExampleSettings)
    lanes: LaneSettings = field(default_factory=LaneSettings)
    deduplication: DeduplicationSettings = field(default_factory=DeduplicationSettings)
    output: OutputSettings = field(default_factory=OutputSettings)
    base_dir: str = "."
    """Folder of the config file, which relative paths are relative to."""
    check_ids: float = 0.001
    """Share of the sentences whose ids are compared with SentencePiece's own; no key of the file."""

    def __post_init__(self) -> None:
        if not 0 <= self.check_ids <= 1:
            raise ConfigError(f"check_ids must be from 0 to 1: got {self.check_ids}")
        check_numbers(self.to_json(), "")
        _check_shares(self.corpora)
        least = MIN_WINDOWS * self.examples.window_len
        if self.lanes.lane_tokens < least:
            raise ConfigError(
                f"lane_tokens must be at least {least:,} ({MIN_WINDOWS} examples of seq_len={self.examples.seq_len}), "
                f"else much of the text lies in lanes' tails and is dropped: got lane_tokens={self.lanes.lane_tokens}"
            )

    def corpus(self, name: str) -> CorpusConfig:
        """Return the corpus of this name.

        Raises:
            ConfigError: There is none.
        """
        for corpus in self.corpora:
            if corpus.name == name:
                return corpus
        raise ConfigError(describe_unknown("corpus", name, [corpus.name for corpus in self.corpora]))

    def drops_exact(self, corpus: CorpusConfig) -> bool:
        """Return whether exact deduplication takes in a corpus: a web corpus unless the config says otherwise."""
        exact = self.deduplication.exact
        return corpus.format in WEB_FORMATS if exact is None else exact

    def deduplicates(self, corpus: CorpusConfig) -> bool:
        """Return whether a corpus's documents are compared with others."""
        return self.deduplication.near or self.drops_exact(corpus)

    @property
    def has_deduplication(self) -> bool:
        """True: some documents are compared with others."""
        return any(self.deduplicates(corpus) for corpus in self.corpora)

    def rank(self, name: str) -> int:
        """Return the corpus's place in the config, from 0."""
        return [corpus.name for corpus in self.corpora].index(name)

    def to_json(self) -> dict[str, Any]:
        """Return the resolved config, every default written out, without what says nothing of the dataset."""
        resolved = dataclasses.asdict(self)
        del resolved["base_dir"], resolved["check_ids"]
        return typing.cast(dict[str, Any], json.loads(json.dumps(resolved)))

    def fingerprint(self) -> str:
        """Return a sha256 of the resolved config without what changes no shard, such as paths and licences."""
        resolved = self.to_json()
        del resolved["tokenizer"]["model"]
        for corpus in resolved["corpora"]:
            del corpus["paths"], corpus["max_document_secs"], corpus["license"], corpus["share"]
            for key in FORMATS[corpus["format"]].path_settings:
                del corpus["settings"][key]
        return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()


def _check_shares(corpora: tuple[CorpusConfig, ...]) -> None:
    """Check that the corpora's shares leave room for one another.

    Raises:
        ConfigError: They do not.
    """
    total = sum(corpus.share or 0 for corpus in corpora)
    if total > 1 + SHARE_SLACK:
        raise ConfigError(f"the shares of all corpora must sum to at most 1: got {total:.4g}")
    without = [corpus.name for corpus in corpora if corpus.share is None]
    if total > 1 - SHARE_SLACK and without:
        raise ConfigError(f"the shares sum to 1 and leave nothing for {without[0]!r}: give it one, or lower the others")
    if corpora and not without and total < 1 - SHARE_SLACK:
        raise ConfigError(f"all corpora have a share, and they must sum to 1 then: got {total:.4g}")


def tolerances(config: BuildConfig) -> list[bool]:
    """Return which faults of its input a config tolerates, corpus by corpus."""
    return [is_on for c in config.corpora for is_on in (c.on_error == "skip", c.on_truncated == "keep")]


def without_tolerance(config: BuildConfig) -> BuildConfig:
    """Return the config with every fault of the input an error: what has been read under it holds under either."""
    strict = (replace(corpus, on_error="error", on_truncated="error") for corpus in config.corpora)
    return replace(config, corpora=tuple(strict))
