"""Configuration: what a good directory makes, and the one line that each kind of bad one is refused with."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from scraper.config import Config, init, load, shipped, with_overrides
from scraper.errors import ConfigError, UsageError
from scraper.model import ChangeKind, Channel

PARSERS = frozenset({"plain", "other"})

SETTINGS = "schema = 1\n"
SOURCE = """\
schema = 1
id = "paper"
name = "The Paper"
parser = "plain"
language = "en"
timezone = "Asia/Pyongyang"
hosts = ["www.paper.example", "paper.example"]
articles = ['^/a/\\d+']
"""


def write(directory: Path, *, settings: str = SETTINGS, **sources: str) -> Path:
    """A configuration directory with these files."""
    (directory / "sources").mkdir(parents=True)
    (directory / "scraper.toml").write_text(settings, encoding="utf-8")
    for name, text in (sources or {"paper": SOURCE}).items():
        (directory / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    return directory


def loaded(directory: Path, environ: dict[str, str] | None = None) -> Config:
    """The configuration in a directory, with the parsers these tests name."""
    return load(directory, environ or {}, parsers=PARSERS)


def refusal(directory: Path, environ: dict[str, str] | None = None) -> str:
    """The message a directory is refused with: always one line."""
    with pytest.raises(ConfigError) as caught:
        loaded(directory, environ)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_smallest_source_takes_the_models_defaults(tmp_path: Path) -> None:
    """A source with the eight necessary keys gets every other value from the model."""
    source = loaded(write(tmp_path / "c")).source("paper")
    assert source.group == "www.paper.example"
    assert source.every == timedelta(minutes=30)
    assert source.politeness.gap == 3.0
    assert source.channel is Channel.DIRECT
    assert source.declaration == SOURCE.encode()
    assert source.digest == hashlib.sha256(SOURCE.encode()).hexdigest()


def test_full_source_is_carried_over(tmp_path: Path) -> None:
    """Every kind of key arrives in the frozen Source in its own type."""
    text = (
        SOURCE
        + """
