"""Tells Beam's local runner how its worker processes are started: by a crew."""

from typing import Any

from apache_beam.runners.portability.fn_api_runner.worker_handlers import GrpcWorkerHandler, WorkerHandler
from apache_beam.transforms.environments import Environment, python_sdk_capabilities
from google.protobuf import json_format, text_format

from xlnet_data.pipelines.local.crew import CREWS, Crew

URN = "xlnet-data:environment:crew:v1"


@Environment.register_urn(URN, bytes)
class CrewEnvironment(Environment):
    """An environment whose workers a crew starts."""

    def __init__(self, crew: Crew) -> None:
        super().__init__(capabilities=python_sdk_capabilities())
        self._crew = crew

    def to_runner_api_parameter(self, context: Any) -> tuple[str, bytes]:
        """Return what stands for this environment in a flow's description."""
        return URN, self._crew.number

    @staticmethod
    def from_runner_api_parameter(payload: bytes, *_: Any) -> "CrewEnvironment":
        """Return the environment that a flow's description names."""
        return CrewEnvironment(CREWS[payload])


@WorkerHandler.register_environment(URN, bytes)
class _CrewWorker(GrpcWorkerHandler):
    """One worker, as the runner sees it."""

    def __init__(self, payload: bytes, state: Any, provision_info: Any, grpc_server: Any) -> None:
        super().__init__(state, provision_info, grpc_server)
        self._crew = CREWS[payload]

    def start_worker(self) -> None:
        """Have the worker forked, and told where to find the runner."""
        control, log = self.control_api_service_descriptor(), self.logging_api_service_descriptor()
        self._crew.add_worker(
            {
                "WORKER_ID": self.worker_id,
                "CONTROL_API_SERVICE_DESCRIPTOR": text_format.MessageToString(control),
                "LOGGING_API_SERVICE_DESCRIPTOR": text_format.MessageToString(log),
                "PIPELINE_OPTIONS": json_format.MessageToJson(self.provision_info.provision_info.pipeline_options),
            }
        )

    def stop_worker(self) -> None:
        """Do nothing: the crew ends its workers."""
