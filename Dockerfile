# syntax=docker/dockerfile:1
# Two stages: what builds stays behind. docs/operating.md tells how to run it.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
RUN python -m venv /opt/playground
# torch first and by its pin, so that nothing else chooses its version; the CPU's build, which is a tenth of the other.
COPY pyproject.toml ./
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN torch="$(sed -n 's/^ *"\(torch~=[^"]*\)".*/\1/p' pyproject.toml)" \
    && test -n "$torch" \
    && /opt/playground/bin/pip install --extra-index-url "$TORCH_INDEX" "$torch"
# The front end is built here, by the Node that PyPI ships.
COPY README.md LICENSE hatch_build.py ./
COPY components components
COPY assets assets
COPY pages pages
COPY playground playground
RUN /opt/playground/bin/pip install .

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 playground \
    && install --directory --owner playground --mode 0700 /data
COPY --from=build /opt/playground /opt/playground
ENV PATH=/opt/playground/bin:$PATH \
    PLAYGROUND_HOME=/data \
    PLAYGROUND_SHARED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /home/playground
VOLUME /data
EXPOSE 8501
# The first answer comes when the libraries are loaded.
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/pgapi/health', timeout=4)"]
# Time to pause and keep every run.
STOPSIGNAL SIGTERM
ENTRYPOINT ["playground", "run", "--port", "8501", "--address", "0.0.0.0"]
