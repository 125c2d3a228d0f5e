"""Counts what became of every document; the counts of the input's parts add up in any order."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xlnet_data.schemas.document import Document
from xlnet_data.text.shuffling import is_shuffled

NUM_CANDIDATES = 256
"""Documents remembered for a dev split that the hash alone leaves too small."""

NUM_SAMPLES = 3
"""Dropped documents remembered for each reason of a corpus."""

NUM_GROUPS = 3
"""Groups of duplicates that are remembered, the largest ones."""

MAX_WAITING_SAMPLES = 10_000
"""Dropped documents beyond which those that are not remembered are let go while tallies are added."""


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


@dataclass(frozen=True, order=True, slots=True)
class DropSample:
    """A dropped document, which stands for others of its corpus with the same reason.

    Attributes:
        corpus: Its corpus.
        reason: Why it is dropped.
        sample_hash: Of its id: those with the smallest are remembered.
        doc_id: Its id.
        cause: What was measured, and the limit.
        excerpt: How its text begins.
        title: Its title, or its URL.
    """

    corpus: str
    reason: str
    sample_hash: int
    doc_id: str
    cause: str
    excerpt: str
    title: str


@dataclass(frozen=True, slots=True)
class LargeGroup:
    """A group of duplicates.

    Attributes:
        num_documents: Its documents, each as often as it was read.
        root_key: The dedup_key of the document that stays: of groups of one size that with the smaller comes first.
        corpus: Its corpus.
        doc_id: Its id.
        title: Its title, or its URL.
    """

    num_documents: int
    root_key: int
    corpus: str
    doc_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one part of the input, or of several parts together.

    Attributes:
        counts: By (corpus, what): "read", "kept", "dropped:REASON", "tokens", "bytes", "note:NAME"; "cut", the places
            of A that were looked at, and "uncut", those with no sentence end that A can be cut at. Of the documents
            that were tokenized, each once, what deduplication drops included: "tokenized" tokens and those "unknown";
            "letters" and those "changed" by the clean-up; "judged", how many documents show whether their sentences are
            in order, and "shuffled", those whose are not; "pieces", without marks, and the "words" that they make;
            "unknown_char:C", how often a character C became <unk>; "document_len:N" and "sentence_len:N", how many
            have N to 2N - 1 tokens, N a power of two. Under the corpus "": "train" and "dev" tokens; "dev_documents";
            "dev_room", the tokens of the dev documents, of each at most as many as one example takes; "group:N", how
            many groups of duplicates have N to 2N - 1 documents.
        candidates: The NUM_CANDIDATES train documents nearest to the dev split, nearest first.
        samples: NUM_SAMPLES dropped documents of each corpus and reason, or fewer where there are, in order.
        groups: The NUM_GROUPS largest groups of duplicates, the largest first.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    candidates: tuple[Candidate, ...] = ()
    samples: tuple[DropSample, ...] = ()
    groups: tuple[LargeGroup, ...] = ()


def add_tallies(tallies: Iterable[Tally]) -> Tally:
    """Return the sum; the order of the parts does not matter."""
    counts: Counter[tuple[str, str]] = Counter()
    candidates: list[Candidate] = []
    samples: list[DropSample] = []
    groups: list[LargeGroup] = []
    for tally in tallies:
        counts.update(tally.counts)
        candidates += tally.candidates
        if len(candidates) > 16 * NUM_CANDIDATES:
            candidates = sorted(candidates)[:NUM_CANDIDATES]
        samples += tally.samples
        if len(samples) > MAX_WAITING_SAMPLES:
            samples = first_samples(samples)
        groups = sorted([*groups, *tally.groups], key=lambda group: (-group.num_documents, group.root_key))[:NUM_GROUPS]
    nearest = tuple(sorted(candidates)[:NUM_CANDIDATES])
    return Tally(counts, nearest, tuple(first_samples(samples)), tuple(groups))


def first_samples(samples: Iterable[DropSample]) -> list[DropSample]:
    """Return the first NUM_SAMPLES of each corpus and reason."""
    groups = itertools.groupby(sorted(samples), key=lambda sample: (sample.corpus, sample.reason))
    return [sample for _, group in groups for sample in itertools.islice(group, NUM_SAMPLES)]


def count_shuffled(documents: Sequence[Document]) -> Counter[str]:
    """Return the counts "judged" and "shuffled" of some documents, of which the first alone is looked at.

    It is judged if it has a sentence a line and enough of them. A look takes a hundredth of a second.
    """
    text = documents[0].text if documents and documents[0].is_sentence_per_line else ""
    verdict = is_shuffled(text)
    return Counter(["judged"] * (verdict is not None) + ["shuffled"] * (verdict is True))
