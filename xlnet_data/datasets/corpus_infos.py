"""Says what became of a corpus, as the manifest has it, from what was counted."""

from collections import Counter
from collections.abc import Iterable, Sequence

from xlnet_data.ingestion.tallies import DropSample, Tally
from xlnet_data.schemas.manifest import CorpusInfo, DroppedSample, DuplicateGroup, DuplicateGroups, ShardInfo

NUM_UNKNOWN_CHARS = 30
"""Unknown characters of a corpus that are named, the most frequent ones."""


def corpus_info(name: str, tally: Tally, gone: int, shards: Sequence[ShardInfo]) -> CorpusInfo:
    """Return what became of a corpus.

    Args:
        name: The corpus.
        tally: Of the whole input.
        gone: Tokens of its documents' copies that go because the document moves to the dev split.
        shards: All shards.
    """
    counts = Counter({what: count for (corpus, what), count in sorted(tally.counts.items()) if corpus == name})
    notes = Counter(_with_prefix(counts, "note:")) + Counter(duplicate_id=num_duplicate_ids(name, shards))
    return CorpusInfo(
        documents_read=counts["read"],
        documents_kept=counts["kept"],
        documents_dropped=_with_prefix(counts, "dropped:"),
        tokens=counts["tokens"] - gone,
        tokens_in_no_example=sum(shard.tokens_in_no_example.get(name, 0) for shard in shards),
        bytes=counts["bytes"],
        unknown_frac=unknown_frac(counts),
        changed_letter_frac=changed_letter_frac(counts),
        pieces_per_word=counts["pieces"] / max(1, counts["words"]),
        unknown_chars=_most_frequent(_with_prefix(counts, "unknown_char:")),
        document_lens=_histogram(counts, "document_len:"),
        sentence_lens=_histogram(counts, "sentence_len:"),
        dropped_samples=group_samples(name, tally.samples),
        notes=dict(sorted(notes.items())),
    )


def duplicate_groups(tally: Tally) -> DuplicateGroups:
    """Return how large the groups of duplicates are."""
    counts = Counter({what: count for (corpus, what), count in tally.counts.items() if not corpus})
    largest = [DuplicateGroup(g.num_documents, g.corpus, g.doc_id, g.title) for g in tally.groups]
    return DuplicateGroups(_histogram(counts, "group:"), largest)


def unknown_frac(counts: Counter[str]) -> float:
    """Return the share of <unk> among a corpus's tokens, from its counts."""
    return counts["unknown"] / max(1, counts["tokenized"])


def changed_letter_frac(counts: Counter[str]) -> float:
    """Return the share of a corpus's letters that the clean-up changes, from its counts."""
    return counts["changed"] / max(1, counts["letters"])


def num_duplicate_ids(corpus: str, shards: Sequence[ShardInfo]) -> int:
    """Return how many of a corpus's documents have an id that another has."""
    return sum(shard.duplicate_ids.get(corpus, 0) for shard in shards)


def _with_prefix(counts: Counter[str], prefix: str) -> dict[str, int]:
    return {what.removeprefix(prefix): count for what, count in counts.items() if what.startswith(prefix)}


def _histogram(counts: Counter[str], prefix: str) -> dict[str, int]:
    return dict(sorted(_with_prefix(counts, prefix).items(), key=lambda item: int(item[0])))


def _most_frequent(chars: dict[str, int]) -> dict[str, int]:
    return dict(sorted(chars.items(), key=lambda item: (-item[1], item[0]))[:NUM_UNKNOWN_CHARS])


def group_samples(corpus: str, samples: Iterable[DropSample]) -> dict[str, list[DroppedSample]]:
    """Return a corpus's dropped documents that are remembered, by reason."""
    found: dict[str, list[DroppedSample]] = {}
    for sample in samples:
        if sample.corpus == corpus:
            found.setdefault(sample.reason, []).append(_shown(sample))
    return found


def _shown(sample: DropSample) -> DroppedSample:
    return DroppedSample(sample.doc_id, sample.cause, sample.excerpt, sample.title)
