"""The manifest, which says what a dataset folder holds: one JSON object, written last."""

from dataclasses import dataclass, field
from typing import Any

MANIFEST_FILE = "manifest.json"
TOKENIZER_FILE = "spiece.model"
BUILD_FILE = "build.json"  # what a build took: BuildTimes
CARD_FILE = "README.md"  # what there is to know, for people
SPLITS = ("train", "dev")
DOCUMENTS_FOLDER = "documents"  # of the sidecars: a split's folder holds shards alone, as other programs expect it
REJECTS_FOLDER = "rejects"
WORK_FOLDER = ".work"  # what a build on this machine keeps until it is finished
LOCK_FILE = f"{WORK_FOLDER}/lock"  # it is there as long as that folder
DATASET_FILES = (MANIFEST_FILE, TOKENIZER_FILE, CARD_FILE, BUILD_FILE)
DATASET_FOLDERS = (*SPLITS, DOCUMENTS_FOLDER, REJECTS_FOLDER)


@dataclass(frozen=True)
class ShardInfo:
    """One shard and the sidecar that names its documents.

    Attributes:
        split: "train" or "dev".
        file: Path within the dataset folder, such as ``train/shard-00000-of-00016.arrow``.
        bytes: Size of the file.
        sha256: Of the file, in hex.
        examples: Rows.
        documents_file: The sidecar's path, such as ``documents/train-00000-of-00016.arrow``.
        documents_bytes: Size of the sidecar.
        documents_sha256: Of the sidecar, in hex.
        lanes: Lanes that hold at least one token, both readings counted.
        tokens: Tokens of those lanes, each token once.
        tokens_in_no_example: Tokens of those lanes that no example of either reading holds, by corpus, each token once.
        positive: Examples whose B follows A.
        negative: Examples whose B comes from another place.
        fallback: Positive examples that were drawn as negative, but whose lane has no place for their B.
        duplicate_ids: Documents whose id another of their corpus has, by corpus; the sidecar puts a number behind it.
    """

    split: str
    file: str
    bytes: int
    sha256: str
    examples: int
    documents_file: str
    documents_bytes: int
    documents_sha256: str
    lanes: int
    tokens: int
    tokens_in_no_example: dict[str, int]
    positive: int
    negative: int
    fallback: int
    duplicate_ids: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SplitInfo:
    """Sums over the shards of one split; fields as in ShardInfo.

    Attributes:
        tokens_in_no_example: Of all corpora together.
        positive_frac: Share of the examples that are positive; 0 where there is none.
    """

    lanes: int = 0
    examples: int = 0
    tokens: int = 0
    tokens_in_no_example: int = 0
    positive: int = 0
    negative: int = 0
    fallback: int = 0
    positive_frac: float = 0.0


@dataclass(frozen=True)
class DroppedSample:
    """A dropped document, which stands for others with the same reason.

    Attributes:
        doc_id: Its id.
        cause: What was measured, and the limit that it is beyond; empty where the reason says it all.
        excerpt: How its text begins.
        title: Its title, or its URL if it has none; empty where the format says neither.
    """

    doc_id: str
    cause: str
    excerpt: str
    title: str