listings = ['^/list']
titles = '(?i)news'
every = "1h30m"
recheck_every = "6h"
sweep = 30
unconditional = 3
stable_form_fields = ["page_num"]
session = true
per_day = [1, 9]
channel = "import"
discover = [{ url = "http://paper.example/list", follow = ["section", "next-page"] }]
[[backfill]]
kind = "dated"
url = "http://paper.example/?d={date:%Y-%m-%d}"
since = 2020-01-02
until = 2021-01-02
[[backfill]]
kind = "paged"
url = "http://paper.example/list?from={page}&to={next}"
first = 0
step = 10
token = true
page_field = "p"
[politeness]
gap = "2.5s"
max_bytes = "8MiB"
attempts = 2
[network]
proxy = "socks5://127.0.0.1:1080"
verify = false
resolve = { "paper.example" = "127.0.0.1:8000", "www.paper.example:80" = "[::1]:8000" }
"""
    )
    source = loaded(write(tmp_path / "c", paper=text)).source("paper")
    assert source.every == timedelta(minutes=90)
    assert source.recheck_every == timedelta(hours=6)
    assert (source.sweep, source.unconditional) == (30, 3)
    assert (source.listings, source.titles, source.session) == (("^/list",), "(?i)news", True)
    assert (source.per_day, source.channel) == ((1, 9), Channel.IMPORT)
    assert source.discover[0].follow == ("section", "next-page")
    assert (source.backfill[0].since, source.backfill[0].until) == (date(2020, 1, 2), date(2021, 1, 2))
    assert (source.backfill[1].first, source.backfill[1].step, source.backfill[1].token) == (0, 10, True)
    assert source.backfill[1].page_field == "p"
    assert (source.politeness.gap, source.politeness.max_bytes, source.politeness.attempts) == (2.5, 8 * 2**20, 2)
    assert source.network.proxy == "socks5://127.0.0.1:1080"
    assert not source.network.verify
    assert source.network.resolve == (("paper.example", "127.0.0.1:8000"), ("www.paper.example:80", "[::1]:8000"))


BAD_SOURCES = {
    "post-without-page": (
        SOURCE + 'backfill = [{ kind = "post", url = "http://paper.example/{page}", form = { q = "" } }]\n',
        "backfill[0].form:",
        "needs {page}",
        "add it",
    ),
    "form-of-another-kind": (
        SOURCE + 'backfill = [{ kind = "sitemap", url = "http://paper.example/", form = { q = "" } }]\n',
        "backfill[0].form:",
        "only kind 'post'",
        "drop the form",
    ),
    "form-with-an-unknown-word": (
        SOURCE
        + 'backfill = [{ kind = "post", url = "http://paper.example/", form = { p = "{page}", q = "{day}" } }]\n',
        "backfill[0].form.q:",
        "cannot be filled in",
        "{since:…}",
    ),
    "days-without-a-date": (
        SOURCE + 'discover = [{ url = "http://paper.example/", days_ago = [1] }]\n',
        "discover[0].days_ago:",
        "{date:%Y-%m-%d}",
        "both or neither",
    ),
    "date-without-days": (
        SOURCE + 'discover = [{ url = "http://paper.example/{date:%Y}" }]\n',
        "discover[0].days_ago:",
        "{date:%Y-%m-%d}",
        "both or neither",
    ),
    "opening-elsewhere": (
        SOURCE + 'opening = { path = "http://paper.example/", before = "." }\n',
        "opening.path:",
        "'http://paper.example/'",
        "",
    ),
    "malformed": (SOURCE + "every = \n", "paper.toml: malformed TOML", "(at line 9,", "mend"),
    "wrong-type": (SOURCE + 'session = "yes"\n', "paper.toml: session:", "valid boolean, not 'yes'", ""),
    "number-for-duration": (SOURCE + "every = 30\n", "paper.toml: every:", "not 30", '"30m"'),
    "duration-without-unit": (SOURCE + 'every = "30"\n', "paper.toml: every:", "not '30'", '"30m"'),
    "no-interval": (SOURCE + 'every = "0s"\n', "paper.toml: every:", "longer than nothing", '"30m"'),
    "unknown-key": (SOURCE + 'tittles = "x"\n', "paper.toml: tittles:", "unknown key", "did you mean 'titles'?"),
    "unknown-key-below": (SOURCE + '[politeness]\ngapp = "3s"\n', "politeness.gapp:", "unknown key", "'gap'"),
    "unknown-key-in-list": (
        SOURCE + 'discover = [{ url = "http://paper.example/", folow = [] }]\n',
        "discover[0].folow:",
        "unknown key",
        "'follow'",
    ),
    "missing-key": (SOURCE.replace('name = "The Paper"\n', ""), "paper.toml: name:", "missing", "add `name"),
    "empty-name": (SOURCE.replace("The Paper", ""), "paper.toml: name:", "at least 1", "''"),
    "no-hosts": (SOURCE.replace('"www.paper.example", "paper.example"', ""), "paper.toml: hosts:", "at least 1", ""),
    "bad-pattern": (SOURCE.replace("^/a/\\d+", "^/a/(\\d+"), "paper.toml: articles[0]:", "not a regular", "mend"),
    "bad-zone": (SOURCE.replace("Pyongyang", "Pyong"), "paper.toml: timezone:", "'Asia/Pyong'", "Asia/Pyongyang"),
    "zone-outside": (SOURCE.replace("Asia/Pyongyang", "../etc"), "paper.toml: timezone:", "not an IANA", "write"),
    "unknown-parser": (SOURCE.replace('"plain"', '"plan"'), "paper.toml: parser:", "'plan'", "other, plain"),
    "unknown-channel": (SOURCE + 'channel = "fax"\n', "paper.toml: channel:", "'fax'", "direct, proxy"),
    "no-schema": (SOURCE.replace("schema = 1\n", ""), "paper.toml: schema:", "missing", "add `schema = 1`"),
    "later-schema": (SOURCE.replace("schema = 1", "schema = 2"), "paper.toml: schema:", "2", "upgrade"),
    "host-with-scheme": (SOURCE.replace('"paper.ex', '"http://paper.ex'), "hosts[1]:", "not a host", "without scheme"),
    "host-in-capitals": (SOURCE.replace('"paper.ex', '"Paper.ex'), "hosts[1]:", "not a host", "lower case"),
    "id-unlike-file": (SOURCE.replace('"paper"', '"papers"'), "paper.toml: id:", "'papers'", "rename"),
    "id-unsafe": (SOURCE.replace('"paper"', '"Pa/per"'), "paper.toml: id:", "'Pa/per'", "choose"),
    "id-reserved": (SOURCE.replace('"paper"', '"adhoc"'), "paper.toml: id:", "'adhoc'", "choose"),
    "day-range": (SOURCE + "per_day = [9, 1]\n", "paper.toml: per_day:", "wrong way", "[least, most]"),
    "day-range-short": (SOURCE + "per_day = [9]\n", "paper.toml: per_day:", "at least 2", "[9]"),
    "out-of-scope": (
        SOURCE + 'discover = [{ url = "http://elsewhere.example/" }]\n',
        "discover[0].url:",
        "elsewhere.example is not among `hosts`",
        "add",
    ),
    "relative-url": (SOURCE + 'discover = [{ url = "/list" }]\n', "discover[0].url:", "not an absolute", "http://"),
    "unknown-kind": (
        SOURCE + 'backfill = [{ kind = "daily", url = "http://paper.example/" }]\n',
        "backfill[0].kind:",
        "'dated'",
        "not 'daily'",
    ),
    "undated": (
        SOURCE + 'backfill = [{ kind = "dated", url = "http://paper.example/" }]\n',
        "backfill[0].url:",
        "{date:%Y-%m-%d}",
        "add it",
    ),
    "unpaged": (
        SOURCE + 'backfill = [{ kind = "paged", url = "http://paper.example/" }]\n',
        "backfill[0].url:",
        "{page}",
        "add it",
    ),
    "strange-placeholder": (
        SOURCE + 'backfill = [{ kind = "paged", url = "http://paper.example/{page}/{lang}" }]\n',
        "backfill[0].url:",
        "lang",
        "{next}",
    ),
    "backwards": (
        SOURCE
        + 'backfill = [{ kind = "sitemap", url = "http://paper.example/", since = 2021-01-01, until = 2020-01-01 }]\n',
        "backfill[0]: since:",
        "after until",
        "swap",
    ),
    "bad-proxy": (SOURCE + '[network]\nproxy = "ftp://h:1"\n', "network.proxy:", "not a proxy", "socks5://"),
    "proxy-password": (
        SOURCE + '[network]\nproxy = "http://me:pw@h:1"\n',
        "network.proxy:",
        "password",
        "SCRAPER_PROXY_PAPER",
    ),
    "bad-address": (
        SOURCE + '[network.resolve]\n"paper.example" = "nowhere"\n',
        "network.resolve:",
        "'nowhere' is not an address",
        "127.0.0.1",
    ),
    "no-ca-file": (SOURCE + '[network]\nca_file = "my.pem"\n', "network.ca_file:", "not a file", "relative to"),
    "zero-attempts": (SOURCE + "[politeness]\nattempts = 0\n", "politeness.attempts:", "greater", "not 0"),
    "bad-size": (SOURCE + '[politeness]\nmax_bytes = "lots"\n', "politeness.max_bytes:", "'lots'", "16MiB"),
}


@pytest.mark.parametrize("case", BAD_SOURCES)
def test_bad_source_is_refused_in_one_line(tmp_path: Path, case: str) -> None:
    """Each bad source declaration is refused naming file, key, what is wrong and the remedy."""
    text, *parts = BAD_SOURCES[case]
    message = refusal(write(tmp_path / "c", paper=text))
    assert "paper.toml" in message
    for part in parts:
        assert part in message
    assert "pw" not in message


BAD_SETTINGS = {
    "malformed": ("schema = 1\nstore = [\n", "scraper.toml: malformed TOML", "line"),
    "twice": ('schema = 1\nstore = "file:///a"\nstore = "file:///b"\n', "malformed TOML", "line 3"),
    "wrong-type": ('schema = 1\nworkers = "4"\n', "scraper.toml: workers:", "not '4'"),
    "bool-for-number": ("schema = 1\nworkers = true\n", "scraper.toml: workers:", "not True"),
    "unknown-key": ('schema = 1\nstroe = "x"\n', "scraper.toml: stroe:", "'store'"),
    "secret": ('schema = 1\n[s3]\nsecret_key = "x"\n', "s3.secret_key:", "SCRAPER_S3_SECRET_KEY"),
    "contact": ('schema = 1\ncontact = "me"\n', "scraper.toml: contact:", "e-mail"),
    "contact-injection": ('schema = 1\ncontact = "a@b.c\\r\\nX: y"\n', "scraper.toml: contact:", "e-mail"),
    "product": ('schema = 1\nproduct = "my scraper"\n', "scraper.toml: product:", "without spaces"),
    "notify-kind": (
        'schema = 1\n[[notify]]\nname = "desk"\nkinds = ["edit"]\n',
        "scraper.toml: notify[0].kinds",
        "'edit' is no kind of change; choose of edited",
    ),
    "notify-name": ('schema = 1\n[[notify]]\nname = "My desk"\n', "notify[0].name", "a-z, 0-9 and -"),
    "notify-address": ('schema = 1\n[[notify]]\nname = "a"\nurl = "ntfy://x"\n', "notify[0].url"),
    "notify-twice": ('schema = 1\n[[notify]]\nname = "a"\n[[notify]]\nname = "a"\n', "notify[1].name", "another name"),
    "notify-source": (
        'schema = 1\n[[notify]]\nname = "a"\nsources = ["pape"]\n',
        "notify[0].sources: 'pape' is not declared; known are paper",
    ),
    "store": ('schema = 1\nstore = "ftp://x"\n', "scraper.toml: store:", "s3://bucket"),
    "catalogue": ('schema = 1\ncatalogue = "mysql://x"\n', "scraper.toml: catalogue:", "sqlite:///"),
    "catalogue-password": (
        'schema = 1\ncatalogue = "postgresql://me:pw@h/d"\n',
        "scraper.toml: catalogue:",
        "SCRAPER_CATALOGUE",
    ),
    "health": ('schema = 1\nhealth = "8080"\n', "scraper.toml: health:", "127.0.0.1:8080"),
    "health-port": ('schema = 1\nhealth = "127.0.0.1:99999"\n', "scraper.toml: health:", "not an address"),
    "checksums": ('schema = 1\n[s3]\nchecksums = "never"\n', "s3.checksums:", "when_required"),
    "log": ('schema = 1\nlog_format = "xml"\n', "scraper.toml: log_format:", "'json'"),
    "table-for-scalar": ("schema = 1\n[store]\n", "scraper.toml: store:", "not {}"),
}


@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_bad_settings_are_refused_in_one_line(tmp_path: Path, case: str) -> None:
    """Each bad scraper.toml is refused naming file, key, what is wrong and the remedy."""
    text, *parts = BAD_SETTINGS[case]
    message = refusal(write(tmp_path / "c", settings=text))
    for part in parts:
        assert part in message


def test_several_errors_are_counted(tmp_path: Path) -> None:
    """A file with three errors tells the first and that there are two more."""
    message = refusal(write(tmp_path / "c", settings='schema = 1\nworkers = "x"\nstroe = 1\nlog_format = "y"\n'))
    assert message.endswith("(and 2 more)")


def test_id_in_two_files_is_refused(tmp_path: Path) -> None:
    """Two files that declare one id are refused, both named."""
    message = refusal(write(tmp_path / "c", a=SOURCE, paper=SOURCE))
    assert "paper.toml: id: 'paper' is declared in" in message
    assert "a.toml" in message


def test_host_in_two_sources_is_refused(tmp_path: Path) -> None:
    """A host that two sources claim is refused, both files named."""
    other = SOURCE.replace('id = "paper"', 'id = "other"').replace('"www.paper.example", ', "")
    message = refusal(write(tmp_path / "c", other=other, paper=SOURCE))
    assert "paper.toml: hosts: paper.example belongs to" in message
    assert "other.toml" in message


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    """A file in another encoding is refused with the line of the first such byte."""
    directory = write(tmp_path / "c")
    (directory / "sources" / "paper.toml").write_bytes(b'schema = 1\nname = "\xff"\n')
    assert "paper.toml: not UTF-8 (at line 2)" in refusal(directory)


def test_directory_that_is_not_there(tmp_path: Path) -> None:
    """A missing directory, scraper.toml or sources/ each say how to get one."""
    assert "no such directory; `scraper init" in refusal(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert "scraper.toml: missing; `scraper init" in refusal(tmp_path / "empty")
    (tmp_path / "empty" / "scraper.toml").write_text(SETTINGS, encoding="utf-8")
    assert "no source is declared; `scraper init" in refusal(tmp_path / "empty")


def test_unreadable_file_is_refused(tmp_path: Path) -> None:
    """A scraper.toml that cannot be read as a file is refused with the reason."""
    directory = write(tmp_path / "c")
    (directory / "scraper.toml").unlink()
    (directory / "scraper.toml").mkdir()
    assert "cannot be read" in refusal(directory)


def test_unknown_source_names_the_known(tmp_path: Path) -> None:
    """Asking for a source that is not declared lists those that are."""
    with pytest.raises(ConfigError) as caught:
        loaded(write(tmp_path / "c")).source("papper")
    assert str(caught.value) == "unknown source 'papper': known are paper; see `scraper sources`"


def test_owner_is_the_source_of_the_host(tmp_path: Path) -> None:
    """A URL belongs to the source that declares its host, whatever scheme, port and case; else to none."""
    config = loaded(write(tmp_path / "c"))
    owner = config.owner("https://WWW.paper.example:8443/a/1")
    assert owner is not None
    assert owner.id == "paper"
    assert config.owner("http://sub.paper.example/") is None


def test_environment_overrides_every_scalar(tmp_path: Path) -> None:
    """SCRAPER_<KEY> beats the file, in the key's own type; an empty variable counts as not set."""
    directory = write(tmp_path / "c", settings='schema = 1\nworkers = 2\ncontact = "a@b.example"\n[s3]\nregion = "x"\n')
    environ = {
        "SCRAPER_WORKERS": "9",
        "SCRAPER_CONTACT": "",
        "SCRAPER_HEALTH": "off",
        "SCRAPER_STORE": "s3://bucket/p",
        "SCRAPER_CATALOGUE": "postgresql://me:pw@h/d",
        "SCRAPER_S3_ENDPOINT": "http://127.0.0.1:8333",
        "SCRAPER_S3_PATH_STYLE": "false",
        "SCRAPER_NETWORK_PROXY": "http://me:pw@127.0.0.1:3128",
    }
    settings = loaded(directory, environ).settings
    assert (settings.workers, settings.contact, settings.health) == (9, "a@b.example", "")
    assert (settings.store, settings.catalogue) == ("s3://bucket/p", "postgresql://me:pw@h/d")
    assert (settings.s3.endpoint, settings.s3.path_style, settings.s3.region) == ("http://127.0.0.1:8333", False, "x")
    assert settings.network.proxy == "http://me:pw@127.0.0.1:3128"


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("SCRAPER_WORKERS", "many", "SCRAPER_WORKERS: should be a valid integer, not 'many'"),
        ("SCRAPER_S3_PATH_STYLE", "maybe", "SCRAPER_S3_PATH_STYLE: should be a valid boolean"),
        ("SCRAPER_STORE", "nowhere", "SCRAPER_STORE: 'nowhere' is not a store"),
        ("SCRAPER_STROE", "file:///x", "SCRAPER_STROE: unknown variable (did you mean SCRAPER_STORE?)"),
        ("SCRAPER_S3_ACCESS_KEY", "x", "SCRAPER_S3_SECRET_KEY: missing beside its other half"),
        ("SCRAPER_PROXY_PAPER", "gopher://x", "SCRAPER_PROXY_PAPER: 'gopher://x' is not a proxy"),
    ],
)
def test_bad_variable_is_refused_by_its_name(tmp_path: Path, name: str, value: str, part: str) -> None:
    """A bad value in the environment is refused naming the variable, not the file."""
    message = refusal(write(tmp_path / "c"), {name: value})
    assert message.startswith(f"environment: {part}")


