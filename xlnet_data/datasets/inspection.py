"""Finds examples of a dataset by lane and step, by document or at random, and reads them as a person sees them."""

import secrets
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xlnet_data.checks import check_count
from xlnet_data.datasets.invariants import LaneRows, lane_rows
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.shards import open_shard, read_batch, read_batches
from xlnet_data.datasets.shown_examples import DocumentPart, Segment, ShownExample, levels_of
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.examples.factorization import is_target
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.files.moving import join_path
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA
from xlnet_data.schemas.manifest import Manifest, ShardInfo
from xlnet_data.seeds import draw_words, to_range
from xlnet_data.showing import name_of_bytes
from xlnet_data.text.sentences import replace_surrogates
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer


class Inspection:
    """A split of a dataset, opened for looking at single examples.

    Raises:
        ShardError: The folder is no dataset, or has no such split.
    """

    def __init__(self, folder: str, split: str) -> None:
        self._folder, self._split = folder, split
        self._manifest: Manifest = read_manifest(folder)
        if split not in self._manifest.splits:
            raise ShardError(f"{folder} has no split {split!r}: it has {', '.join(self._manifest.splits)}")
        self._settings = ExampleSettings(**self._manifest.config["examples"])
        self._shards = self._shards_of(split)
        if not self._shards:
            raise ShardError(
                f"split {split} of {folder} holds no example: build again with more text, or another dev_frac"
            )

    def choose(
        self, lane: int | None, step: int | None, random: int | None, seed: int | None, doc: str | None
    ) -> list[ShownExample]:
        """Return the examples that are named in one way; `api.inspect` describes it.

        Raises:
            ConfigError: They are named in two ways, or the number to be drawn is none above 0.
            ShardError: There is no such example.
        """
        if sum(given is not None for given in (step, random, doc)) > 1 or (lane is not None and random is not None):
            raise ConfigError("random and doc each name their own example: give one of them, or lane and step")
        if random is not None:
            return self.draw(random, seed)
        if seed is not None:
            raise ConfigError("seed is of random alone: leave it out")
        return [self.at(lane, step or 0) if doc is None else self.of_document(doc, lane)]

    def at(self, lane: int | None, step: int) -> ShownExample:
        """Return the example at a step of a lane, the first lane's if none is named.

        Raises:
            ShardError: There is no such example.
        """
        shard, batches = self._read_lane(lane)
        num_steps = sum(batch.num_rows for batch in batches)
        lane = batches[0]["lane"][0].as_py() if batches else lane
        if not 0 <= step < num_steps:
            found = f"it has steps 0 to {num_steps - 1}" if num_steps else "there is no such lane"
            raise ShardError(f"{self._folder} has no step {step} in lane {lane} of {self._split}: {found}")
        return self._show(self._documents_of(shard), batches, range(step, step + 1))[0]

    def around(self, example: ShownExample, num_steps: int) -> list[ShownExample]:
        """Return an example with so many before it and behind it, as far as its lane has them."""
        first, end = max(0, example.step - num_steps), min(example.num_steps, example.step + num_steps + 1)
        shard, batches = self._read_lane(example.lane)
        return self._show(self._documents_of(shard), batches, range(first, end))

    def draw(self, number: int, seed: int | None) -> list[ShownExample]:
        """Return so many examples drawn at random, all of them different.

        Args:
            number: How many; all there are if there are fewer.
            seed: The same seed draws the same ones; None: others each time.

        Raises:
            ConfigError: It is no number above 0.
        """
        check_count("random", number)
        total = sum(shard.examples for shard in self._shards)
        identity = ("inspect", secrets.randbits(64) if seed is None else seed, self._split)
        rows: dict[int, None] = {}
        for attempt in range(total * 64):
            rows[int(to_range(draw_words(identity, attempt, 1, 1)[0], total)[0])] = None
            if len(rows) >= min(number, total):
                break
        shown: dict[int, ShownExample] = {}
        first = 0
        for shard in self._shards:
            here = sorted(row for row in rows if first <= row < first + shard.examples)
            shown |= zip(here, self._show_rows(shard, [row - first for row in here]), strict=True) if here else {}
            first += shard.examples
        return [shown[row] for row in rows]

    def of_document(self, doc_id: str, lane: int | None) -> ShownExample:
        """Return the example in which a document begins.

        Args:
            doc_id: The document's id, as `documents` shows it.
            lane: In this lane, if the document lies in several; None: in the first.

        Raises:
            ShardError: The split has no such document, or the document begins behind the last example of its lane.
        """
        doc_id = _as_stored(doc_id)
        for shard in self._shards:
            table = self._documents_of(shard)
            mask = pc.equal(table["doc_id"], doc_id)
            found = table.filter(mask if lane is None else pc.and_(mask, pc.equal(table["lane"], lane)))
            if found.num_rows:
                number, start = found["lane"][0].as_py(), found["start"][0].as_py()
                num_steps = sum(batch.num_rows for batch in self._read_lane(number)[1])
                step = min(start // self._settings.stride, num_steps - 1)
                if start >= step * self._settings.stride + self._settings.window_len:
                    raise ShardError(f"document {doc_id!r} lies at the end of lane {number}, behind its last example")
                return self.at(number, step)
        raise ShardError(f"no document {doc_id!r} in {self._split} of {self._folder}: {self._hint_for(doc_id, lane)}")

    def _hint_for(self, doc_id: str, lane: int | None) -> str:
        """Return where a document that was not found may be."""
        for split in self._manifest.splits:
            near: list[str] = []
            for shard in self._shards_of(split):
                table = self._documents_of(shard)
                if pc.any(pc.equal(table["doc_id"], doc_id)).as_py():
                    return f"it lies in another lane than {lane}" if split == self._split else f"it lies in {split}"
                near += table.filter(pc.match_substring(table["doc_id"], doc_id))["doc_id"].slice(0, 3).to_pylist()
            if near:
                return f"there is {', '.join(map(repr, dict.fromkeys(near[:3])))} in {split}"
        return "`xlnet-data documents` shows the ids, and which documents are dropped"

    def _shards_of(self, split: str) -> list[ShardInfo]:
        return [shard for shard in self._manifest.shards if shard.split == split and shard.examples]

    def _documents_of(self, shard: ShardInfo) -> pa.Table:
        return pa.Table.from_batches(read_batches(self._folder, shard.documents_file), DOCUMENTS_SCHEMA)

    def _read_lane(self, lane: int | None) -> tuple[ShardInfo, list[pa.RecordBatch]]:
        """Return a lane's shard and batches, of the first lane if none is named; no batches if there is none."""

        def last_lane(shard: ShardInfo) -> int:
            reader = open_shard(self._folder, shard.file)
            path = join_path(self._folder, shard.file)
            return int(read_batch(reader, path, reader.num_record_batches - 1)["lane"][-1].as_py())

        place = 0 if lane is None else bisect_left(self._shards, lane, key=last_lane)  # lanes lie in order
        shard = self._shards[min(place, len(self._shards) - 1)]
        batches: list[pa.RecordBatch] = []
        for batch in read_batches(self._folder, shard.file):
            number = batch["lane"][0].as_py()
            lane = number if lane is None else lane
            if number == lane:
                batches.append(batch)
            elif number > lane:
                break
        return shard, batches

    def _show_rows(self, shard: ShardInfo, rows: Sequence[int]) -> Iterator[ShownExample]:
        """Yield a shard's examples of these rising numbers; the shard is read once, up to the last of them."""
        documents, first, shown = self._documents_of(shard), 0, 0
        lanes = groupby(read_batches(self._folder, shard.file), key=lambda batch: batch["lane"][0].as_py())
        while shown < len(rows):
            batches = list(next(lanes, (0, ()))[1])
            if not batches:
                raise ShardError(f"{self._folder} holds fewer examples than its manifest says: run `xlnet-data verify`")
            end = first + sum(batch.num_rows for batch in batches)
            while shown < len(rows) and rows[shown] < end:
                step = rows[shown] - first
                yield self._show(documents, batches, range(step, step + 1))[0]
                shown += 1
            first = end

    @cached_property
    def _pieces(self) -> list[str]:
        return Tokenizer.load(join_path(self._folder, self._manifest.tokenizer.file), TokenizerSettings()).pieces

    def _show(self, documents: pa.Table, batches: list[pa.RecordBatch], steps: range) -> list[ShownExample]:
        """Return examples of one lane, given the documents of its shard and the lane's batches."""
        settings = self._settings
        lane = batches[0]["lane"][0].as_py()
        rows = lane_rows(lane, pa.Table.from_batches(batches).slice(steps.start, len(steps)))
        documents = documents.filter(pc.equal(documents["lane"], lane))
        targets = is_target(rows.input_ids, rows.order)
        shown = []
        for row in range(len(steps)):
            segments = _segments(int(rows.a_len[row]), settings)
            keys, queries = levels_of(rows.order[row], targets[row], settings.seq_len, settings.reuse_len)
            example = ShownExample(
                split=self._split,
                lane=lane,
                step=int(rows.steps[row]),
                num_steps=sum(batch.num_rows for batch in batches),
                backward=bool(rows.is_backward[row]),
                is_next=bool(rows.is_next[row]),
                b_start=int(rows.b_start[row]),
                memory_len=int(rows.memory_len[row]),
                b_sees_reuse=bool(rows.is_next[row]) or settings.recipe == "reference",
                segments=segments,
                documents=tuple(_parts(segments, rows, row, documents, settings.stride)),
                input_ids=tuple(rows.input_ids[row].tolist()),
                pieces=tuple(self._pieces[token] for token in rows.input_ids[row].tolist()),
                order=tuple(rows.order[row].tolist()),
                targets=tuple(rows.order[row][targets[row]].tolist()),
                key_levels=tuple(keys.tolist()),
                query_levels=tuple(queries.tolist()),
            )
            shown.append(example)
        return shown


def _as_stored(doc_id: str) -> str:
    """Return an id as sidecars hold it, which is Unicode: a name of other bytes may be given for it on a shell."""
    try:
        return name_of_bytes(doc_id)
    except UnicodeEncodeError:
        return replace_surrogates(doc_id)


def _segments(a_len: int, settings: ExampleSettings) -> tuple[Segment, ...]:
    a_end = settings.reuse_len + a_len
    reuse, pair = Segment("reuse", 0, settings.reuse_len), Segment("A", settings.reuse_len, a_end)
    behind = Segment("B", a_end + 1, settings.seq_len - 2)
    return (reuse, pair, behind) if settings.reuse_len else (pair, behind)


def _parts(
    segments: Sequence[Segment], rows: LaneRows, row: int, documents: pa.Table, stride: int
) -> Iterator[DocumentPart]:
    """Yield whose text an example is: its segments, cut where a document ends."""
    starts = documents["start"].to_numpy()
    for segment in segments:
        first = int(rows.b_start[row]) if segment.name == "B" else int(rows.steps[row]) * stride + segment.start
        end = first + segment.end - segment.start
        number, position = int(np.searchsorted(starts, first, side="right")) - 1, segment.start
        while position < segment.end:
            place = first + position - segment.start
            next_start = int(starts[number + 1]) if number + 1 < len(starts) else end
            part_end = position + min(next_start, end) - place
            corpus, doc_id = documents["corpus"][number].as_py(), documents["doc_id"][number].as_py()
            yield DocumentPart(segment.name, position, part_end, corpus, doc_id, place - int(starts[number]))
            number, position = number + 1, part_end
