"""Builds on an engine of Beam's that runs on many machines."""

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from xlnet_data.config import BuildConfig
from xlnet_data.pipelines.engine_exchange import EngineExchange
from xlnet_data.pipelines.engine_folder import EngineFolder
from xlnet_data.pipelines.flow import build
from xlnet_data.pipelines.running import run_pipeline
from xlnet_data.text.tokenizer import Tokenizer

ENGINES = {"spark": "SparkRunner", "flink": "FlinkRunner", "dataflow": "DataflowRunner"}
"""Beam's runners that run on many machines, by their names on the command line."""


def run_engine(
    config: BuildConfig, folder: EngineFolder, tokenizer: Tokenizer, runner: str, options: Sequence[str]
) -> None:
    """Build on an engine of Beam's, by its name in ENGINES; the documents travel through its shuffle."""
    pipeline = beam.Pipeline(runner=ENGINES[runner], options=PipelineOptions(list(options)))
    build(pipeline, config, folder.building, tokenizer, EngineExchange(config, folder, tokenizer.id_type))
    run_pipeline(pipeline)
