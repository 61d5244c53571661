"""A timestamp's certificates put into the order that DER wants of a set.

Hides the nesting of an RFC 3161 answer. Several authorities (OpenSSL's among them) send the set as it comes, and
rfc3161-client refuses that. The set is not signed, and its length stays the same, so that nothing else moves.
"""

from __future__ import annotations

Span = tuple[int, int]

_CERTIFICATES = 0xA0  # [0] IMPLICIT in SignedData (RFC 5652 §5.1)
_LONG = 0x80


def with_sorted_certificates(answer: bytes) -> bytes:
    """An answer with its certificates in ascending order; as it is where it holds none. ValueError where it is no DER."""
    whole = _read(answer, 0, len(answer))
    parts = _parts(answer, whole)
    if len(parts) < 2:
        return answer  # refused: a status and no token
    content = _parts(answer, parts[1])[1]
    for start, end in _parts(answer, _parts(answer, content)[0]):
        if answer[start] == _CERTIFICATES:
            first, _ = _content(answer, start, end)
            found = sorted(answer[a:b] for a, b in _parts(answer, (start, end)))
            return answer[:first] + b"".join(found) + answer[end:]
    return answer


def _parts(data: bytes, span: Span) -> list[Span]:
    """The values inside one that is made of others."""
    at, end = _content(data, *span)
    found = []
    while at < end:
        found.append(_read(data, at, end))
        at = found[-1][1]
    return found


def _read(data: bytes, at: int, limit: int) -> Span:
    """The value that begins at a place and must end within a limit."""
    span = at, _content(data, at, limit)[1]
    if span[1] > limit:
        raise ValueError(f"a value at byte {at} is cut off")
    return span


def _content(data: bytes, at: int, limit: int) -> Span:
    """Where the content of the value at a place begins and ends."""
    if at + 2 > limit:
        raise ValueError(f"a value at byte {at} is cut off")
    length, start = data[at + 1], at + 2
    if length & _LONG:
        digits = length & ~_LONG
        start += digits
        length = int.from_bytes(data[at + 2 : start], "big")
    return start, start + length
