"""What an S3 server can be asked: conditional writes, checksums, versions, Object Lock, and its clock.

Hides the calls that the store itself never makes. No answer of these is relied on by the store, which names objects by
their content; they say what else stands between an archive and its loss.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from botocore import exceptions as boto

from scraper.archive.store_s3 import S3Connection

Answer = tuple[str, bool | None, str]
"""Name, whether it holds, and the detail, as `probes.Probed` has them."""
_WRITERS = 8
_SKEW_SECONDS = 60.0
_LOCKED_FOR = timedelta(days=1)
_REFUSED = frozenset({"412", "409", "PreconditionFailed", "ConditionalRequestConflict"})
_UNKNOWN = frozenset({"501", "NotImplemented", "405", "MethodNotAllowed"})
_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "404", "InvalidRequest"})


def s3_probes(connection: S3Connection, folder: str, now: datetime) -> Iterator[Answer]:
    """The probes of an S3 server; `folder` is where they may write, `now` what its clock is compared with."""
    yield _conditional(connection, f"{folder}/conditional")
    yield _refuses_damage(connection, f"{folder}/damaged")
    yield _keeps_checksum(connection, f"{folder}/checked")
    yield _versioning(connection)
    yield _object_lock(connection, f"{folder}/locked", now)
    yield _clock(connection, now)


def _conditional(connection: S3Connection, key: str) -> Answer:
    """Eight writers of different bytes under one name, each only if nobody was first (RFC 9110 §13.1.2, If-None-Match)."""
    name = "conditional put"

    def write(number: int) -> str:
        try:
            connection.client.put_object(
                Bucket=connection.bucket, Key=connection.prefix + key, Body=b"%d" % number, IfNoneMatch="*"
            )
        except boto.ClientError as error:
            return code(error)
        return "written"

    with ThreadPoolExecutor(_WRITERS) as pool:
        answers = list(pool.map(write, range(_WRITERS)))
    written = answers.count("written")
    others = sorted({answer for answer in answers if answer != "written"})
    if written == 1 and set(others) <= _REFUSED:
        return name, True, f"of {_WRITERS} writers of one name exactly one was let through ({', '.join(others)})"
    if written == 0:
        return name, None, f"not offered ({', '.join(others)})"
    return name, False, f"{written} of {_WRITERS} writers of one name were let through: If-None-Match is ignored"


def _refuses_damage(connection: S3Connection, key: str) -> Answer:
    """Bytes that are not those of the digest sent with them: a server that checks says no."""
    name = "refuses damaged bytes"
    field = "ChecksumSHA256" if connection.sends_sha256 else "ContentMD5"
    try:
        _send(connection, key, meant=b"what was meant", arrived=b"what arrived")
    except boto.ClientError as error:
        return name, True, f"a body that does not fit its {field} is refused ({code(error)})"
    return name, False, f"a body that does not fit its {field} is taken: damage on the way is met when it is read back"


def _keeps_checksum(connection: S3Connection, key: str) -> Answer:
    name = "keeps checksums"
    if not connection.sends_sha256:
        return name, None, "not asked for: checksums is when_required"
    _send(connection, key, meant=b"kept", arrived=b"kept")
    found = connection.client.head_object(Bucket=connection.bucket, Key=connection.prefix + key, ChecksumMode="ENABLED")
    if found.get("ChecksumSHA256") == _base64(hashlib.sha256(b"kept").digest()):
        return name, True, "the server tells an object's SHA-256 without its being read"
    return name, False, "the server keeps no SHA-256: only reading an object back shows that it is whole"


def _send(connection: S3Connection, key: str, *, meant: bytes, arrived: bytes) -> None:
    """Put `arrived` with the digest of `meant`, as the store sends its digests."""
    where, put = connection.prefix + key, connection.client.put_object
    if connection.sends_sha256:
        put(Bucket=connection.bucket, Key=where, Body=arrived, ChecksumSHA256=_base64(hashlib.sha256(meant).digest()))
    else:
        md5 = hashlib.md5(meant, usedforsecurity=False).digest()
        put(Bucket=connection.bucket, Key=where, Body=arrived, ContentMD5=_base64(md5))


def _versioning(connection: S3Connection) -> Answer:
    name = "versioning"
    try:
        status = connection.client.get_bucket_versioning(Bucket=connection.bucket).get("Status", "")
    except boto.ClientError as error:
        return name, None, f"not offered ({code(error)})"
    if status == "Enabled":
        return name, True, "an object that is overwritten or deleted by others stays as an older version"
    return name, False, "an object that others overwrite or delete is gone: turn the bucket's versioning on"


def _object_lock(connection: S3Connection, key: str, now: datetime) -> Answer:
    """Whether objects are locked: by what the bucket or we say, and by an attempt to delete one that is."""
    name = "object lock"
    try:
        found = connection.client.get_object_lock_configuration(Bucket=connection.bucket)
    except boto.ClientError as error:
        if code(error) in _UNKNOWN:
            return name, None, f"not offered ({code(error)})"
        reason = "no default retention" if code(error) in _NO_LOCK else code(error)
        return name, False, f"whoever holds these credentials can delete ({reason})"
    try:
        stays = _stays(connection, key, now)
    except boto.ClientError as error:
        return name, False, f"the bucket says that it locks objects, and took none to lock ({code(error)})"
    if not stays:
        return name, False, "the bucket says that it locks objects, and let a locked one be deleted"
    if connection.retention is not None:
        span, mode = f"{connection.retention.span.days} days", connection.retention.mode.upper()
    elif rule := found.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {}):
        span = f"{rule.get('Years', rule.get('Days', 0))} {'years' if 'Years' in rule else 'days'}"
        mode = rule.get("Mode", "")
    else:
        return name, False, "the bucket can lock objects, and locks none by default: set `retention`"
    return name, True, f"nobody can delete an object for {span} ({mode}); one that was locked could not be deleted"


def _stays(connection: S3Connection, key: str, now: datetime) -> bool:
    """Whether an object that is locked for a day outlives an attempt to delete it."""
    where = connection.prefix + key
    written = connection.client.put_object(
        Bucket=connection.bucket,
        Key=where,
        Body=b"locked",
        ContentMD5=_base64(hashlib.md5(b"locked", usedforsecurity=False).digest()),
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=now + _LOCKED_FOR,
    )
    try:
        connection.client.delete_object(Bucket=connection.bucket, Key=where, VersionId=written.get("VersionId", ""))
    except boto.ClientError:
        return True
    return False


def _clock(connection: S3Connection, now: datetime) -> Answer:
    name = "clock"
    headers = connection.client.head_bucket(Bucket=connection.bucket)["ResponseMetadata"]["HTTPHeaders"]
    try:
        skew = (parsedate_to_datetime(headers.get("date", "")).astimezone(UTC) - now).total_seconds()
    except ValueError:
        return name, None, "the server does not tell its time"
    detail = f"the server's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's"
    return name, abs(skew) <= _SKEW_SECONDS, detail


def code(error: boto.ClientError) -> str:
    """The server's word for what was wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _base64(digest: bytes) -> str:
    return b64encode(digest).decode("ascii")
