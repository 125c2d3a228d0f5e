# The worker image for Dataflow, Spark and Flink: Beam's worker and this package, without torch.
# The image's Beam, the wheel's Beam and the launching machine's Beam must be the same version.
#
#   docker build -t REGISTRY/xlnet-data-worker:0.1.0 .
#
# The tests do not build it: they need no Docker.
ARG BEAM_VERSION=2.77.0

FROM apache/beam_python3.11_sdk:${BEAM_VERSION} AS beam

FROM python:3.11-slim
ARG BEAM_VERSION
ARG EXTRAS=dataflow

WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY xlnet_data xlnet_data
COPY pipelines pipelines
COPY schemas schemas
RUN pip install --no-cache-dir --constraint requirements.lock "apache-beam==${BEAM_VERSION}" ".[${EXTRAS}]" \
    && rm -rf /src/*
WORKDIR /

COPY --from=beam /opt/apache/beam /opt/apache/beam
ENTRYPOINT ["/opt/apache/beam/boot"]