def test_addresses_of_those_who_are_told_come_from_the_environment(tmp_path: Path) -> None:
    """One or several with spaces between; none is no error until somebody is to be told."""
    declared = 'schema = 1\n[[notify]]\nname = "night-desk"\nkinds = ["edited"]\nmin_words = 3\n'
    (without,) = loaded(write(tmp_path / "c", settings=declared)).settings.notify
    environ = {"SCRAPER_NOTIFY_NIGHT_DESK": "ntfys://secret-topic  json://127.0.0.1"}
    (target,) = loaded(write(tmp_path / "d", settings=declared), environ).settings.notify
    assert without.addresses == ()
    assert (target.name, target.kinds, target.min_words) == ("night-desk", (ChangeKind.EDITED,), 3)
    assert target.addresses == ("ntfys://secret-topic", "json://127.0.0.1")
    assert "secret" not in repr(target)


def test_foreign_variables_are_let_be(tmp_path: Path) -> None:
    """What an orchestrator injects for a service called scraper is no error."""
    environ = {"SCRAPER_SERVICE_HOST": "10.0.0.1", "SCRAPER_PORT": "tcp://10.0.0.1:80", "SCRAPER_PORT_80_TCP": "x"}
    assert loaded(write(tmp_path / "c"), environ).settings.workers == 4


