"""Estimates a build: its lanes, examples, bytes and time, and what will not work well."""

import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from xlnet_data.checks import check_count, check_type
from xlnet_data.config import BuildConfig
from xlnet_data.datasets.advice import (
    warn_of_clean_up,
    warn_of_few_documents,
    warn_of_few_lanes,
    warn_of_losses,
    warn_of_sentences,
    warn_of_shares,
    warn_of_shuffled,
    warn_of_unknown,
)
from xlnet_data.datasets.lane_plans import MAX_MOVED_FRAC, LanePlan, plan_lanes
from xlnet_data.datasets.passed_over import warn_of_passed_over, warn_of_shared_files
from xlnet_data.datasets.shards import ShardWriting, write_shard
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.estimates.corpora import CorpusEstimate, Estimating, estimate_corpus
from xlnet_data.examples.lanes import Lane, LaneText
from xlnet_data.examples.sampling import Sampling
from xlnet_data.files.locations import locate
from xlnet_data.ingestion.tallies import Tally
from xlnet_data.ingestion.tasks import bytes_per_task, list_ranges
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.manifest import SPLITS
from xlnet_data.text.encoding import encode_documents
from xlnet_data.text.ids import IdArray, id_type_of
from xlnet_data.text.tokenizer import Tokenizer

START_SECS = 5.0
"""What starting the engine and its workers takes."""

WORKER_BYTES = 235_000_000
"""Peak memory of a worker but for its lanes: programs, vocabulary, a batch of text."""

LANE_TIMES = 7
"""Memory that putting lanes together and drawing from them takes, in bytes per byte of a lane's tokens."""

LOOKUP_SECS = 70e-6
"""Time of one core to find the documents of one lane in one task's spool file."""


GUESS_SLACK = 2.0
"""How far off the tokens of a document may be that are guessed without a vocabulary."""


@dataclass(frozen=True, slots=True)
class BuildEstimate:
    """What a build would give and take.

    Attributes:
        corpora: By corpus, in the config's order.
        tokens: Of each split.
        lanes: Of each split, before directions are counted.
        examples: Of each split.
        largest_batch: Rows that the train split can serve at a time, both readings counted.
        output_bytes: The dataset, before compression.
        spool_bytes: Needed beside the dataset while it is built, and given back.
        workers: Processes that the time is for.
        core_secs: Time of all cores together.
        wall_secs: Time until the build is done.
        worker_bytes: Peak memory of one worker, about.
        has_vocabulary: False: the config names no model, and tokens are guessed from characters.
        warnings: What will not work, or not well, in sentences.
        slow_because: Why SentencePiece alone will give the ids, which takes longer; None: a table of words will, or the
            vocabulary is not there yet.
    """

    corpora: tuple[CorpusEstimate, ...]
    tokens: dict[str, int]
    lanes: dict[str, int]
    examples: dict[str, int]
    largest_batch: int
    output_bytes: int
    spool_bytes: int
    workers: int
    core_secs: float
    wall_secs: float
    worker_bytes: int
    has_vocabulary: bool
    warnings: tuple[str, ...]
    slow_because: str | None


def estimate_build(
    config: BuildConfig, workers: int, sample_secs: float = 20.0, scale_to: float | None = None
) -> BuildEstimate:
    """Estimate a build without building.

    Args:
        config: The config.
        workers: Processes of the build.
        sample_secs: Time for the sample, about; every corpus gets at least one unit.
        scale_to: Bytes on disk of the whole input, for files that are a sample of it, in the same mix; None: as it is.

    Raises:
        ConfigError: A number is out of range.
        CorpusError: An input cannot be read.
        TokenizerError: The model cannot be loaded.
    """
    check_count("workers", workers)
    for name, value in (("seconds", sample_secs), ("scale_to", 0.0 if scale_to is None else scale_to)):
        check_type(name, value, 0.0)
        if not 0 <= value < math.inf:
            raise ConfigError(f"{name} must be a number from 0: got {value}")
    tokenizer = None
    if config.tokenizer.model is not None:
        tokenizer = Tokenizer.load(locate(config.tokenizer.model, config.base_dir), config.tokenizer)
        encode_documents(["One sentence, so that the first unit is no slower."], tokenizer, "en", False)
    ranges = {corpus.name: list_ranges(corpus, config.base_dir) for corpus in config.corpora}
    total_bytes = sum(size for sized in ranges.values() for _, size in sized)
    scale = scale_to / total_bytes if scale_to and total_bytes else 1.0
    deadline = time.perf_counter() + sample_secs
    shared = Estimating(config, tokenizer, scale)
    corpora = []
    for index, corpus in enumerate(config.corpora):
        now = time.perf_counter()
        until = now + max(0.0, deadline - now) / (len(config.corpora) - index)
        corpora.append(estimate_corpus(corpus, ranges[corpus.name], shared, until))
    return _add_up(config, tuple(corpora), tokenizer, workers)


