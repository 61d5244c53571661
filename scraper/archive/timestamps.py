"""Timestamps (RFC 3161): an authority's signed word that a day's root was there at a time, kept beside the root.

Hides the protocol's messages, rfc3161-client, and where tokens and certificates are filed. Nothing is stored that does
not verify. Format in docs/archive-format.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from scraper.archive import roots
from scraper.archive.der import with_sorted_certificates

if TYPE_CHECKING:
    from scraper.archive.store import Store

PREFIX = roots.TIMESTAMPS
TOKEN, CHAIN = "tsr", "pem"
AT_ONCE = 31
"""Days for which an authority is asked in one run: those before them are vouched for through the chain of roots."""

Certificates = tuple[x509.Certificate, ...]

_KEY = re.compile(
    r"timestamps/(?P<day>\d{4}-\d\d-\d\d)/(?P<authority>[a-z0-9-]{1,64})-(?P<digits>[0-9a-f]{16})\.(?P<kind>tsr|pem)"
).fullmatch


_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises for certificates that are none."""


class BadToken(ValueError):
    """A token that vouches for nothing; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a verified token says: when, under which policy and serial number, and by whose certificates (the signer's first)."""

    time: datetime
    policy: str
    serial: int
    certificates: Certificates

    @property
    def signer(self) -> str:
        """The name in the signer's certificate."""
        return self.certificates[0].subject.rfc4514_string()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The name of a kept object: of which day, by which authority, a token (`tsr`) or its certificates (`pem`)."""

    key: str
    day: date
    authority: str
    digits: str
    kind: str

    def intact(self, data: bytes) -> bool:
        """Whether bytes hash to the digest in the name."""
        return _digits(data) == self.digits


def query(data: bytes) -> tuple[bytes, int]:
    """A request for a timestamp of `data`, which asks for the authority's certificates, and the nonce in it."""
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    assert request.nonce is not None
    return request.as_bytes(), request.nonce


def verify(
    token: bytes, data: bytes, *, certificates: Certificates, nonce: int | None = None, policy: str | None = None
) -> Stamp:
    """What an authority's answer says of `data`, where all of it holds; BadToken, saying why, where anything does not.

    Checked are: that it was granted; the digest of `data`; the nonce and the policy, where they are given; the
    signature, at the time it names, by a certificate that is for time-stamping and nothing is missing from whose chain
    to a root. The roots believed are those among `certificates`; where these hold none, the one the token brings.
    """
    answer = _decoded(token)
    own = _own(answer)
    believed = _roots(certificates) or _roots(own)
    if not believed:
        raise BadToken(
            "brings no root certificate: give the authority's own (`trust` of its entry in scraper.toml, or --trust)"
        )
    others = [one for one in certificates if one not in believed]
    expected = x509.ObjectIdentifier(policy) if policy is not None else None
    verifier = VerifierBuilder(policy_id=expected, nonce=nonce, roots=list(believed), intermediates=others).build()
    try:
        verifier.verify_message(answer, data)
    except (VerificationError, *_UNREADABLE) as error:
        raise BadToken(" ".join(str(error).split())) from error
    info = answer.tst_info
    return Stamp(
        time=info.gen_time.astimezone(UTC),
        policy=info.policy.dotted_string,
        serial=info.serial_number,
        certificates=_in_order(answer, (*own, *certificates)),
    )


def is_over(token: bytes, data: bytes) -> bool:
    """Whether a token is over `data`, whatever else may be wrong with it; true also where it cannot be read."""
    try:
        return _decoded(token).tst_info.message_imprint.message == hashlib.sha256(data).digest()
    except ValueError:
        return True


def without_roots(certificates: Certificates) -> Certificates:
    """Those that somebody else vouches for."""
    return tuple(one for one in certificates if one not in _roots(certificates))


def pem(data: bytes) -> Certificates:
    """The certificates of a PEM file; ValueError where it holds none."""
    return tuple(x509.load_pem_x509_certificates(data))


