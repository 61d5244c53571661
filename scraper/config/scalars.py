"""The single values of the configuration files: durations, sizes, patterns, hosts, addresses.

Hides how each is written and checked. Every refusal is a ValueError that says what is wanted and shows what was given;
the caller adds file and key.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

from scraper.model import ChangeKind, Channel
from scraper.policy.rhythm import WEEKDAYS

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_RETENTION = re.compile(r"([1-9]\d{0,3})([dy])")
_SIZE = re.compile(r"(\d+) ?(KiB|MiB|GiB)")
_SIZES = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_HOURS = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")
_MONTH_DAY = re.compile(r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*")
_LISTEN = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}")
_CONTACT = re.compile(r"(?:mailto:)?[^\s@()<>]+@[^\s@()<>]+|https?://[^\s()<>]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OID = re.compile(r"[012](?:\.(?:0|[1-9]\d*))+")
_ID = re.compile(r"[a-z0-9-]{1,32}")
_DATE_GROUPS = {"year", "month", "day"}
_PROXY_SCHEMES = ("http", "https", "socks5")
_MAX_PORT = 65535


def seconds(value: object) -> float:
    """Seconds of a duration: one or more numbers with a unit (`ms`, `s`, `m`, `h`, `d`), such as "1h30m"."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise ValueError(f'should be a duration such as "3s", "30m" or "6h", not {value!r}')
    return sum(float(number) * _UNITS[unit] for number, unit in _DURATION_PART.findall(value))


def duration(value: object) -> timedelta:
    """As `seconds`, for an interval of the schedule: it may not be nothing."""
    interval = timedelta(seconds=seconds(value))
    if not interval:
        raise ValueError(f'should be longer than nothing, for example "30m", not {value!r}')
    return interval


def retention(value: object) -> timedelta:
    """How long objects stay locked: whole days or years ("90d", "10y"). A year is 366 days, so that none is too short."""
    found = _RETENTION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'should be whole days or years, such as "90d" or "10y", not {value!r}')
    return timedelta(days=int(found[1]) * (366 if found[2] == "y" else 1))


def size(value: object) -> int:
    """Bytes: a whole number, or one with a binary unit, such as "16MiB"."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[1].strip("0") == "":
        raise ValueError(f'should be a number of bytes or a size such as "16MiB", not {value!r}')
    return int(match[1]) * _SIZES[match[2]]


def budget(value: object) -> int:
    """As `size`, or 0 for no limit."""
    return 0 if value == 0 and not isinstance(value, bool) else size(value)


def hours(value: str) -> str:
    """Hours of a day, `HH:MM-HH:MM` on the outlet's clock; they may go over midnight."""
    match = _HOURS.fullmatch(value)
    if match is None or match[1] == match[2]:
        raise ValueError(f'should be hours of the day such as "01:00-05:00", from one time to another, not {value!r}')
    return value


def day_off(value: str) -> str:
    """A day on which an outlet publishes nothing: a weekday's English name, or `MM-DD` of every year."""
    if value not in WEEKDAYS and not _MONTH_DAY.fullmatch(value):
        raise ValueError(f'should be a weekday such as "sunday" or a day such as "12-31", not {value!r}')
    return value


def pattern(value: str) -> str:
    """A regular expression of Python's `re`."""
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}; mend the pattern") from error
    return value


def date_pattern(value: str) -> str:
    """As `pattern`: what it finds is read as a date, or its groups `year`, `month` and `day` are, all three of them."""
    groups = set(re.compile(pattern(value)).groupindex) & _DATE_GROUPS
    if groups and groups != _DATE_GROUPS:
        raise ValueError(f"{value!r} names only {', '.join(sorted(groups))}; name year, month and day, or none of them")
    return value


