"""Runs a Python worker of an engine: what an engine on many machines starts on each of them, without Docker.

An engine starts a worker by one command and tells it where to ask what it shall do. Beam's own command is a program in
Go that is part of its images; this one needs no more than this package. `xlnet-data-worker` is its name: engines start
it with ``--environment_type=PROCESS``, or ask a pool of it, ``--pool``, with ``--environment_type=EXTERNAL``.
"""

import argparse
import ctypes
import json
import os
import sys
from collections.abc import Mapping, Sequence

import grpc
import pyarrow
from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc
from google.protobuf import json_format, text_format

from xlnet_data.pipelines.orphans import follow_parent

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of malloc.h
LARGE_BYTES = 1024 * 1024
"""A block of memory of this size is one of its own, which goes back to the system as soon as it is free."""
CACHED_SECS = 2
"""How long Beam's worker keeps what a bundle was processed with, buffers of 16 MB among it, for the next of its kind.

It would be a minute or two; but to Spark each task is a kind of its own, and takes seconds, so that a worker would keep
a gigabyte for nothing.
"""
ASK_SECS = 60.0
"""How long the engine may take to say what the worker shall do."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask the engine what to do, and do it until the engine ends it."""
    parser = argparse.ArgumentParser(description="Run a Python worker of an engine, or a pool of them.")
    parser.add_argument("--pool", type=int, metavar="PORT", help="run a pool that starts workers on demand")
    parser.add_argument("--id", help="the worker's name; the engine gives it")
    parser.add_argument("--provision_endpoint", help="where to ask; the engine gives it")
    given, _ = parser.parse_known_args(arguments)  # engines give more, which the answer says, too
    if given.pool is not None:
        run_pool(given.pool)
        return
    if given.id is None or given.provision_endpoint is None:
        parser.error("--id and --provision_endpoint, which an engine gives, or --pool")
    hold_little_memory()
    os.environ.update(settings_of(given.id, given.provision_endpoint))
    follow_parent()
    from apache_beam.runners.worker import sdk_worker, sdk_worker_main

    sdk_worker.DEFAULT_BUNDLE_PROCESSOR_CACHE_SHUTDOWN_THRESHOLD_S = CACHED_SECS
    sdk_worker_main.main([])


def settings_of(worker: str, endpoint: str) -> Mapping[str, str]:
    """Return what Beam's worker reads from its environment, as the engine at an endpoint says it."""
    with grpc.insecure_channel(endpoint) as channel:
        service = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
        request = beam_provision_api_pb2.GetProvisionInfoRequest()
        asked = service.GetProvisionInfo(
            request, metadata=(("worker_id", worker),), timeout=ASK_SECS, wait_for_ready=True
        )
    info = asked.info
    settings = {
        "WORKER_ID": worker,
        "PIPELINE_OPTIONS": json.dumps(json_format.MessageToDict(info.pipeline_options)),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
        "CONTROL_API_SERVICE_DESCRIPTOR": text_format.MessageToString(info.control_endpoint),
        "LOGGING_API_SERVICE_DESCRIPTOR": text_format.MessageToString(info.logging_endpoint),
    }
    if info.status_endpoint.url:
        settings["STATUS_API_SERVICE_DESCRIPTOR"] = text_format.MessageToString(info.status_endpoint)
    return settings


def hold_little_memory() -> None:
    """Give memory back to the system when it is free: allocators keep what each of many threads once held.

    Beam serves every bundle in a thread of its own, and a bundle brings megabytes at a time.
    """
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # of the C library of GNU alone
    if set_option is not None:
        set_option(_M_ARENA_MAX, 2)
        set_option(_M_MMAP_THRESHOLD, LARGE_BYTES)
        set_option(_M_TRIM_THRESHOLD, 4 * LARGE_BYTES)


def run_pool(port: int) -> None:
    """Start a worker process whenever an engine on this machine asks for one at a port."""
    from apache_beam.runners.worker import worker_pool_main

    worker_pool_main.main([f"--service_port={port}", f"--container_executable={own_command()}"])


def own_command() -> str:
    """Return the path of the command `xlnet-data-worker` of this Python environment."""
    return os.path.join(os.path.dirname(sys.executable), "xlnet-data-worker")


if __name__ == "__main__":
    main()