def test_secrets_come_from_the_environment_and_are_not_shown(tmp_path: Path) -> None:
    """Our names beat Amazon's, and neither key is in the representation of the settings."""
    directory = write(tmp_path / "c")
    amazon = {"AWS_ACCESS_KEY_ID": "aws-id", "AWS_SECRET_ACCESS_KEY": "aws-secret"}
    ours = {"SCRAPER_S3_ACCESS_KEY": "our-id", "SCRAPER_S3_SECRET_KEY": "our-secret"}
    assert loaded(directory).settings.s3.access_key is None
    assert loaded(directory, amazon).settings.s3.secret_key == "aws-secret"
    settings = loaded(directory, amazon | ours).settings
    assert (settings.s3.access_key, settings.s3.secret_key) == ("our-id", "our-secret")
    assert "our-id" not in repr(settings)
    assert "our-secret" not in repr(settings)


def test_network_is_inherited_and_may_be_refused(tmp_path: Path) -> None:
    """A source takes scraper.toml's network, lays its own over it, and can say no to a proxy or CA file."""
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "ca.pem").write_text("x", encoding="utf-8")
    settings = (
        'schema = 1\n[network]\nproxy = "http://127.0.0.1:1"\nca_file = "ca.pem"\n'
        'resolve = { "a.example" = "127.0.0.1", "paper.example" = "127.0.0.2" }\n'
    )
    own = '[network]\nproxy = ""\nca_file = ""\nresolve = { "paper.example" = "127.0.0.3" }\n'
    plain = SOURCE.replace('id = "paper"', 'id = "plain"').replace("paper.example", "plain.example")
    (tmp_path / "c").rename(tmp_path / "d")
    directory = write(tmp_path / "c", settings=settings, paper=SOURCE + own, plain=plain)
    (tmp_path / "d" / "ca.pem").rename(directory / "ca.pem")
    config = loaded(directory)
    inherited, refused = config.source("plain").network, config.source("paper").network
    assert inherited.proxy == "http://127.0.0.1:1"
    assert inherited.ca_file == str((directory / "ca.pem").resolve())
    assert refused.proxy is None
    assert refused.ca_file is None
    assert dict(refused.resolve) == {"a.example": "127.0.0.1", "paper.example": "127.0.0.3"}