@dataclass(frozen=True)
class CorpusInfo:
    """What became of one corpus.

    Attributes:
        documents_read: Documents that the parser saw, malformed ones included.
        documents_kept: Documents that reached the lanes, each once however often it is seen.
        documents_dropped: Documents by reason.
        tokens: Tokens in the lanes, every copy counted.
        tokens_in_no_example: Those of them that no example holds.
        bytes: Bytes of the kept documents' text in UTF-8.
        unknown_frac: Share of <unk> among the tokens of the documents that were tokenized: those kept, and those that
            deduplication drops.
        changed_letter_frac: Share of the letters in the same documents that lose an accent or other mark.
        pieces_per_word: Pieces of the same documents for each that begins a word; a word is what stands between spaces.
        unknown_chars: The characters that most often became <unk> in them, the most frequent first, with their number.
        document_lens: How many of the same documents have N to 2N - 1 tokens, by N, a power of two.
        sentence_lens: The same of their sentences.
        dropped_samples: By reason, up to three dropped documents, chosen by a hash; of duplicates without the excerpt.
        notes: What else is worth knowing, by name: records decoded as Latin-1, duplicate ids, ...
    """

    documents_read: int
    documents_kept: int
    documents_dropped: dict[str, int]
    tokens: int
    tokens_in_no_example: int
    bytes: int
    unknown_frac: float
    changed_letter_frac: float
    pieces_per_word: float
    unknown_chars: dict[str, int]
    document_lens: dict[str, int]
    sentence_lens: dict[str, int]
    dropped_samples: dict[str, list[DroppedSample]]
    notes: dict[str, int]


@dataclass(frozen=True)
class TokenizerInfo:
    """The SentencePiece model, which lies in the folder.

    Attributes:
        file: Its path within the dataset folder.
        sha256: Of the file, in hex.
        vocab_size: Number of pieces.
    """

    file: str
    sha256: str
    vocab_size: int


@dataclass(frozen=True)
class DuplicateGroup:
    """Documents with the same text, or nearly the same, of which one is kept.

    Attributes:
        num_documents: How many they are, the kept one included, each as often as it was read.
        corpus: The corpus of the one that is kept.
        doc_id: Its id; its end is left out if it is very long.
        title: Its title, or its URL if it has none, shortened as well; empty where the format says neither.
    """

    num_documents: int
    corpus: str
    doc_id: str
    title: str


@dataclass(frozen=True)
class DuplicateGroups:
    """How large the groups of duplicates are, of all corpora together.

    Attributes:
        sizes: How many groups have N to 2N - 1 documents, by N, a power of two; the kept document counts.
        largest: Up to three groups, the largest first.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    largest: list[DuplicateGroup] = field(default_factory=list)


@dataclass(frozen=True)
class Manifest:
    """A dataset folder's table of contents.

    Attributes:
        schema_version: Of the shards' Arrow schema.
        versions: Of the programs that wrote the dataset.
        config: The resolved config.
        fingerprint: Of the config, without its paths.
        tokenizer: The model.
        splits: By name.
        corpora: By name.
        shards: In the order of their splits and numbers.
        duplicate_groups: Which documents deduplication found to say the same; empty without it.
        warnings: What the user should know, in sentences.
        checksum: sha256, in hex, of the manifest without this field, as JSON with sorted keys.
    """

    schema_version: str
    versions: dict[str, str]
    config: dict[str, Any]
    fingerprint: str
    tokenizer: TokenizerInfo
    splits: dict[str, SplitInfo]
    corpora: dict[str, CorpusInfo]
    shards: list[ShardInfo]
    duplicate_groups: DuplicateGroups = field(default_factory=DuplicateGroups)
    warnings: list[str] = field(default_factory=list)
    checksum: str = ""


@dataclass(frozen=True)
class BuildTimes:
    """What a build took: a file beside the manifest, no part of what is the same on every run.

    Attributes:
        wall_secs: From the command to the manifest.
        vocabulary_secs: Of that, for training or loading the vocabulary.
        read_secs: For reading, filtering and tokenizing; None: an earlier part of the build did all of it, or the
            engine does not say.
        write_secs: For drawing and writing examples, and for deduplication; None: the engine does not say.
        text_bytes: Bytes of the text that was read in read_secs, of dropped documents, too.
        workers: Worker processes; None: those of an engine, which come and go.
        is_resumed: True: an earlier, interrupted part of the build did some of it.
        slow_because: Why SentencePiece alone gave the ids, which takes longer; None: the table of words gave them.
    """

    wall_secs: float
    vocabulary_secs: float
    read_secs: float | None
    write_secs: float | None
    text_bytes: int
    workers: int | None
    is_resumed: bool
    slow_because: str | None = None
