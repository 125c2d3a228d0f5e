# The worker image for Dataflow, Spark and Flink: Beam's worker and this package, without torch.
# The image's Beam, the wheel's Beam and the launching machine's Beam must be the same version.
#
#   docker build -t REGISTRY/xlnet-data-worker:0.1.0 .
#
# The tests do not build it: they need no Docker.
ARG BEAM_VERSION=2.77.0

FROM apache/beam_python3.11_sdk:${BEAM_VERSION} AS beam

# The slim image that the workers run has no C compiler, so the wheel is built in the full one.
FROM python:3.11 AS wheel
WORKDIR /src
COPY setup.py pyproject.toml README.md LICENSE ./
COPY xlnet_data xlnet_data
COPY pipelines pipelines
COPY schemas schemas
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
ARG BEAM_VERSION
ARG EXTRAS=dataflow

COPY --from=wheel /wheels /wheels
COPY requirements.lock /wheels/
RUN pip install --no-cache-dir --constraint /wheels/requirements.lock "apache-beam==${BEAM_VERSION}" \
    "$(echo /wheels/*.whl)[${EXTRAS}]" \
    && rm -rf /wheels
WORKDIR /

COPY --from=beam /opt/apache/beam /opt/apache/beam
ENTRYPOINT ["/opt/apache/beam/boot"]