def test_proxy_of_one_source_from_the_environment(tmp_path: Path) -> None:
    """SCRAPER_PROXY_<ID> sets one source's proxy, password and all, and leaves the defaults alone."""
    config = loaded(write(tmp_path / "c"), {"SCRAPER_PROXY_PAPER": "socks5://me:pw@127.0.0.1:1080"})
    assert config.source("paper").network.proxy == "socks5://me:pw@127.0.0.1:1080"
    assert config.settings.network.proxy is None


def test_relative_store_is_made_absolute(tmp_path: Path) -> None:
    """A relative file store is found again from wherever a later command reads the settings."""
    config = loaded(write(tmp_path / "c", settings='schema = 1\nstore = "file://./here/store"\n'))
    assert config.settings.store == (Path.cwd() / "here" / "store").as_uri()


def test_resolve_of_the_command_line_comes_first(tmp_path: Path) -> None:
    """--resolve and --proxy change every source and the defaults, and an empty proxy means none."""
    text = SOURCE + '[network]\nproxy = "http://127.0.0.1:1"\nresolve = { "paper.example" = "127.0.0.3" }\n'
    config = loaded(write(tmp_path / "c", paper=text))
    changed = with_overrides(config, resolve=["Paper.example=127.0.0.1:8000", "x.example:80=[::1]:81"], proxy="")
    expected = (("paper.example", "127.0.0.1:8000"), ("x.example:80", "[::1]:81"))
    assert changed.source("paper").network.resolve == expected
    assert changed.settings.network.resolve == expected
    assert changed.source("paper").network.proxy is None
    assert with_overrides(config).source("paper").network == config.source("paper").network
    assert with_overrides(config, proxy="socks5://127.0.0.1:9").settings.network.proxy == "socks5://127.0.0.1:9"


