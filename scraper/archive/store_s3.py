"""A store in a bucket of any S3-compatible server.

Hides boto3, what servers differ in, and how a write is proved: the server checks the SHA-256 (or the Content-MD5) sent
with the bytes, and the answer, or a HEAD after it, is compared before `put` returns. Conditional writes are not relied
on (several servers ignore them): keys name content, so that costs nothing. An ETag is never read as an MD5. boto3's
own retries, bounded in number and time, are this edge's only retry layer, but for a body that is spoilt on its way, which
boto3 leaves to its caller.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from scraper.archive import snapshots
from scraper.archive.write_once import check_key, must_be_right, settle, to_mend
from scraper.errors import ConfigError, RecordCorrupt, SnapshotCorrupt, SnapshotMissing, StoreUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, PutObjectOutputTypeDef, PutObjectRequestTypeDef

    from scraper.archive.store import Retention, S3Options

_ATTEMPTS = 3
_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_POOL = 32
_SPOILT = (boto.FlexibleChecksumError, boto.IncompleteReadError, boto.ResponseStreamingError)
"""A body that was changed or cut off on its way."""
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_NO_BUCKET = frozenset({"NoSuchBucket"})
_DENIED = frozenset(
    {"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"}
)
_DAMAGED = frozenset({"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"})
_FULL = frozenset({"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Connection:
    """A store's own client and place, for what only an S3 server can be asked (`probes_s3`).

    `sends_sha256` says whether writes carry a SHA-256 (else a Content-MD5), `retention` how they are locked.
    """

    client: S3Client
    bucket: str
    prefix: str
    sends_sha256: bool
    retention: Retention | None = None


def open_s3(*, bucket: str, prefix: str, options: S3Options) -> S3Store:
    """Connect to a bucket, and make sure that it is there and opens to these credentials.

    Raises StoreUnreachable, saying whether it was the server, the credentials or the bucket, and ConfigError for an
    endpoint that is no URL, and for a retention that the bucket does not offer.
    """
    store = S3Store(bucket=bucket, prefix=prefix, options=options)
    store.probe(create=options.create_bucket)
    if options.retention is not None:
        store.require_lock()
    return store


class S3Store:
    """Objects in a bucket, below an optional prefix. Safe to use from several threads."""

    def __init__(self, *, bucket: str, prefix: str, options: S3Options) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._options = options
        self._client = _client(options)
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")

    @property
    def connection(self) -> S3Connection:
        """The client of this store and where it writes."""
        sends_sha256 = self._options.checksums == "when_supported"
        return S3Connection(
            client=self._client,
            bucket=self._bucket,
            prefix=self._prefix,
            sends_sha256=sends_sha256,
            retention=self._options.retention,
        )

    def probe(self, *, create: bool) -> None:
        """Ask the bucket whether it is there; make it where it is not and `create` says so."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except boto.ClientError as error:
            if _code(error) not in _ABSENT | _NO_BUCKET or not create:
                raise self._unreachable(error, bucket=True) from error
        except (boto.BotoCoreError, boto.HTTPClientError) as error:
            raise self._unreachable(error) from error
        else:
            return
        self._create()

    def require_lock(self) -> None:
        """ConfigError where the bucket does not lock objects: every write of an archive with a retention would fail."""
        try:
            found = self._client.get_object_lock_configuration(Bucket=self._bucket)
            offered = found.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled"
            said = "it is not enabled"
        except boto.ClientError as error:
            if _code(error) in _DENIED:
                raise self._unreachable(error) from error
            offered, said = False, _code(error)
        except (boto.BotoCoreError, boto.HTTPClientError) as error:
            raise self._unreachable(error) from error
        if not offered:
            raise ConfigError(
                f"retention: {self.url} offers no Object Lock ({said}): take a bucket that was made with it, "
                "or leave retention out"
            )

    def put(self, key: str, data: bytes) -> bool:
        """See `Store.put`."""
        check_key(key)
        digest = b64encode(hashlib.sha256(data).digest()).decode("ascii")
        found = self._head(key)
        if found is not None:
            same = _checksum(found) == digest and found["ContentLength"] == len(data)
            return False if same else settle(self, key, held=self._as_it_is(key), offered=data)
        self._confirm(key, data, digest, self._send(key, data, digest))
        return True

    def get(self, key: str) -> bytes:
        """See `Store.get`."""
        check_key(key)
        return self._get(self._client, key)

    def _get(self, client: S3Client, key: str) -> bytes:
        try:
            for _ in range(_ATTEMPTS - 1):
                # boto3 tries again until an answer begins; what becomes of it after that is left to its caller.
                with suppress(*_SPOILT):
                    return self._read(client, key)
            return self._read(client, key)
        except boto.ClientError as error:
            if _code(error) in _ABSENT:
                message = f"no object {key} in {self.url}: restore it from a good copy of the archive"
                raise SnapshotMissing(message) from error
            raise self._unreachable(error) from error
        except boto.FlexibleChecksumError as error:
            corrupt = SnapshotCorrupt if key.startswith(snapshots.PREFIX) else RecordCorrupt
            raise corrupt(f"{key} in {self.url} is not what was stored: restore it from a good copy") from error
        except (boto.BotoCoreError, boto.HTTPClientError) as error:
            raise self._unreachable(error) from error

    def _read(self, client: S3Client, key: str) -> bytes:
        answer = client.get_object(Bucket=self._bucket, Key=self._prefix + key)
        # Not `with answer["Body"]`: that gives the stream below, which nobody holds against its checksum and length.
        with closing(answer["Body"]) as body:
            return body.read()

    def _as_it_is(self, key: str) -> bytes:
        """An object's bytes even where they do not fit the checksum the server tells: what is damaged is evidence."""
        return self._get(_client(replace(self._options, checksums="when_required")), key)

    def has(self, key: str) -> bool:
        """See `Store.has`."""
        return self.size(key) is not None

    def size(self, key: str) -> int | None:
        """See `Store.size`."""
        check_key(key)
        found = self._head(key)
        return None if found is None else found["ContentLength"]

    def mend(self, key: str, right: bytes) -> bool:
        """See `Store.mend`."""
        check_key(key)
        must_be_right(self, key, right)
        refused = False
        try:
            held = self.get(key)
        except SnapshotMissing:
            return self.put(key, right)
        except (SnapshotCorrupt, RecordCorrupt):
            held, refused = self._as_it_is(key), True
        # Bytes that are right but never given out, because the server tells another checksum of them, are sent again.
        if not to_mend(self, key, held=held, right=right) and not refused:
            return False
        digest = b64encode(hashlib.sha256(right).digest()).decode("ascii")
        self._confirm(key, right, digest, self._send(key, right, digest))
        return True

    def list(self, prefix: str = "") -> Iterator[str]:
        """See `Store.list`."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        try:
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield entry["Key"][len(self._prefix) :]
        except (boto.ClientError, boto.BotoCoreError, boto.HTTPClientError) as error:
            raise self._unreachable(error) from error

    def _head(self, key: str) -> HeadObjectOutputTypeDef | None:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=self._prefix + key, ChecksumMode="ENABLED")
        except boto.ClientError as error:
            if _code(error) in _ABSENT:
                return None
            raise self._unreachable(error) from error
        except (boto.BotoCoreError, boto.HTTPClientError) as error:
            raise self._unreachable(error) from error

    def _send(self, key: str, data: bytes, digest: str) -> PutObjectOutputTypeDef:
        sent: PutObjectRequestTypeDef = {"Bucket": self._bucket, "Key": self._prefix + key, "Body": data}
        if self._options.checksums == "when_supported":
            sent["ChecksumSHA256"] = digest
        else:
            sent["ContentMD5"] = b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode("ascii")
        if self._options.retention is not None:
            sent["ObjectLockMode"], sent["ObjectLockRetainUntilDate"] = self._options.retention.lock()
        try:
            return self._client.put_object(**sent)
        except (boto.ClientError, boto.BotoCoreError, boto.HTTPClientError) as error:
            raise self._unreachable(error) from error

    def _confirm(self, key: str, data: bytes, digest: str, answer: PutObjectOutputTypeDef) -> None:
        """The server must name the bytes it holds: by the checksum it echoes, else by their length."""
        echoed = _checksum(answer)
        if echoed == digest:
            return
        found = None if echoed else self._head(key)
        if found is None or found["ContentLength"] != len(data):
            held = "nothing" if found is None else f"{found['ContentLength']} bytes of {len(data)}"
            held = "other bytes" if echoed else held
            raise StoreUnreachable(
                f"{self.url} acknowledged {key} but holds {held}: it loses writes, do not archive there"
            )

    def _create(self) -> None:
        try:
            if self._options.retention is not None:
                self._client.create_bucket(Bucket=self._bucket, ObjectLockEnabledForBucket=True)
            else:
                self._client.create_bucket(Bucket=self._bucket)
        except boto.ClientError as error:
            # Two processes may open a new archive at once: whichever was second finds its bucket there.
            if _code(error) not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise self._unreachable(error, bucket=True) from error
        except (boto.BotoCoreError, boto.HTTPClientError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception, *, bucket: bool = False) -> StoreUnreachable:
        where = self._options.endpoint or "Amazon S3"
        if isinstance(error, boto.ClientError):
            what = _refusal(self._in_words(error), bucket=bucket, name=self._bucket)
        elif isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
            what = "no credentials: set the access key and the secret key"
        elif isinstance(error, boto.ParamValidationError):
            what = f"{self._bucket!r} cannot be a bucket's name: use 3 to 63 small letters, digits and hyphens"
        else:
            what = f"no answer ({' '.join(str(error).split())}): check the endpoint, and that the server runs"
        return StoreUnreachable(f"cannot use {self.url} at {where}: {what}")

    def _in_words(self, error: boto.ClientError) -> boto.ClientError:
        """The same refusal with its reason: the answer to a HEAD has no body to say it in (a wrong clock is a bare 403)."""
        if _code(error) != "403":
            return error
        try:
            self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        except boto.ClientError as told:
            return told
        except (boto.BotoCoreError, boto.HTTPClientError):
            return error
        return error


def _refusal(error: boto.ClientError, *, bucket: bool, name: str) -> str:
    code = _code(error)
    if code in _NO_BUCKET or (bucket and code in _ABSENT):
        return f"there is no bucket {name!r}: make it, or let the program make it (create_bucket)"
    if code == "InvalidBucketName":
        return f"{name!r} cannot be a bucket's name: use 3 to 63 small letters, digits and hyphens"
    if code == "RequestTimeTooSkewed":
        return "this machine's clock is wrong: set it"
    if code in _DENIED:
        return f"credentials refused ({code}): check the access key, the secret key and their rights to the bucket"
    if code in _FULL:
        return f"the storage is full ({code}): free some space"
    if code in _DAMAGED:
        return f"the bytes were damaged on the way ({code}): check the network, then run again"
    said = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    return f"the server answered {code} {said}".rstrip() + ": see its log"


def _checksum(answer: PutObjectOutputTypeDef | HeadObjectOutputTypeDef) -> str:
    """The SHA-256 a server names, base64; empty where it names none (several accept checksums without keeping them)."""
    return answer.get("ChecksumSHA256", "")


def _code(error: boto.ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _client(options: S3Options) -> S3Client:
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        max_pool_connections=_POOL,
        request_checksum_calculation=options.checksums,
        response_checksum_validation=options.checksums,
        s3={"addressing_style": "path" if options.path_style else "auto"},
    )
    # A session of its own: boto3's default session is shared by all and not safe to build clients from in threads.
    session = boto3.session.Session(
        aws_access_key_id=options.access_key,
        aws_secret_access_key=options.secret_key,
        region_name=options.region,
    )
    try:
        return session.client("s3", endpoint_url=options.endpoint, config=config)
    except ValueError as error:
        message = f"not an S3 endpoint: {options.endpoint!r} (write http://host:port or https://host)"
        raise ConfigError(message) from error
