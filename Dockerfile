# One image that is the command line, submits builds to engines, and works for them: Dataflow, Spark, Flink. No torch.
#
#   docker build -t REGISTRY/xlnet-data:0.1.0 .
#   docker run --rm REGISTRY/xlnet-data:0.1.0 --version
#
# docs/how-to/dataflow.md says what Dataflow needs besides. The tests run what stands here without Docker where they can.
ARG PYTHON_VERSION=3.11
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm
ARG BEAM_VERSION=2.77.0
# Google's image with the launcher of Flex Templates; without it the image does all but start such templates.
ARG TEMPLATE_LAUNCHER=beam

FROM apache/beam_python${PYTHON_VERSION}_sdk:${BEAM_VERSION} AS beam

FROM ${TEMPLATE_LAUNCHER} AS template_launcher
RUN mkdir -p /opt/google

FROM ${PYTHON_IMAGE} AS build
ARG BEAM_VERSION
ARG EXTRAS=s3,gcs,hdfs,dataflow
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
RUN python3 -m venv /opt/xlnet-data
WORKDIR /src
COPY requirements.lock pyproject.toml setup.py README.md LICENSE ./
COPY xlnet_data xlnet_data
COPY pipelines pipelines
COPY schemas schemas
RUN /opt/xlnet-data/bin/pip install --no-cache-dir --no-compile --constraint requirements.lock \
    "apache-beam==${BEAM_VERSION}" ".[${EXTRAS}]" && /opt/xlnet-data/bin/pip check

FROM ${PYTHON_IMAGE}
# Beam allows any user; Dataflow mounts folders that only root may write: there RUN_AS=root.
ARG RUN_AS=xlnet-data
RUN useradd --uid 1000 --create-home xlnet-data
COPY --from=build /opt/xlnet-data /opt/xlnet-data
COPY --from=beam /opt/apache/beam /opt/apache/beam
COPY --from=template_launcher /opt/google /opt/google
COPY image/entrypoint image/launch_template.py /opt/xlnet-data/
# Beam's worker shall use what is installed here, not make an environment of its own each time that it starts.
ENV PATH=/opt/xlnet-data/bin:$PATH \
    RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1 \
    FLEX_TEMPLATE_PYTHON_PY_FILE=/opt/xlnet-data/launch_template.py
USER ${RUN_AS}
WORKDIR /tmp
ENTRYPOINT ["/opt/xlnet-data/entrypoint"]
