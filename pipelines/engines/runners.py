"""Makes Beam's runner of an engine, ready to take a pipeline: options checked, defaults set, Java found."""

import shutil
import threading
from collections.abc import Sequence
from typing import Any

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, PortableOptions
from apache_beam.runners.portability.flink_runner import FlinkRunner
from apache_beam.runners.portability.job_server import JobServer, StopOnExitJobServer
from apache_beam.runners.portability.portable_runner import JobServiceHandle, PortableRunner
from apache_beam.runners.portability.prism_runner import PrismJobServer, PrismRunner
from apache_beam.runners.portability.spark_runner import JOB_SERVER_CACHE, SparkRunner

from xlnet_data.errors import EngineError
from xlnet_data.imports import module_command
from xlnet_data.pipelines.engines.java import set_java
from xlnet_data.pipelines.engines.kinds import ENGINES, with_defaults
from xlnet_data.pipelines.engines.options import CheckedSubmission, names_of, read_unknown, refuse_unknown


class _CheckedRunner(PortableRunner):
    """A runner whose job server is asked for the options that it knows before it gets the job."""

    engine = ""
    unknown: Sequence[str] = ()

    server: JobServer | None = None

    def default_job_server(self, options: PipelineOptions) -> JobServer:
        """Return the job server that is started for the job alone."""
        self.server = super().default_job_server(options)
        return self.server

    def stop(self) -> None:
        """End the job server, if one was started; remove the folder of one that could not be."""
        if self.server is not None:
            self.server.stop()
            JOB_SERVER_CACHE.clear()
            if folder := getattr(getattr(self.server, "_job_server", None), "_local_temp_root", None):
                shutil.rmtree(folder, ignore_errors=True)

    def create_job_service_handle(self, job_service: Any, options: PipelineOptions) -> JobServiceHandle:
        """Return the handle by which the job is handed over."""
        plain = super().create_job_service_handle(job_service, options)
        checked = CheckedSubmission(job_service, options, plain._retain_unknown_options)
        checked.engine, checked.unknown = self.engine, self.unknown
        return checked


class _Spark(_CheckedRunner, SparkRunner):
    pass


class _Flink(_CheckedRunner, FlinkRunner):
    pass


class _PrismServer(PrismJobServer):
    """Starts Prism as Java is started: apart from the terminal, and ended with the build."""

    def subprocess_cmd_and_endpoint(self) -> tuple[list[Any], str]:
        command, endpoint = super().subprocess_cmd_and_endpoint()
        return module_command("xlnet_data.pipelines.engines.launcher", *command), endpoint


class _Prism(_CheckedRunner, PrismRunner):
    def default_job_server(self, options: PipelineOptions) -> JobServer:
        self.server = StopOnExitJobServer(_PrismServer(options))
        return self.server


_RUNNERS = {"spark": _Spark, "flink": _Flink, "prism": _Prism, "portable": _CheckedRunner}


class EngineSetup:
    """An engine and its options, checked as far as they can be before its job server runs.

    Args:
        name: The engine's name.
        given: The options that the user gave.
        input_bytes: Of the build's input, about.

    Attributes:
        options: All options, as Beam takes them.
        page: The engine's own page about the build, None if it is not known.

    Raises:
        ConfigError: An option is unknown or cannot work.
        EngineError: The engine cannot be started on this machine.
    """

    def __init__(self, name: str, given: Sequence[str], input_bytes: int = 0) -> None:
        self._name, engine = name, ENGINES[name]
        self._unknown = read_unknown(given)
        if name not in _RUNNERS:  # no job server can be asked
            refuse_unknown(self._unknown, (), name)
        placement = engine.place(PipelineOptions(list(given)), input_bytes)
        self.page = placement.page
        without_cache = () if "requirements_file" in names_of(given) else ("--requirements_cache=skip",)
        self.options = PipelineOptions(with_defaults(given, (*placement.defaults, *without_cache)))
        starts_server = name in _RUNNERS and not self.options.view_as(PortableOptions).job_endpoint
        if starts_server and threading.current_thread() is not threading.main_thread():
            raise EngineError(f"--runner {name} starts a job server, which Beam does in the main thread alone")
        if starts_server and engine.java is not None:
            set_java(self.options, name, engine.java, placement.jvm_properties)

    def make_runner(self) -> Any:
        """Return the runner, or its name where Beam finds it by that."""
        if self._name not in _RUNNERS:
            return ENGINES[self._name].beam_runner
        runner = _RUNNERS[self._name]()
        runner.engine, runner.unknown = self._name, self._unknown
        return runner

    @property
    def packs_only(self) -> str | None:
        """The file that the job is packed into instead of being run, None if it is run."""
        packed: str | None = self.options.view_as(PortableOptions).output_executable_path
        template: str | None = self.options.view_as(GoogleCloudOptions).template_location
        return packed or template
