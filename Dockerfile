# The worker. Build: docker build -t scraper .   Run: see deploy/compose.yaml and docs/operations.md.
# Everything that changes is under /data, so the root file system can be read-only (with a tmpfs on /tmp).

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
# Wheels only, each by its hash; the program's own environment holds no build tool.
RUN pip wheel --quiet --no-deps --require-hashes --only-binary :all: --wheel-dir /wheels -r requirements.lock \
 && pip install --quiet --no-deps --require-hashes --only-binary :all: -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY config config
COPY scraper scraper
RUN pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . \
 && python -m venv /opt/scraper \
 && /opt/scraper/bin/python -m pip install --quiet --no-index --no-deps /wheels/*.whl \
 && /opt/scraper/bin/python -m pip uninstall --quiet --yes pip

FROM python:3.12-slim
COPY --from=build /opt/scraper /opt/scraper
RUN mkdir /data && chown 10001:10001 /data
ENV PATH=/opt/scraper/bin:/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=1 \
    SCRAPER_STORE=file:///data/store \
    SCRAPER_CATALOGUE=sqlite:////data/catalogue.sqlite3 \
    SCRAPER_HEALTH=127.0.0.1:8080 \
    SCRAPER_LOG_FORMAT=json
# A configuration in /data/config, or mounted there, is taken instead of the shipped one.
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["scraper", "health"]
ENTRYPOINT ["scraper"]
CMD ["run"]