def _add_up(
    config: BuildConfig,
    corpora: tuple[CorpusEstimate, ...],
    tokenizer: Tokenizer | None,
    workers: int,
) -> BuildEstimate:
    """Return what the corpora make together."""
    settings = config.examples
    readings = settings.num_readings
    vocab_size = tokenizer.vocab_size if tokenizer else config.tokenizer.vocab_size
    id_bytes = np.dtype(id_type_of(vocab_size)).itemsize
    plan, refusal = _plan(config, corpora, id_bytes)
    tokens = _split_tokens(config, corpora)
    examples = {
        split: plan.lanes[split] * settings.num_steps(tokens[split] // max(1, plan.lanes[split])) * readings
        for split in SPLITS
    }
    output_bytes = round(sum(examples.values()) * settings.row_bytes(id_bytes)) + sum(
        corpus.sidecar_bytes for corpus in corpora
    )
    read_secs = sum(corpus.read_core_secs for corpus in corpora)
    input_bytes = sum(corpus.input_bytes for corpus in corpora)
    tasks = -(-input_bytes // bytes_per_task(input_bytes))
    write_secs = sum(examples.values()) * _secs_per_example(config, tokenizer, vocab_size)
    write_secs += sum(plan.lanes.values()) * tasks * LOOKUP_SECS
    readers = min(workers, tasks)
    writers = min(workers, sum(plan.shards.values()))
    return BuildEstimate(
        corpora=corpora,
        tokens=tokens,
        lanes=plan.lanes,
        examples=examples,
        largest_batch=plan.lanes["train"] * readings,
        output_bytes=output_bytes,
        spool_bytes=sum(corpus.spool_bytes for corpus in corpora),
        workers=workers,
        core_secs=read_secs + write_secs + START_SECS,
        wall_secs=read_secs / max(1, readers) + write_secs / max(1, writers) + START_SECS,
        worker_bytes=WORKER_BYTES + LANE_TIMES * id_bytes * config.lanes.lane_tokens,
        has_vocabulary=tokenizer is not None,
        warnings=tuple(_warnings(config, corpora, tokens, plan, refusal)),
        slow_because=tokenizer.why_slow() if tokenizer else None,
    )


def _split_tokens(config: BuildConfig, corpora: Sequence[CorpusEstimate]) -> dict[str, int]:
    """Return the tokens of each split: a dev document is measured once, however often its corpus is seen."""
    dev_frac = config.output.dev_frac
    dev = sum(
        estimate.tokens * dev_frac / max(1, corpus.epochs)
        for estimate, corpus in zip(corpora, config.corpora, strict=True)
    )
    train = sum(estimate.tokens for estimate in corpora) * (1 - dev_frac)
    return {"train": round(train), "dev": round(dev)}


def _dev_documents(config: BuildConfig, corpora: Sequence[CorpusEstimate]) -> tuple[int, int]:
    """Return the documents of the dev split, and their tokens, of each at most as many as an example takes."""
    documents = sum(corpus.documents_kept for corpus in corpora) * config.output.dev_frac
    tokens = _split_tokens(config, corpora)["dev"]
    return round(documents), round(documents * config.examples.room_of(round(tokens / documents))) if documents else 0


def _plan(config: BuildConfig, corpora: Sequence[CorpusEstimate], id_bytes: int) -> tuple[LanePlan, str | None]:
    """Return the lanes and shards, or none and why the build would be refused."""
    counts = Counter({("", split): count for split, count in _split_tokens(config, corpora).items()})
    dev_documents, dev_room = _dev_documents(config, corpora)
    counts.update({("", "dev_documents"): dev_documents, ("", "dev_room"): dev_room})
    for corpus in corpora:
        counts[corpus.name, "read"] = corpus.documents_read
        counts[corpus.name, f"dropped:{Reason.MALFORMED}"] = corpus.documents_dropped.get(Reason.MALFORMED, 0)
    try:
        return plan_lanes(Tally(counts), config, id_bytes), None
    except CorpusError as error:
        return LanePlan(dict.fromkeys(SPLITS, 0), dict.fromkeys(SPLITS, 0), {}), f"the build would stop: {error}"


def _secs_per_example(config: BuildConfig, tokenizer: Tokenizer | None, vocab_size: int) -> float:
    """Return the time of one core to draw and write an example, measured on a lane of made-up text."""
    steps = max(8, 1_000_000 // config.examples.seq_len)
    length = config.examples.window_len + steps * config.examples.stride
    numbers = np.arange(length) % 1000
    ids = cast(IdArray, numbers.astype(id_type_of(vocab_size)))
    starts = np.arange(0, length, 25)
    lens = np.diff(starts[::40], append=length)
    lane = Lane(ids, starts, starts[::40], np.arange(len(lens)))
    corpora, doc_ids, urls, titles = (
        [name] * len(lens) for name in ("corpus", "document", "https://example.org", "title")
    )
    text = LaneText(lane, lens, corpora, doc_ids, urls, titles)
    is_start = np.arange(vocab_size) % 2 == 0  # that about half the pieces begin words decides nothing but the time
    sampling = Sampling(config.examples, config.seed, "train", is_start if config.examples.needs_span_starts else None)
    with tempfile.TemporaryDirectory() as folder:
        writing = ShardWriting(folder, vocab_size, "", "", config.output.compression)
        begin = time.process_time()
        examples = write_shard([(0, text)], ("shard.arrow", "documents.arrow"), sampling, writing).examples
        return (time.process_time() - begin) / examples


def _copies(config: BuildConfig, corpora: Sequence[CorpusEstimate]) -> list[float]:
    """Return how many documents, copies counted, each corpus puts into the lanes."""
    epochs = {corpus.name: max(1, corpus.epochs) for corpus in config.corpora}
    return [corpus.documents_kept * epochs[corpus.name] for corpus in corpora]


def _warnings(
    config: BuildConfig,
    corpora: Sequence[CorpusEstimate],
    tokens: dict[str, int],
    plan: LanePlan,
    refusal: str | None,
) -> Iterator[str]:
    yield from warn_of_passed_over(config)
    yield from warn_of_shared_files(config)
    yield from warn_of_losses({corpus.name: (corpus.documents_kept, corpus.documents_dropped) for corpus in corpora})
    for corpus in corpora:
        if corpus.has_beginnings_only:
            yield (
                f"of corpus {corpus.name!r} only the beginnings of files were looked at, {corpus.sampled_frac:.1%} of "
                "its bytes: what comes behind them may be of another kind, and dropped"
            )
    if refusal:
        yield refusal
        return
    mean_tokens = sum(corpus.tokens for corpus in corpora) / max(1, sum(_copies(config, corpora)))
    slack = GUESS_SLACK if config.tokenizer.model is None else 1.0  # no advice that the real tokens would contradict
    yield from warn_of_few_lanes(config, plan.lanes["train"], tokens["train"], mean_tokens * slack)
    yield from warn_of_few_documents(config, plan.lanes["train"], tokens["train"], mean_tokens / slack)
    yield from warn_of_sentences(config, {corpus.name: corpus.uncut_frac for corpus in corpora})
    yield from warn_of_shuffled(config, {corpus.name: corpus.shuffled_frac for corpus in corpora})
    yield from warn_of_unknown(config, {corpus.name: corpus.unknown_frac for corpus in corpora})
    yield from warn_of_clean_up({corpus.name: corpus.changed_letter_frac for corpus in corpora})
    yield from warn_of_shares(config, {corpus.name: corpus.tokens for corpus in corpora})
    pairs, window = config.examples.pairs, config.examples.window_len
    dev_documents, dev_room = _dev_documents(config, corpora)
    if config.output.dev_frac and (dev_room < 2 * window if pairs else tokens["dev"] < window):
        yield (
            f"about {tokens['dev']:,} tokens fall into the dev split, of {dev_documents} documents, too few for "
            f"examples{' and their negative pairs' if pairs else ''}: it will be filled up with whole documents, as "
            f"long as they are at most {MAX_MOVED_FRAC:.0%} of the text"
        )
    if config.has_deduplication:
        yield "duplicates are not looked for here: what deduplication drops will make the dataset smaller"
    if config.tokenizer.model is None:
        yield (
            "the config names no model: tokens are guessed from characters, within about a quarter for 32,000 pieces, "
            "and the time leaves out training one; train-tokenizer makes one"
        )
