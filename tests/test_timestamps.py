"""Timestamps from a real authority: what is asked, what is believed, what is kept, and what is asked again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper import app
from scraper.archive import timestamps
from scraper.archive.timestamps import BadToken
from scraper.config import Config, init, load
from scraper.demo.clock import SteppedClock
from scraper.errors import ConfigError, Refused, Transient
from scraper.fetch.timestamping import MAX_BYTES, Stamper
from scraper.fetch.useragent import UserAgent
from scraper.jobs.seal import seal
from scraper.jobs.services import Services
from scraper.model import Authority, Network, Report, Verdict
from tests.archive_exchanges import NOON, exchange, request
from tests.fetch_support import AGENT
from tests.timestamp_authority import POLICY, TimestampAuthority, openssl
from tests.web_server import WebServer, moved, page

DAY = timedelta(days=1)
DATA = b"the root of a day\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampAuthority]:
    """An honest authority, as every test leaves it."""
    with TimestampAuthority(tmp_path_factory.mktemp("authority")) as made:
        yield made
        assert (made.query, made.answer, made.down) == (bytes, bytes, False)


class Asked(NamedTuple):
    """A request, its nonce, and an answer to it."""

    query: bytes
    nonce: int
    token: bytes


@pytest.fixture(scope="module")
def asked(authority: TimestampAuthority) -> Asked:
    """A timestamp of `DATA`."""
    query, nonce = timestamps.query(DATA)
    return Asked(query, nonce, authority.signed(query))


def trusted(authority: TimestampAuthority) -> timestamps.Certificates:
    """The authority's root."""
    return timestamps.pem(authority.root.read_bytes())


def test_a_token_that_holds_says_when_and_by_whom(authority: TimestampAuthority, asked: Asked) -> None:
    """Time, policy and signer come out of a token, with the whole chain from the signer to the root."""
    stamp = timestamps.verify(asked.token, DATA, certificates=trusted(authority), nonce=asked.nonce, policy=POLICY)
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(minutes=10)
    assert (stamp.policy, stamp.signer) == (POLICY, "CN=The signer")
    names = [one.subject.rfc4514_string() for one in stamp.certificates]
    assert names == ["CN=The signer", "CN=The between", "CN=A root"]