def keep(store: Store, day: date, authority: str, token: bytes, stamp: Stamp) -> str:
    """File a verified token and its certificates beside the day's root, the certificates first; the token's key."""
    chain = spelled(stamp)
    store.put(_key(day, authority, chain, CHAIN), chain)
    key = _key(day, authority, token, TOKEN)
    store.put(key, token)
    return key


def spelled(stamp: Stamp) -> bytes:
    """The certificates of a token as PEM, the signer's first."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in stamp.certificates)


def kept_certificates(store: Store, token: Kept) -> Certificates:
    """The certificates that are kept for a token; damaged ones are passed over."""
    found: list[x509.Certificate] = []
    for one in kept(store, token.day):
        if one.kind == CHAIN and one.authority == token.authority:
            data = store.get(one.key)
            found += pem(data) if one.intact(data) else ()
    return tuple(found)


def kept(store: Store, day: date | None = None) -> Iterator[Kept]:
    """The tokens and certificates that are kept, of one day or of all; what is named otherwise is passed over."""
    for key in store.list(PREFIX if day is None else f"{PREFIX}{day.isoformat()}/"):
        found = named(key)
        if found is not None:
            yield found


def named(key: str) -> Kept | None:
    """What a key names; None where it is no timestamp's."""
    match = _KEY(key)
    try:
        day = date.fromisoformat(match["day"]) if match else None
    except ValueError:
        return None
    if match is None or day is None:
        return None
    return Kept(key=key, day=day, authority=match["authority"], digits=match["digits"], kind=match["kind"])


def pending(store: Store, authority: str) -> list[tuple[date, str]]:
    """The days whose root an authority has yet to vouch for, with the root's key, oldest first.

    These are the days after the last one it did, and of those the newest: each root names the one before it, so that
    a later timestamp vouches for what came earlier.
    """
    last = max((one.day for one in kept(store) if one.authority == authority and one.kind == TOKEN), default=date.min)
    days = [(day, key) for key in store.list(roots.PREFIX) if (day := roots.day_of(key)) is not None and day > last]
    return sorted(days)[-AT_ONCE:]


def _decoded(token: bytes) -> TimeStampResponse:
    try:
        answer = decode_timestamp_response(with_sorted_certificates(token))
        status = PKIStatus(answer.status)
    except (ValueError, IndexError) as error:
        raise BadToken(f"is no timestamp ({' '.join(str(error).split())})") from error
    if status is not PKIStatus.GRANTED:
        said = " ".join(answer.status_string)
        raise BadToken(f"was not granted: {status.name.lower().replace('_', ' ')} {said}".rstrip())
    return answer


def _own(answer: TimeStampResponse) -> Certificates:
    """The certificates that a token brings with it, in an order that is always the same."""
    try:
        return tuple(x509.load_der_x509_certificate(one) for one in sorted(answer.signed_data.certificates))
    except _UNREADABLE as error:
        raise BadToken(f"brings a certificate that cannot be read ({error})") from error


def _roots(certificates: Iterable[x509.Certificate]) -> Certificates:
    return tuple(one for one in certificates if one.issuer == one.subject)


def _in_order(answer: TimeStampResponse, certificates: Iterable[x509.Certificate]) -> Certificates:
    """All certificates once: the signer's, its issuer's and so on to the root, then those that have no part in it."""
    left = list(dict.fromkeys(certificates))
    (signer,) = answer.signed_data.signer_infos
    signed = (signer.issuer, signer.serial_number)
    found: x509.Certificate | None = next(one for one in left if (one.issuer, one.serial_number) == signed)
    chain = []
    while found is not None:
        chain.append(found)
        left.remove(found)
        issuer = found.issuer
        found = next((one for one in left if one.subject == issuer), None)
    return (*chain, *left)


def _key(day: date, authority: str, data: bytes, kind: str) -> str:
    return f"{PREFIX}{day.isoformat()}/{authority}-{_digits(data)}.{kind}"


def _digits(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
