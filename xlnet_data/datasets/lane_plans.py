"""Plans a dataset: how many lanes and shards each split gets, and which documents move to the dev split."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from xlnet_data.config import BuildConfig
from xlnet_data.errors import CorpusError
from xlnet_data.examples.lanes import first_lane_key, num_lanes
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.ingestion.tallies import Candidate, Tally
from xlnet_data.schemas.document import Reason

MIN_SHARDS = 16
"""A split has at least this many shards if it has as many lanes, so that many workers can write it."""

MIN_JUDGED = 1000
"""Records from which on the share of malformed ones is judged."""

MAX_MOVED_FRAC = 0.25
"""Share of the train tokens that may move to a dev split that the hash alone leaves too small."""

MIN_LANE_DOCUMENTS = 8
"""Documents of a lane, about, from which on hardly any lane has but one, and negative pairs find others."""


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """One shard to be written: consecutive lanes of one split.

    Attributes:
        split: "train" or "dev".
        number: Of the shard.
        total: Shards of the split.
        lanes: Lanes of the split, before directions are counted.
        first_lane: First lane of the shard.
        end_lane: Lane after its last.
    """

    split: str
    number: int
    total: int
    lanes: int
    first_lane: int
    end_lane: int


@dataclass(frozen=True, slots=True)
class LanePlan:
    """How the documents become lanes and shards: a function of the tally and the config alone.

    Attributes:
        lanes: Lanes of each split.
        shards: Shards of each split.
        moved: Documents (corpus, doc_id) that the hash put into train and that are needed in dev, and the lane key
            of the copy that moves; their other copies go.
    """

    lanes: dict[str, int]
    shards: dict[str, int]
    moved: dict[tuple[str, str], int]

    def shard_plan(self, split: str, number: int) -> ShardPlan:
        """Return a shard of a split."""
        lanes, total = self.lanes[split], self.shards[split]
        first, end = -(-number * lanes // total), -(-(number + 1) * lanes // total)
        return ShardPlan(split, number, total, lanes, first, end)

    def shard_plans(self) -> Iterator[ShardPlan]:
        """Yield the shards of all splits."""
        return (self.shard_plan(split, number) for split in self.lanes for number in range(self.shards[split]))

    def rows_of(self, split: str, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Return the rows of TOKENIZED_SCHEMA that belong to a split."""
        is_dev = rows.column("is_dev")
        if not self.moved:
            return rows.filter(is_dev if split == "dev" else pc.invert(is_dev))
        chosen = []
        columns = (rows.column(name).to_pylist() for name in ("corpus", "doc_id", "lane_key", "is_dev"))
        for corpus, doc_id, lane_key, dev in zip(*columns, strict=True):
            moved_key = self.moved.get((corpus, doc_id))
            is_chosen_dev = dev if moved_key is None else lane_key == moved_key
            chosen.append(is_chosen_dev if split == "dev" else moved_key is None and not dev)
        return rows.filter(pa.array(chosen, pa.bool_()))


def _describe_dropped(tally: Tally) -> str:
    """Return how many documents were dropped and why, to follow what is left; nothing where none was."""
    dropped: Counter[str] = Counter()
    for (_, what), count in tally.counts.items():
        if what.startswith("dropped:") and count:
            dropped[what.removeprefix("dropped:")] += count
    if not dropped.total():
        return ""
    read = sum(count for (_, what), count in tally.counts.items() if what == "read")
    return f", {dropped.total():,} of {read:,} documents are dropped ({', '.join(dropped)})"


