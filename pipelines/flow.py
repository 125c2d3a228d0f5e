"""Turns corpora into shards and their manifest: the flow of a build, stage by stage."""

import apache_beam as beam

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.shards import ShardWriting
from xlnet_data.pipelines.exchange import Exchange
from xlnet_data.pipelines.publish import Publication, WriteManifest, WriteShards, tokenizer_info
from xlnet_data.pipelines.stages import FilterDocuments, ReadDocuments, TokenizeDocuments
from xlnet_data.schemas.manifest import Manifest
from xlnet_data.text.tokenizer import Tokenizer


def build(
    pipeline: beam.Pipeline, config: BuildConfig, output: str, tokenizer: Tokenizer, exchange: Exchange
) -> "beam.PCollection[Manifest]":
    """Wire the flow.

    Args:
        pipeline: An empty pipeline.
        config: The config.
        output: The dataset folder, a local path or a URL.
        tokenizer: The vocabulary; workers load it from its path.
        exchange: How the stages share their work and pass it on, on one machine or on an engine.

    Returns:
        A collection of one manifest.
    """
    model, progress = tokenizer.path, exchange.progress
    publication = Publication(exchange.manifest_folder, output, config, tokenizer_info(tokenizer))
    writing = ShardWriting(
        output, tokenizer.vocab_size, tokenizer.sha256, config.fingerprint(), config.output.compression
    )
    return (
        pipeline
        | "Tasks" >> exchange.tasks()  # (number, Task)
        | "Read" >> ReadDocuments(config, progress)  # DocumentBatch
        | "Filter" >> FilterDocuments(config, progress)  # DocumentBatch
        | "Tokenize" >> TokenizeDocuments(config, model, progress)  # TokenizedBatch
        | "Assign" >> exchange.assign()  # "lanes" of each shard, "tally": Tally
        | "Write" >> WriteShards(config, writing, model, exchange)  # "shards": ShardInfo, "tally": Tally
        | "Publish" >> WriteManifest(publication)  # Manifest
        | "Finish" >> exchange.finish()  # Manifest
    )
