"""The flow: corpora in; shards and their manifest out."""

from collections.abc import Sequence

import apache_beam as beam

from xlnet_data.config import BuildConfig
from xlnet_data.documents import Task
from xlnet_data.pipelines.assign import AssignLanes
from xlnet_data.pipelines.publish import Publication, WriteManifest, WriteShards, tokenizer_info
from xlnet_data.pipelines.rejects import KeepDuplicates, KeepRejects, tasks_to_read_again
from xlnet_data.pipelines.stages import DROPPED, FilterDocuments, ReadDocuments, TokenizeDocuments
from xlnet_data.pipelines.work import LocalWork, TakeTurns
from xlnet_data.schemas.manifest import Manifest
from xlnet_data.shards import ShardWriting
from xlnet_data.tokenizer import Tokenizer


def build(
    pipeline: beam.Pipeline,
    config: BuildConfig,
    output: str,
    tokenizer: Tokenizer,
    tasks: Sequence[tuple[int, Task]],
    work: LocalWork | None = None,
) -> "beam.PCollection[Manifest]":
    """Wire the flow.

    Args:
        pipeline: An empty pipeline.
        config: The config.
        output: The dataset folder, a local path or a URL.
        tokenizer: The vocabulary; workers load it from its path.
        tasks: All tasks, numbered. Those that a local build has still to do lie in its queue.
        work: Of a build on one machine; None: the engine's shuffle carries the documents.

    Returns:
        A collection of one manifest.
    """
    progress = work.progress if work else None
    writing = ShardWriting(
        output, tokenizer.vocab_size, tokenizer.sha256, config.fingerprint(), config.output.compression
    )
    if work:
        listed = pipeline | "Start" >> beam.Create([None]) | "Tasks" >> TakeTurns(work.tasks, work.workers)
    else:
        listed = pipeline | "List" >> beam.Create(tasks)
    filtered = (
        listed  # (number, Task)
        | "Read" >> ReadDocuments(config, work)  # DocumentBatch
        | "Filter" >> FilterDocuments(config, progress)  # DocumentBatch
    )
    tokenized = filtered | "Tokenize" >> TokenizeDocuments(config, tokenizer.path, progress)  # TokenizedBatch
    if config.output.rejects:
        tokenized[DROPPED] | "Keep" >> KeepRejects(output)
        tokenized = tokenized["tokenized"]
    assigned = tokenized | "Assign" >> AssignLanes(config, tokenizer.id_dtype, work, len(tasks))  # ShardLanes, Tally
    shards = assigned["lanes"] | "Write" >> WriteShards(config, writing, tokenizer.path, work)  # ShardInfo
    tally = assigned["tally"]
    if config.output.rejects and config.has_deduplication:
        if work:
            again = tally | "TasksAgain" >> TakeTurns(work.duplicates, work.workers)
        else:
            again = pipeline | "ListAgain" >> beam.Create(tasks_to_read_again(tasks, config))
        kept = again | "KeepDuplicates" >> KeepDuplicates(config, output, work, assigned.get("dropped"))
        tally = tally | "WaitKept" >> beam.Map(lambda tally, _: tally, beam.pvalue.AsList(kept))
    publication = Publication(output, config, tokenizer_info(tokenizer))
    return (shards, tally) | "Publish" >> WriteManifest(publication)  # Manifest