def plan_lanes(tally: Tally, config: BuildConfig, id_bytes: int) -> LanePlan:
    """Return the lanes and shards of a dataset.

    Args:
        tally: Of the whole input.
        config: Lane and shard sizes.
        id_bytes: Bytes of a token id.

    Raises:
        CorpusError: The text does not fill one example, or too many of a corpus's records cannot be parsed.
    """
    _check_malformed(tally, config)
    window = config.examples.window_len
    tokens = {"train": tally.counts["", "train"], "dev": tally.counts["", "dev"]}
    moved = moved_to_dev(tally, config)
    for candidate in moved:
        tokens["train"] -= candidate.tokens * candidate.copies
        tokens["dev"] += candidate.tokens
    if tokens["train"] < window:
        raise CorpusError(
            f"too little text for one example: {tokens['train']:,} tokens are left for training, {tokens['dev']:,} lie "
            f"in the dev split{_describe_dropped(tally)}; one example takes {window:,}: add text, or lower seq_len or "
            "dev_frac"
        )
    lanes = {split: num_lanes(count, config.lanes.lane_tokens) for split, count in tokens.items()}
    if config.examples.pairs:
        dev_documents = tally.counts["", "dev_documents"] + len(moved)
        lanes["dev"] = min(lanes["dev"], max(1, dev_documents // MIN_LANE_DOCUMENTS))
    shards = {}
    for split, count in tokens.items():
        by_size = -(-count * bytes_per_token(config.examples, id_bytes) // config.output.shard_bytes)
        shards[split] = min(lanes[split], max(int(by_size), MIN_SHARDS))
    return LanePlan(lanes, shards, {(c.corpus, c.doc_id): c.lane_key for c in moved})


def tokens_not_copied_to_dev(tally: Tally, config: BuildConfig) -> Counter[str]:
    """Return the tokens, by corpus, of the copies that go because their document moves to the dev split."""
    gone: Counter[str] = Counter()
    for candidate in moved_to_dev(tally, config):
        gone[candidate.corpus] += candidate.tokens * (candidate.copies - 1)
    return gone


def bytes_per_token(settings: ExampleSettings, id_bytes: int) -> float:
    """Return the bytes of a shard per token of its lanes."""
    return settings.row_bytes(id_bytes) * settings.num_readings / settings.stride


def lane_bounds(plan: ShardPlan) -> list[int]:
    """Return the first hash of each of a shard's lanes, and the one after its last."""
    return [first_lane_key(lane, plan.lanes) for lane in range(plan.first_lane, plan.end_lane + 1)]


def _check_malformed(tally: Tally, config: BuildConfig) -> None:
    for corpus in config.corpora:
        read = tally.counts[corpus.name, "read"]
        malformed = tally.counts[corpus.name, f"dropped:{Reason.MALFORMED}"]
        if read >= MIN_JUDGED and malformed > corpus.max_malformed_frac * read:
            raise CorpusError(
                f"{malformed:,} of the {read:,} records of corpus {corpus.name!r} cannot be parsed, more than "
                f"max_malformed_frac={corpus.max_malformed_frac}: see them with `documents --with-rejected`, "
                "correct format or paths, or raise the limit"
            )


def moved_to_dev(tally: Tally, config: BuildConfig) -> list[Candidate]:
    """Return the train documents that move to the dev split, nearest first.

    With pairs, so many that whatever document an example lies in, the others hold as much as one example takes: two
    long ones, or more short ones. If that takes too much of the train split, so many that one example fits; or none.
    """
    examples, counts = config.examples, tally.counts
    if not config.output.dev_frac:
        return []
    enough_room = 2 * examples.window_len - counts["", "dev_room"]
    one_example = examples.window_len - counts["", "dev"]
    moved = _take_nearest(tally, enough_room, examples.room_of) if examples.pairs else None
    return (_take_nearest(tally, one_example, int) if moved is None else moved) or []


def _take_nearest(tally: Tally, missing: int, worth: Callable[[int], int]) -> list[Candidate] | None:
    """Return the nearest candidates that make up for what is missing, None if that takes too much.

    Args:
        tally: Of the whole input.
        missing: What is missing; nothing if it is not above 0.
        worth: How much of it a document of so many tokens makes up for.
    """
    allowed = MAX_MOVED_FRAC * tally.counts["", "train"]
    moved = []
    for candidate in tally.candidates:
        if missing > 0 and candidate.tokens * candidate.copies <= allowed:
            moved.append(candidate)
            missing -= worth(candidate.tokens)
            allowed -= candidate.tokens * candidate.copies
    return moved if missing <= 0 else None
