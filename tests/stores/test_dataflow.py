"""A build on Dataflow up to the door: what is refused, what a stand-in for its service is sent, what is staged."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from apache_beam.portability.api import beam_fn_api_pb2, beam_runner_api_pb2
from apache_beam.runners.worker import bundle_processor
from google.cloud import dataflow
from stores.conftest import Store

import xlnet_data
from xlnet_data.errors import ConfigError, EngineError
from xlnet_data.files.moving import list_names
from xlnet_data.files.opening import open_raw
from xlnet_data.files.writing import atomic_write
from xlnet_data.pipelines.engines.versions import explain_versions

ROOT = Path(__file__).parents[2]
IMAGE = "europe-west4-docker.pkg.dev/project/images/xlnet-data:0.1.0"
OPTIONS = {
    "project": "project-of-tests",
    "region": "europe-west4",
    "temp_location": "gs://bucket/tmp",
    "sdk_container_image": IMAGE,
}
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")  # gcsfs does so


def options(**more: str) -> list[str]:
    return [f"--{name}={value}" for name, value in (OPTIONS | more).items() if value]


@dataclass
class Service:
    """A stand-in for Dataflow's service, which says of each job at once that it is done.

    Attributes:
        address: Its URL.
        jobs: The requests that made jobs: path and query, and the job.
    """

    address: str
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.jobs.append((self.path, job))
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            body = json.dumps({"id": "job-1", "name": "build", "currentState": "JOB_STATE_DONE"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        made = Service(f"http://localhost:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Path:
    path = tmp_path_factory.mktemp("dataflow") / "config.toml"
    path.write_text(
        f"""
        [tokenizer]
        model = {json.dumps(str(small_model))}
        vocab_size = 300
        [[corpora]]
        name = "texts"
        format = "text"
        paths = ["gs://bucket/in/*.txt"]
        """
    )
    return path


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ("sdk_container_image", "--sdk_container_image is needed with --runner dataflow: Beam's own image lacks this"),
        ("project", "--project is needed with --runner dataflow: the Google Cloud project"),
        ("region", "--region is needed with --runner dataflow: where the workers run"),
        ("temp_location", "--temp_location is needed with --runner dataflow: a folder in a bucket"),
    ],
)
def test_an_option_that_dataflow_needs_is_asked_for(config: Path, without: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        xlnet_data.build_corpus(config, "gs://bucket/out", runner="dataflow", engine_options=options(**{without: ""}))


def test_what_workers_would_not_reach_is_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Dataflow's workers do not reach /nowhere/out: copy what lies"):
        xlnet_data.build_corpus(config, "/nowhere/out", runner="dataflow", engine_options=options())
    local = tmp_path / "local.toml"
    local.write_text(config.read_text().replace("gs://bucket/in/*.txt", "in/*.txt"))
    with pytest.raises(ConfigError, match=rf"do not reach {tmp_path}/in/\*\.txt: copy what lies on this machine"):
        xlnet_data.build_corpus(local, "gs://bucket/out", runner="dataflow", engine_options=options())
    with pytest.raises(ConfigError, match=r"--temp_location must be a folder in a bucket, .*: /tmp"):
        xlnet_data.build_corpus(
            config, "gs://bucket/out", runner="dataflow", engine_options=options(temp_location="/tmp")
        )


@pytest.fixture(scope="module")
def sent(gs: Store, service: Service, config: Path) -> Iterator[tuple[str, dataflow.Job]]:
    """Return what the service was sent for a build, by path and job."""
    more = {
        "machine_type": "n2-standard-8",
        "disk_size_gb": "50",
        "max_num_workers": "40",
        "autoscaling_algorithm": "THROUGHPUT_BASED",
        "service_account_email": "builder@project-of-tests.iam.gserviceaccount.com",
        "dataflow_endpoint": service.address,
    }
    given = [*options(**more), "--no_auth", "--no_use_public_ips"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in gs.environment.items():
            patch.setenv(name, value)
        with pytest.raises(EngineError, match="ended well, but gs://bucket/dataset holds no manifest"):
            xlnet_data.build_corpus(config, "gs://bucket/dataset", runner="dataflow", engine_options=given)
        assert len(service.jobs) == 1
        path, job = service.jobs[0]
        yield path, dataflow.Job.from_json(json.dumps(job), ignore_unknown_fields=False)


def test_the_request_says_where_and_on_what_the_job_runs(sent: tuple[str, dataflow.Job]) -> None:
    path, job = sent
    assert path.split("?")[0] == "/v1b3/projects/project-of-tests/locations/europe-west4/jobs"
    assert job.type_ is dataflow.JobType.JOB_TYPE_BATCH
    environment = job.environment
    assert environment.service_account_email == "builder@project-of-tests.iam.gserviceaccount.com"
    assert {"use_runner_v2", "use_unified_worker", "beam_fn_api"} <= {*environment.experiments}
    assert dict(environment.version) == {"job_type": "FNAPI_BATCH", "major": "8"}
    assert environment.temp_storage_prefix.startswith("storage.googleapis.com/bucket/tmp/")
    (pool,) = environment.worker_pools
    assert pool.machine_type == "n2-standard-8"
    assert pool.disk_size_gb == 50
    assert pool.autoscaling_settings.max_num_workers == 40
    assert pool.autoscaling_settings.algorithm is dataflow.AutoscalingAlgorithm.AUTOSCALING_ALGORITHM_BASIC
    assert pool.ip_configuration is dataflow.WorkerIPAddressConfiguration.WORKER_IP_PRIVATE
    assert pool.worker_harness_container_image == IMAGE
    (image,) = pool.sdk_harness_container_images
    assert image.container_image == IMAGE
    assert image.use_single_core_per_container  # a Python process for every core of a machine


def test_the_staged_pipeline_is_the_flow_and_holds_no_list_of_files(sent: tuple[str, dataflow.Job]) -> None:
    url = sent[1].environment.sdk_pipeline_options["options"]["pipelineUrl"]
    assert url.startswith("gs://bucket/tmp/")
    with open_raw(url) as file:
        staged = file.read()
    pipeline = beam_runner_api_pb2.Pipeline.FromString(staged)
    names = {transform.unique_name.split("/")[0] for transform in pipeline.components.transforms.values()}
    assert names >= {"Tasks", "Read", "Filter", "Tokenize", "Assign", "Write", "Publish"}
    images = [
        beam_runner_api_pb2.DockerPayload.FromString(environment.payload).container_image
        for environment in pipeline.components.environments.values()
    ]
    assert images == [IMAGE]
    assert len(staged) < 300_000


def test_a_template_is_written_and_nothing_is_sent(gs: Store, service: Service, config: Path) -> None:
    before = len(service.jobs)
    given = [*options(dataflow_endpoint=service.address, template_location="gs://bucket/templates/build"), "--no_auth"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in gs.environment.items():
            patch.setenv(name, value)
        xlnet_data.build_corpus(config, "gs://bucket/later", runner="dataflow", engine_options=given)
        with open_raw("gs://bucket/templates/build") as file:
            job = json.loads(file.read())
        assert list_names("gs://bucket/later")
    assert job["environment"]["workerPools"][0]["workerHarnessContainerImage"] == IMAGE
    assert len(service.jobs) == before


def test_the_launcher_of_the_flex_template_writes_the_job_of_a_config_in_a_bucket(
    gs: Store, service: Service, config: Path
) -> None:
    spec = importlib.util.spec_from_file_location("launch_template", ROOT / "image" / "launch_template.py")
    assert spec is not None
    assert spec.loader is not None
    launcher = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(launcher)
    given = options(
        dataflow_endpoint=service.address,
        template_location="gs://bucket/launches/1/job_object",
        job_name="from-template",
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in gs.environment.items():
            patch.setenv(name, value)
        with atomic_write("gs://bucket/corpus.toml") as file:
            file.write(config.read_bytes())
        places = ["--config=gs://bucket/corpus.toml", "--output=gs://bucket/of-template", "--runner=DataflowRunner"]
        launcher.main([*places, *given, "--no_auth"])
        with open_raw("gs://bucket/launches/1/job_object") as file:
            job = dataflow.Job.from_json(file.read(), ignore_unknown_fields=False)
    assert job.name == "from-template"
    assert job.environment.worker_pools[0].worker_harness_container_image == IMAGE


def test_workers_of_another_python_are_told_in_one_sentence() -> None:
    descriptor = beam_fn_api_pb2.ProcessBundleDescriptor()
    descriptor.transforms["read"].environment_id = "old"
    descriptor.environments["old"].capabilities.append("beam:version:sdk_base:apache/beam_python3.9_sdk:2.50.0")
    with pytest.raises(RuntimeError) as refused:
        bundle_processor._verify_descriptor_created_in_a_compatible_env(descriptor)
    explained = str(explain_versions(str(refused.value)))
    assert "this machine Python 3.9 and Beam 2.50.0: both must be the same" in explained
    assert explained.startswith("the workers run Python 3.1")
    assert explain_versions("something else failed") is None
