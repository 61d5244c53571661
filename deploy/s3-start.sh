#!/bin/sh
# Start the S3 server so that it can be trusted with an archive:
# - credentials from the environment, and none, no start: without them the server would be open to everybody;
# - only the S3 port listens beyond this container: the ports behind it (master, volume, filer) ask for no credentials;
# - what it acknowledged is on disk: fsync is off by default;
# - no telemetry, and none of the services that are not needed.
set -eu
: "${AWS_ACCESS_KEY_ID:?set it, or the server would let everybody in}"
: "${AWS_SECRET_ACCESS_KEY:?set it, or the server would let everybody in}"

fsync() {
  printf 'lock\nfs.configure -locationPrefix=/buckets/ -fsync -apply\nunlock\n' |
    timeout 20 weed shell -master=127.0.0.1:9333 -filer=127.0.0.1:8888 2>&1 | grep -q '"fsync": *true'
}
(until fsync; do sleep 1; done; echo 'fsync is on for /buckets/') &

exec weed server -dir=/data -ip=127.0.0.1 -ip.bind=127.0.0.1 \
  -s3 -s3.ip.bind=0.0.0.0 -s3.port=8333 -s3.port.iceberg=0 -s3.port.lance=0 -s3.autoCreateBucket=false \
  -master.telemetry=false -master.volumeSizeLimitMB=1024 -volume.max=0
