"""Sums up a dataset from its manifest: what its corpora gave and lost, what its splits hold, and what to know of it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xlnet_data.datasets.advice import wanted_shares
from xlnet_data.datasets.json_fields import read_object
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import CorpusError
from xlnet_data.files.moving import join_path
from xlnet_data.files.opening import open_raw
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.manifest import BUILD_FILE, BuildTimes, DroppedSample, DuplicateGroups, Manifest
from xlnet_data.showing import number_of, shell_command

NUM_SHOWN_SAMPLES = 3
"""Dropped documents that are shown of a corpus, each for another reason if it has as many."""


@dataclass(frozen=True)
class CorpusSummary:
    """What one corpus gave and lost.

    Attributes:
        name: The corpus.
        documents_read: Documents that the parser saw.
        documents_kept: Documents that reach the lanes.
        documents_dropped: Documents by reason, the most frequent first.
        tokens: Tokens in the lanes, every copy counted.
        tokens_frac: Share of the dataset's tokens.
        unknown_frac: Share of <unk> among its tokens; None: not known yet.
        changed_letter_frac: Share of its letters that lose an accent or other mark.
        wanted_frac: Share of the tokens that it shall have; None: the config states no share for any corpus.
        samples: A few dropped documents with their reasons, the most frequent reason first.
    """

    name: str
    documents_read: int
    documents_kept: int
    documents_dropped: dict[str, int]
    tokens: int
    tokens_frac: float
    unknown_frac: float | None
    changed_letter_frac: float
    wanted_frac: float | None = None
    samples: tuple[tuple[str, DroppedSample], ...] = ()

    @property
    def num_dropped(self) -> int:
        """Documents that were dropped."""
        return self.documents_read - self.documents_kept

    @property
    def num_duplicates(self) -> int:
        """Documents that were dropped because of another one."""
        return sum(self.documents_dropped.get(reason, 0) for reason in (Reason.DUPLICATE, Reason.NEAR_DUPLICATE))


@dataclass(frozen=True)
class SplitSummary:
    """What one split holds.

    Attributes:
        name: "train" or "dev".
        examples: Examples.
        lanes: Lanes, both readings counted.
        tokens: Tokens of the lanes, each once.
        positive_frac: Share of the pairs that are positive; None: not known yet, or there are no pairs.
        tokens_in_no_example: Tokens that no example holds; None: not known yet.
    """

    name: str
    examples: int
    lanes: int
    tokens: int
    positive_frac: float | None = None
    tokens_in_no_example: int | None = None


@dataclass(frozen=True)
class Summary:
    """What there is to say of a dataset, or of one that is planned.

    Attributes:
        seq_len: Tokens of an example.
        vocab_size: Ids of the vocabulary.
        corpora: In the config's order.
        splits: Train, dev.
        document_lens: How many documents have N to 2N - 1 tokens, by N.
        sentence_lens: The same of sentences.
        duplicate_groups: How large the groups of duplicates are.
        warnings: What the user should know, in sentences.
        times: How long the build took; None where nobody wrote it down.
    """

    seq_len: int
    vocab_size: int
    corpora: tuple[CorpusSummary, ...]
    splits: tuple[SplitSummary, ...]
    document_lens: dict[int, int]
    sentence_lens: dict[int, int]
    duplicate_groups: DuplicateGroups
    warnings: tuple[str, ...]
    times: BuildTimes | None = None


def summarize(folder: str) -> Summary:
    """Return what there is to say of a dataset.

    Args:
        folder: The dataset folder, a local path or a URL.

    Raises:
        ShardError: The folder is no dataset.
    """
    return summary_of(read_manifest(folder), _read_times(folder))


def summary_of(manifest: Manifest, times: BuildTimes | None = None) -> Summary:
    """Return what a manifest says of its dataset."""
    tokens = {name: info.tokens for name, info in manifest.corpora.items()}
    all_tokens = max(1, sum(tokens.values()))
    wanted = wanted_shares({corpus["name"]: corpus.get("share") for corpus in manifest.config["corpora"]}, tokens)
    corpora = tuple(
        CorpusSummary(
            name=name,
            documents_read=info.documents_read,
            documents_kept=info.documents_kept,
            documents_dropped=by_frequency(info.documents_dropped),
            tokens=info.tokens,
            tokens_frac=info.tokens / all_tokens,
            unknown_frac=info.unknown_frac,
            changed_letter_frac=info.changed_letter_frac,
            wanted_frac=wanted.get(name),
            samples=choose_samples(info.dropped_samples, info.documents_dropped),
        )
        for name, info in manifest.corpora.items()
    )
    has_pairs = manifest.config["examples"]["pairs"]
    splits = tuple(
        SplitSummary(
            name=name,
            examples=split.examples,
            lanes=split.lanes,
            tokens=split.tokens,
            positive_frac=split.positive_frac if has_pairs and split.examples else None,
            tokens_in_no_example=split.tokens_in_no_example,
        )
        for name, split in manifest.splits.items()
    )
    return Summary(
        seq_len=manifest.config["examples"]["seq_len"],
        vocab_size=manifest.tokenizer.vocab_size,
        corpora=corpora,
        splits=splits,
        document_lens=_add_up(info.document_lens for info in manifest.corpora.values()),
        sentence_lens=_add_up(info.sentence_lens for info in manifest.corpora.values()),
        duplicate_groups=manifest.duplicate_groups,
        warnings=tuple(manifest.warnings),
        times=times,
    )


def describe_groups(groups: DuplicateGroups) -> str:
    """Return how large the groups of duplicates are, in a sentence; nothing where there are none.

    >>> from xlnet_data.schemas.manifest import DuplicateGroup
    >>> describe_groups(DuplicateGroups({"2": 9, "4": 1}, [DuplicateGroup(5, "web", "a", "")]))
    "10 groups: 9 of 2 to 3 documents, 1 of 4 to 7; the largest has 5, of which 'a' of corpus 'web' is kept"
    """
    if not groups.largest:
        return ""
    sizes = sorted((int(size), count) for size, count in groups.sizes.items())
    parts = [f"{count:,} of {size:,} to {2 * size - 1:,}" for size, count in sizes]
    parts[0] += " documents"
    first, total = groups.largest[0], sum(count for _, count in sizes)
    title = f" ({first.title!r})" if first.title else ""
    return (
        f"{number_of(total, 'group')}: {', '.join(parts)}; the largest has {first.num_documents:,}, of "
        f"which {first.doc_id!r}{title} of corpus {first.corpus!r} is kept"
    )


def by_frequency(dropped: Mapping[str, int]) -> dict[str, int]:
    """Return counts by reason, the largest first."""
    return dict(sorted(dropped.items(), key=lambda item: (-item[1], item[0])))


def median_of(lens: Mapping[int, int]) -> int | None:
    """Return the range, by its lower end, that the median of a histogram lies in; None if it is empty.

    >>> median_of({4: 1, 8: 3, 64: 1})
    8
    """
    before, half = 0, sum(lens.values()) / 2
    for least in sorted(lens):
        before += lens[least]
        if before >= half:
            return least
    return None


def _add_up(histograms: Iterable[Mapping[str, int]]) -> dict[int, int]:
    total: Counter[int] = Counter()
    for histogram in histograms:
        total.update({int(least): count for least, count in histogram.items()})
    return dict(sorted(total.items()))


def choose_samples(
    samples: Mapping[str, Sequence[DroppedSample]], dropped: Mapping[str, int]
) -> tuple[tuple[str, DroppedSample], ...]:
    """Return the first sample of each reason, the most frequent reason first, then the second of each, and so on."""
    reasons = [reason for reason in by_frequency(dropped) if reason in samples]
    most = max((len(found) for found in samples.values()), default=0)
    chosen = [(reason, samples[reason][i]) for i in range(most) for reason in reasons if i < len(samples[reason])]
    return tuple(chosen[:NUM_SHOWN_SAMPLES])


def _read_times(folder: str) -> BuildTimes | None:
    """Return how long the build took, None where the folder does not say, or not in this version's words."""
    try:
        with open_raw(join_path(folder, BUILD_FILE)) as file:
            table = json.loads(file.read())
    except (CorpusError, OSError, ValueError, RecursionError):
        return None
    times: BuildTimes | None = read_object(BuildTimes, table, "", [])
    return times


def next_commands(folder: str, summary: Summary) -> tuple[str, ...]:
    """Return what a user may do with a dataset that is built, as commands; the trainer needs a split to measure on."""
    commands = ["verify", "inspect", *(["train-smoke"] if all(split.examples for split in summary.splits) else [])]
    return tuple(shell_command("xlnet-data", command, folder) for command in commands)