def zone(value: str) -> str:
    """The name of a time zone in the IANA data base."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'{value!r} is not an IANA time zone; write one such as "Asia/Pyongyang"') from error
    return value


def source_id(value: str) -> str:
    """An id that is safe in a storage key (docs/design.md, Keys)."""
    if not _ID.fullmatch(value) or value in ("adhoc", "web-archives"):
        known = "'adhoc' and 'web-archives'"
        raise ValueError(f"{value!r} cannot be used; choose 1 to 32 of a-z, 0-9 and -, and not the reserved {known}")
    return value


def hostname(value: str) -> str:
    """A lower-case host name or address, without scheme and port."""
    if not _HOST.fullmatch(value) and not _address(value):
        raise ValueError(f'{value!r} is not a host; write it in lower case without scheme and port ("www.kcna.kp")')
    return value


def web_url(value: str) -> str:
    """An absolute http(s) URL."""
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
        raise ValueError(f"{value!r} is not an absolute URL; write it with http:// or https:// and the host")
    return value


def proxy_url(value: str) -> str:
    """An http, https or socks5 proxy, or empty for none."""
    parts = urlsplit(value)
    if value and (parts.scheme not in _PROXY_SCHEMES or not parts.hostname or not _port_fits(value)):
        shown = f"{parts.scheme}://{parts.hostname}"
        raise ValueError(f'{shown!r} is not a proxy; write it as "socks5://127.0.0.1:1080" (or http, https)')
    return value


def resolve_entry(host: str, address: str) -> tuple[str, str]:
    """One mapping of `host` or `host:port` to `address` or `address:port`, as curl's --resolve and --connect-to.

    The address is an IP address (an IPv6 one with a port in brackets): what the operator names is what is connected
    to, with no further look-up.
    """
    name, _, port = host.partition(":")
    if not _HOST.fullmatch(name) or (":" in host and not _is_port(port)):
        raise ValueError(f'{host!r} is not a host; write it as "www.kcna.kp" or "www.kcna.kp:80"')
    plain, _, port = address.rpartition(":")
    with_port = _is_port(port) and (_address(plain) if "." in plain else plain.startswith("["))
    if not _address(address) and not (with_port and _address(plain.strip("[]"))):
        raise ValueError(f'{address!r} is not an address; write it as "127.0.0.1", "127.0.0.1:8000" or "[::1]:8000"')
    return host, address


def resolve_table(value: dict[str, str]) -> dict[str, str]:
    """A table of such mappings."""
    return dict(resolve_entry(host, address) for host, address in value.items())


def listen(value: str) -> str:
    """`address:port` to listen on; empty or `off` for not at all."""
    if value in {"", "off"}:
        return ""
    if not _LISTEN.fullmatch(value) or not _is_port(value.rpartition(":")[2]):
        raise ValueError(f'{value!r} is not an address to listen on; write it as "127.0.0.1:8080", or "off"')
    return value


def contact(value: str) -> str:
    """An e-mail address or a URL under which the operator is reached; empty is the placeholder."""
    if value and not _CONTACT.fullmatch(value):
        raise ValueError(f"{value!r} is neither an e-mail address nor a URL; give one that reaches you")
    return value


def product(value: str) -> str:
    """A product token of RFC 9110 §5.6.2, the first word of the User-Agent."""
    if not _TOKEN.fullmatch(value):
        raise ValueError(f"{value!r} is not a product name; use letters, digits and -._ without spaces")
    return value


def channel(value: object) -> Channel:
    """One of the channels of `model.Channel`."""
    known = [each.value for each in Channel]
    if value not in known:
        raise ValueError(f"unknown channel {value!r}; choose one of {', '.join(known)}")
    return Channel(value)


def store_url(value: str) -> str:
    """The address of a store: `file://`, `s3://` or `memory://`."""
    if urlsplit(value).scheme not in {"file", "s3", "memory"} or "://" not in value:
        raise ValueError(f'{value!r} is not a store; write "file:///data/store" or "s3://bucket/prefix"')
    return value


def catalogue_url(value: str) -> str:
    """The address of a database, as SQLAlchemy writes it."""
    if value.partition(":")[0].partition("+")[0] not in {"sqlite", "postgresql"} or "://" not in value:
        shown = value.partition("://")[0]
        raise ValueError(
            f'{shown!r} is not a known kind of database; write "sqlite:///file.sqlite3" or "postgresql://host/name"'
        )
    return value


def policy(value: str) -> str:
    """An object identifier in dotted form, the name of a time-stamping policy."""
    if not _OID.fullmatch(value):
        raise ValueError(f'{value!r} is not a policy; write its OID, such as "1.3.6.1.4.1.99999.1"')
    return value


def target_name(value: str) -> str:
    """What one who is told of changes is called: a variable of the environment is named by it."""
    if not _ID.fullmatch(value):
        raise ValueError(f"{value!r} cannot be used; choose 1 to 32 of a-z, 0-9 and -")
    return value


def kind_name(value: str) -> str:
    """A kind of change."""
    known = [kind.value for kind in ChangeKind]
    if value not in known:
        raise ValueError(f"{value!r} is no kind of change; choose of {', '.join(known)}")
    return value


def _address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= _MAX_PORT


def _port_fits(url: str) -> bool:
    try:
        urlsplit(url).port  # noqa: B018 - the property raises where the port is no number
    except ValueError:
        return False
    return True


Seconds = Annotated[float, BeforeValidator(seconds)]
Interval = Annotated[timedelta, BeforeValidator(duration)]
Retention = Annotated[timedelta, BeforeValidator(retention)]
Size = Annotated[int, BeforeValidator(size)]
Budget = Annotated[int, BeforeValidator(budget)]
Hours = Annotated[str, AfterValidator(hours)]
DayOff = Annotated[str, AfterValidator(day_off)]
Pattern = Annotated[str, AfterValidator(pattern)]
DatePattern = Annotated[str, AfterValidator(date_pattern)]
Zone = Annotated[str, AfterValidator(zone)]
TargetName = Annotated[str, AfterValidator(target_name)]
KindName = Annotated[str, AfterValidator(kind_name)]
SourceId = Annotated[str, AfterValidator(source_id)]
Host = Annotated[str, AfterValidator(hostname)]
WebUrl = Annotated[str, AfterValidator(web_url)]
Policy = Annotated[str, AfterValidator(policy)]
ProxyUrl = Annotated[str, AfterValidator(proxy_url)]
ResolveTable = Annotated[dict[str, str], AfterValidator(resolve_table)]
Listen = Annotated[str, AfterValidator(listen)]
Contact = Annotated[str, AfterValidator(contact)]
Product = Annotated[str, AfterValidator(product)]
ChannelName = Annotated[Channel, BeforeValidator(channel)]
StoreUrl = Annotated[str, AfterValidator(store_url)]
CatalogueUrl = Annotated[str, AfterValidator(catalogue_url)]