@pytest.mark.parametrize(
    "text", ["paper.example", "paper.example=", "=1.2.3.4", "a=b", "a:x=1.2.3.4", "a=1.2.3.4:99999"]
)
def test_bad_resolve_argument_is_refused(tmp_path: Path, text: str) -> None:
    """A --resolve that cannot be read is refused, shown as it was typed."""
    with pytest.raises(UsageError) as caught:
        with_overrides(loaded(write(tmp_path / "c")), resolve=[text])
    assert repr(text) in str(caught.value)


def test_bad_proxy_argument_hides_its_password(tmp_path: Path) -> None:
    """A --proxy that cannot be read is refused without repeating what may be a secret."""
    with pytest.raises(UsageError) as caught:
        with_overrides(loaded(write(tmp_path / "c")), proxy="ftp://me:pw@host")
    assert "pw" not in str(caught.value)


def test_init_writes_what_loads_and_never_overwrites(tmp_path: Path) -> None:
    """`scraper init DIR` copies the shipped files, which load from there; a second time it refuses."""
    target = tmp_path / "new" / "config"
    written = init(target)
    assert {path.name for path in written} >= {"scraper.toml", "kcna.toml", "rodong.toml"}
    assert [source.id for source in load(target, {}).sources] == [source.id for source in load(shipped(), {}).sources]
    with pytest.raises(UsageError, match="is there already and is not overwritten"):
        init(target)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        init(tmp_path / "file")
