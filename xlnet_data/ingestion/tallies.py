"""Counts what became of every document; the counts of the input's parts add up in any order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

NUM_CANDIDATES = 256
"""Documents remembered for a dev split that the hash alone leaves too small."""


@dataclass(frozen=True, order=True, slots=True)
class Candidate:
    """A train document that stands near the dev split by its hash.

    Attributes:
        dev_hash: The smaller, the nearer.
        corpus: The document's corpus.
        doc_id: Its id.
        tokens: Tokens of one copy.
        copies: How many copies the train split has.
        lane_key: Lane key of the first copy.
        dedup_key: What deduplication knows the document by; 0 where it takes no part.
    """

    dev_hash: int
    corpus: str
    doc_id: str
    tokens: int
    copies: int
    lane_key: int
    dedup_key: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one part of the input, or of several parts together.

    Attributes:
        counts: By (corpus, what): "read", "kept", "dropped:REASON", "tokens", "bytes", "note:NAME"; "cut", the places
            of A that were looked at, and "uncut", those with no sentence end that A can be cut at. Under the corpus
            "": "train" and "dev" tokens; "dev_documents"; "dev_room", the tokens of the dev documents, of each at most
            as many as one example takes.
        candidates: The NUM_CANDIDATES train documents nearest to the dev split, nearest first.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    candidates: tuple[Candidate, ...] = ()


def add_tallies(tallies: Iterable[Tally]) -> Tally:
    """Return the sum; the order of the parts does not matter."""
    counts: Counter[tuple[str, str]] = Counter()
    candidates: list[Candidate] = []
    for tally in tallies:
        counts.update(tally.counts)
        candidates += tally.candidates
        if len(candidates) > 16 * NUM_CANDIDATES:
            candidates = sorted(candidates)[:NUM_CANDIDATES]
    return Tally(counts, tuple(sorted(candidates)[:NUM_CANDIDATES]))