def test_openssl_verifies_what_we_keep(authority: TimestampAuthority, asked: Asked, tmp_path: Path) -> None:
    """The request asks for certificates, and openssl agrees with the token that came for it."""
    for name, data in (("q", asked.query), ("data", DATA), ("t", asked.token)):
        (tmp_path / name).write_bytes(data)
    assert b"Certificate required: yes" in openssl("ts", "-query", "-in", tmp_path / "q", "-text")
    openssl("ts", "-verify", "-data", tmp_path / "data", "-in", tmp_path / "t", "-CAfile", authority.root)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"data": b"another root\n"}, "messages"),
        ({"nonce": 5}, "[Nn]once"),
        ({"policy": "1.2.3.4.2"}, "[Pp]olicy"),
        ({"certificates": ()}, "brings no root"),
        ({"token": b""}, "no timestamp"),
        ({"token": b"<html>busy</html>"}, "no timestamp"),
        ({"token": b"0\x03\x02\x01"}, "no timestamp"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(
    authority: TimestampAuthority, asked: Asked, changed: dict[str, object], why: str
) -> None:
    """Another digest, nonce or policy than asked for, no root to believe, or no token at all: each is named."""
    arguments = {"token": asked.token, "data": DATA, "certificates": trusted(authority), **changed}
    with pytest.raises(BadToken, match=why):
        timestamps.verify(arguments.pop("token"), arguments.pop("data"), **arguments)  # type: ignore[arg-type]


def test_a_token_by_somebody_else_is_refused(
    authority: TimestampAuthority, asked: Asked, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A token is believed only where its chain ends in the given root, whatever root it brings itself."""
    with TimestampAuthority(tmp_path_factory.mktemp("other"), whole_chain=True) as other:
        with pytest.raises(BadToken, match="certificate"):
            timestamps.verify(asked.token, DATA, certificates=trusted(other))
        token = other.signed(asked.query)
        with pytest.raises(BadToken, match="certificate"):
            timestamps.verify(token, DATA, certificates=trusted(authority))
        assert timestamps.verify(token, DATA, certificates=()).signer == "CN=The signer"


def test_a_certificate_that_is_not_for_timestamps_is_refused(authority: TimestampAuthority, tmp_path: Path) -> None:
    """A signature by a certificate of the same root that was made for something else does not count."""
    files = {name: tmp_path / name for name in ("key", "csr", "pem", "ext")}
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=A web server")
    openssl("req", *made, "-keyout", files["key"], "-out", files["csr"], "-config", authority.directory / "openssl.cnf")
    files["ext"].write_text("extendedKeyUsage=critical,serverAuth\n", encoding="utf-8")
    root = ("-CA", authority.root, "-CAkey", authority.directory / "root.key", "-set_serial", "99", "-days", "9")
    openssl("x509", "-req", "-in", files["csr"], *root, "-extfile", files["ext"], "-out", files["pem"])
    query, nonce = timestamps.query(DATA)
    info = openssl("ts", "-reply", "-in", _written(tmp_path, authority.signed(query)), "-token_out")
    content = tmp_path / "info.der"
    (tmp_path / "token.der").write_bytes(info)
    openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", tmp_path / "token.der", "-out", content)
    signer = ("-signer", files["pem"], "-inkey", files["key"], "-econtent_type", "1.2.840.113549.1.9.16.1.4")
    token = openssl("cms", "-sign", "-in", content, "-binary", "-nodetach", "-outform", "DER", "-cades", *signer)
    forged = _sequence(_sequence(b"\x02\x01\x00") + token)
    with pytest.raises(BadToken, match="certificate"):
        timestamps.verify(forged, DATA, certificates=trusted(authority), nonce=nonce)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_broken_token_never_breaks_us(authority: TimestampAuthority, asked: Asked, data: st.DataObject) -> None:
    """Whatever an authority sends is a token that holds or a BadToken: bytes changed, left out, doubled, or none of ours."""
    at, end = sorted(data.draw(st.tuples(*[st.integers(0, len(asked.token))] * 2)))
    put = data.draw(st.binary(max_size=8) | st.just(asked.token[at:end] * 2))
    token = asked.token[:at] + put + asked.token[data.draw(st.sampled_from((end, at + len(put)))) :]
    try:
        stamp = timestamps.verify(token, DATA, certificates=trusted(authority), nonce=asked.nonce)
    except BadToken:
        return
    assert stamp.signer == "CN=The signer"


def _written(directory: Path, data: bytes) -> Path:
    file = directory / "written.tsr"
    file.write_bytes(data)
    return file


def _sequence(content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 128 else bytes([0x82, length >> 8, length & 255])
    return b"\x30" + size + content


def stamper(agent: UserAgent = AGENT, network: Network | None = None) -> Stamper:
    """What asks authorities."""
    return Stamper(user_agent=agent, network=network or Network(), monotonic=time.monotonic)


def test_what_is_asked_over_http(authority: TimestampAuthority) -> None:
    """A request is posted as RFC 3161 §3.4 has it, under our name, and the answer comes back as it was sent."""
    query, nonce = timestamps.query(DATA)
    token = stamper().ask(authority.url, query)
    assert timestamps.verify(token, DATA, certificates=trusted(authority), nonce=nonce).policy == POLICY


def test_no_answer_is_a_reason_to_ask_later() -> None:
    """Refusals, redirects, answers that are too long, and nobody there: each is Transient and says what came."""
    long = page(b"x" * (MAX_BYTES * 2))
    with WebServer({"/moved": moved("/b"), "/gone": page(status=404), "/long": long}) as web:
        for path, said in (("/moved", "answered 302"), ("/gone", "answered 404"), ("/long", "too-large")):
            with pytest.raises(Transient, match=said):
                stamper().ask(web.url(path), b"q")
        away = web.url("/gone")
    with pytest.raises(Transient, match="connect"):
        stamper().ask(away, b"q")


def test_the_rules_of_every_request_hold() -> None:
    """No private network, no password in the address, no host but this machine without a contact, nothing after the end."""
    with pytest.raises(Refused, match="private network"):
        stamper().ask("http://10.1.2.3/tsa", b"q")
    with pytest.raises(Refused, match="credentials"):
        stamper().ask("http://user:secret@tsa.example/", b"q")
    mapped = Network(resolve=(("tsa.example", "192.0.2.1"),))
    with pytest.raises(ConfigError, match="contact"):
        stamper(UserAgent(product="scraper", contact=""), mapped).ask("http://tsa.example/", b"q")
    stopped = stamper()
    stopped.drain()
    with pytest.raises(Transient, match="stopping"):
        stopped.ask("http://127.0.0.1:9/", b"q")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The shipped configuration on an archive of the test's own, without authorities."""
    init(tmp_path / "config")
    places = {"SCRAPER_STORE": f"file://{tmp_path}/store", "SCRAPER_CATALOGUE": f"sqlite:///{tmp_path}/db.sqlite3"}
    return load(tmp_path / "config", places)


def asking(config: Config, *authorities: Authority) -> Config:
    """A configuration that asks some authorities."""
    return replace(config, settings=replace(config.settings, timestamps=authorities))


def sealed(config: Config, days: int = 1, *, archive: int = 0) -> Report:
    """Archive a record a day for the first `archive` days, and seal what is due after `days` of them."""
    with app.services(config, clock=SteppedClock(NOON + days * DAY + timedelta(hours=1)), processes=0) as services:
        record(services, archive)
        return seal(services, services.config.sources)


def record(services: Services, days: int) -> None:
    """Archive a record a day."""
    one = exchange(request=request(source="kcna"))
    for day in range(days):
        at = NOON + day * DAY
        services.archive.save(one, key="k", verdict=Verdict.ARTICLE, judge="1", config=None, recorded_at=at)


def tokens(config: Config) -> list[tuple[date, str]]:
    """The days and authorities of the tokens kept, each verified against the certificates kept beside it."""
    with app.services(config, processes=0) as services:
        store = services.archive.store
        found = list(timestamps.kept(store))
        for one in found:
            assert one.intact(store.get(one.key))
        chains = {(one.day, one.authority): timestamps.pem(store.get(one.key)) for one in found if one.kind == "pem"}
        for one in found:
            if one.kind == "tsr":
                root = store.get(f"roots/{one.day}.jsonl")
                timestamps.verify(store.get(one.key), root, certificates=chains[one.day, one.authority])
        return [(one.day, one.authority) for one in found if one.kind == "tsr"]


def declared(authority: TimestampAuthority, policy: str | None = None) -> Authority:
    """An authority as the configuration declares it."""
    return Authority(url=authority.url, trust=str(authority.root), policy=policy)


def test_each_root_is_timestamped_once(authority: TimestampAuthority, config: Config) -> None:
    """Sealing has every new root timestamped, keeps token and chain beside it, and asks no second time."""
    config = asking(config, declared(authority, POLICY))
    report = sealed(config, 2, archive=2)
    assert (dict(report.counts)["timestamps"], report.exit_code()) == (2, 0)
    before = authority.asked
    assert dict(sealed(config, 3).counts)["timestamps"] == 0
    assert authority.asked == before
    assert tokens(config) == [(NOON.date() + number * DAY, authority.name) for number in (0, 1)]


def test_an_authority_that_is_down_is_asked_again(authority: TimestampAuthority, config: Config) -> None:
    """The days are sealed all the same, the other authority is asked, and the next run fetches what is pending."""
    other = declared(authority)
    with WebServer({"/": page(status=503)}) as web:
        report = sealed(asking(config, Authority(url=web.url("/")), other), 2, archive=2)
        assert len(web.log) == 1
    assert dict(report.counts) == {"manifests": 2, "roots": 2, "timestamps": 2}
    [pending] = report.findings
    assert (pending.kind, pending.day, report.exit_code()) == ("timestamp-pending", NOON.date(), 5)
    assert "2 days wait" in pending.reason
    assert "503" in pending.reason
    authority.down = True
    assert [one.kind for one in sealed(asking(config, other), 3, archive=3).findings] == ["timestamp-pending"]
    authority.down = False
    again = sealed(asking(config, other), 3)
    assert (dict(again.counts)["timestamps"], again.findings) == (1, ())
    assert len(tokens(config)) == 3


@pytest.mark.parametrize("lie", ["another day", "a replay", "another policy", "damage", "a refusal"])
def test_nothing_is_stored_that_does_not_verify(authority: TimestampAuthority, config: Config, lie: str) -> None:
    """A token over something else, of an earlier request, under another policy, or damaged is refused and stays pending."""
    wanted = declared(authority, "1.2.3.4.2" if lie == "another policy" else None)
    if lie == "another day":
        authority.query = lambda _query: timestamps.query(b"something else")[0]
    if lie == "a replay":
        with app.services(config, clock=SteppedClock(NOON + DAY + timedelta(hours=1)), processes=0) as services:
            record(services, 1)
            seal(services, services.config.sources)
            old, _ = timestamps.query(services.archive.store.get("roots/2026-08-22.jsonl"))
        authority.query = lambda _query: old
    if lie == "damage":
        authority.answer = lambda token: token[:-1] + bytes([token[-1] ^ 1])
    if lie == "a refusal":
        authority.query = lambda query: query.replace(
            bytes.fromhex("0609608648016503040201"), bytes.fromhex("0609608648016503040203")
        )
    report = sealed(asking(config, wanted), archive=1)
    authority.query = authority.answer = bytes
    assert [one.kind for one in report.findings] == ["timestamp-pending"]
    assert dict(report.counts)["timestamps"] == 0
    assert tokens(config) == []
    assert dict(sealed(asking(config, declared(authority))).counts)["timestamps"] == 1


def test_a_long_silence_is_caught_up_with_in_one_run(authority: TimestampAuthority, config: Config) -> None:
    """Of many days that wait only the newest are asked for: the chain of roots leads from them to the others."""
    days = timestamps.AT_ONCE + 3
    assert dict(sealed(config, days, archive=days).counts) == {"manifests": days, "roots": days, "timestamps": 0}
    config = asking(config, declared(authority))
    assert dict(sealed(config, days).counts)["timestamps"] == timestamps.AT_ONCE
    assert tokens(config)[0][0] == NOON.date() + 3 * DAY
    assert dict(sealed(config, days).counts)["timestamps"] == 0


@pytest.mark.parametrize(
    ("table", "key", "why"),
    [
        ('url = "ftp://tsa.example"', "timestamps[0].url", "absolute URL"),
        ('url = "https://me:secret@tsa.example/"', "timestamps[0].url", "password"),
        ('url = "https://tsa.example"\npolicy = "policy"', "timestamps[0].policy", "OID"),
        ('url = "https://tsa.example"\ntrust = "none.pem"', "timestamps[0].trust", "not a file"),
        (
            'url = "https://tsa.example/a"\n[[timestamps]]\nurl = "http://TSA.example/a/"',
            "timestamps[1].url",
            "already",
        ),
        ('policy = "1.2.3"', "timestamps[0].url", "missing"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, table: str, key: str, why: str) -> None:
    """What is wrong with an authority's entry is one line that names file and key."""
    init(tmp_path)
    file = tmp_path / "scraper.toml"
    file.write_text(file.read_text(encoding="utf-8") + f"\n[[timestamps]]\n{table}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, {})
    assert str(file) in str(refused.value)
    assert key in str(refused.value)
    assert why in str(refused.value)
    assert "secret" not in str(refused.value)


def test_an_entry_is_read(tmp_path: Path) -> None:
    """Address, policy and the certificate's place come out of the file; names tell authorities apart."""
    init(tmp_path)
    (tmp_path / "root.pem").write_text("", encoding="utf-8")
    file = tmp_path / "scraper.toml"
    table = '[[timestamps]]\nurl = "https://TSA.example:8443/tsr/1"\npolicy = "1.3.6.1"\ntrust = "root.pem"\n'
    file.write_text(file.read_text(encoding="utf-8") + table, encoding="utf-8")
    [authority] = load(tmp_path, {}).settings.timestamps
    assert authority == Authority(
        url="https://TSA.example:8443/tsr/1", policy="1.3.6.1", trust=str(tmp_path / "root.pem")
    )
    assert authority.name == "tsa-example-8443-tsr-1"
