"""The flow: corpora in; shards and their manifest out."""

from collections.abc import Sequence
from dataclasses import dataclass

import apache_beam as beam

from xlnet_data.config import BuildConfig
from xlnet_data.documents import Task
from xlnet_data.pipelines.assign import AssignLanes
from xlnet_data.pipelines.publish import Publication, WriteManifest, WriteShards, tokenizer_info
from xlnet_data.pipelines.stages import FilterDocuments, KeepRejects, ReadDocuments, TokenizeDocuments
from xlnet_data.schemas.manifest import Manifest
from xlnet_data.shards import ShardWriting
from xlnet_data.tokenizer import Tokenizer


@dataclass(frozen=True)
class WorkFolders:
    """Where a local build keeps what it has done so far.

    Attributes:
        spool: Tokenized documents, a file per finished task.
        records: A small file per finished shard.
        progress: A small file per worker process.
    """

    spool: str
    records: str
    progress: str


def build(
    pipeline: beam.Pipeline,
    config: BuildConfig,
    output: str,
    tokenizer: Tokenizer,
    tasks: Sequence[tuple[int, Task]],
    num_tasks: int,
    work: WorkFolders | None = None,
) -> "beam.PCollection[Manifest]":
    """Wire the flow.

    Args:
        pipeline: An empty pipeline.
        config: The config.
        output: The dataset folder, a local path or a URL.
        tokenizer: The vocabulary; workers load it from its path.
        tasks: What is still to be read, numbered.
        num_tasks: All tasks, finished ones included.
        work: Folders of a local build; None: the engine's shuffle carries the documents.

    Returns:
        A collection of one manifest.
    """
    spool, records, progress = (work.spool, work.records, work.progress) if work else (None, None, None)
    writing = ShardWriting(
        output, tokenizer.vocab_size, tokenizer.sha256, config.fingerprint(), config.output.compression
    )
    filtered = (
        pipeline
        | "List" >> beam.Create(tasks)  # (number, Task)
        | "Read" >> ReadDocuments(config, progress)  # DocumentBatch
        | "Filter" >> FilterDocuments(config, progress)  # DocumentBatch
    )
    if config.output.rejects:
        filtered = filtered | "Keep" >> KeepRejects(output)  # DocumentBatch
    assigned = (
        filtered
        | "Tokenize" >> TokenizeDocuments(config, tokenizer.path, progress)  # TokenizedBatch
        | "Assign" >> AssignLanes(config, tokenizer.id_dtype, spool, num_tasks)  # ShardLanes, Tally
    )
    shards = assigned["lanes"] | "Write" >> WriteShards(config, writing, tokenizer.path, records, progress)  # ShardInfo
    publication = Publication(output, config, tokenizer_info(tokenizer))
    return (shards, assigned["tally"]) | "Publish" >> WriteManifest(publication)  # Manifest
