"""The saved pages of the real outlets, served on loopback under their own hosts and paths, and the commands run over them.

    python -m tests.real_pages [DIRECTORY]        (or: make real-input)

prints that run for a person. What is not saved is answered with 503, robots.txt with 404: none of them was saved, and a
503 there would forbid everything (RFC 9309 §2.3.1.4). The declarations are the shipped ones, written by `scraper init`;
of them the politeness gap alone is replaced, because the servers are our own, and where `attempts` is given the tries.
"""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import trustme

from tests.web_server import Answer, Asked, WebServer, head, status

SHARED = Path(__file__).resolve().parents[2] / "shared"
OURS = re.compile(r"SCRAPER_|AWS_|COLUMNS$")

UTF8 = "text/html; charset=UTF-8"
HTML = "text/html"
XML = "text/xml;charset=UTF-8"

RODONG = "http://www.rodong.rep.kp/en/index.php?strPageID="
RODONG_LIST = f"{RODONG}SF01_01_02&iMenuID=2"
RODONG_HOME = "http://www.rodong.rep.kp/"
RODONG_SAVED = tuple(f"2022-03-{tail}" for tail in "10-0002 10-0003 10-0005 10-0006 11-0002 11-0004 11-0005".split())
RODONG_MISSING = f"{RODONG}SF01_02_01&newsID=2022-03-11-0003"
RODONG_UNNUMBERED = "rodong/rodong-en-2022-02-11-article.html"
"""Its address is not on record: its newsID lacks the serial. So it is read from the file alone."""

KCNA = "http://www.kcna.kp/en"
KCNA_LIST = f"{KCNA}/article/list/6a47505ba5268fd7749c0fe11e4b24b4"
KCNA_GALLERIES = f"{KCNA}/gallery/list/6837a75abf5c6249d0e39ee758e763ea"
KCNA_GALLERY = f"{KCNA}/gallery/detail/e5853b58a9f50651db72719c7a39fcb6"
# Asked for by POST in their time; the address of an article, as a sighting names it, has the code in its query.
AJAX = "http://kcna.kp/kcna.user.article."
AJAX_ARTICLE = f"{AJAX}retrieveArticleInfoFromArticleCode.kcmsf?article_code=AR0099775"
AJAX_LIST = f"{AJAX}retrieveArticleListForPage.kcmsf?page_start=0"
AJAX_PAST_THE_END = f"{AJAX}retrieveArticleListForPage.kcmsf?page_start=1000000"

XINHUA = (
    "http://www.he.xinhuanet.com/news/2012-06/04/content_25340717.htm",
    "http://www.xinhuanet.com/local/2020-02/19/c_1125597921.htm",
    "http://www.news.cn/fortune/2023-11/17/c_1129981476.htm",
)
KCTV = "https://kcnawatch.org/kctv-archive/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved page: where it lies under shared/pages, and which request is answered with it."""

    file: str
    url: str
    media: str = UTF8
    method: str = "GET"

    def body(self, shared: Path) -> bytes:
        """Its bytes."""
        return (shared / "pages" / self.file).read_bytes()

    def digest(self, shared: Path) -> str:
        """The name its snapshot must have."""
        return sha256(self.body(shared)).hexdigest()


ARTICLES = (
    *(
        Saved(file=f"rodong/rodong-en-newsID-{name}.html", url=f"{RODONG}SF01_02_01&newsID={name}", media=HTML)
        for name in RODONG_SAVED
    ),
    Saved(file="kcna/kcna-ajax-2017-article-AR0099775-ja.xml", url=AJAX_ARTICLE, media=XML),
    Saved(file="kcna/fragments/kcna-en-gallery-detail-2026-09-28-quoted-title.fragment.html", url=KCNA_GALLERY),
    Saved(file="xinhua/he.xinhuanet.com-2012-06-04-content_25340717.html", url=XINHUA[0], media=HTML),
    Saved(file="xinhua/xinhuanet.com-2020-02-19-c_1125597921.html", url=XINHUA[1], media=HTML),
    Saved(file="xinhua/news.cn-2023-11-17-c_1129981476.html", url=XINHUA[2], media=HTML),
)
LISTINGS = (
    Saved(file="rodong/rodong-en-2022-03-11-list-SF01_01_02-iMenuID-2.html", url=RODONG_LIST, media=HTML),
    Saved(file="kcna/kcna-en-home-2024-08-04.html", url=KCNA),
    Saved(file="kcna/fragments/kcna-en-article-list-2026-09.fragment.html", url=KCNA_LIST),
    Saved(file="kcna/fragments/kcna-en-gallery-list-2026-07-19.fragment.html", url=KCNA_GALLERIES),
    Saved(file="kcna/kcna-ajax-2017-list-ja-1.xml", url=AJAX_LIST, media=XML),
    Saved(file="kcnawatch/kcnawatch-kctv-archive-list-2026-09.fragment.html", url=KCTV),
)
EMPTY = (
    Saved(file="kcna/kcna-ajax-2017-list-empty.xml", url=AJAX_PAST_THE_END, media=XML),
    Saved(
        file="kcna/fragments/kcna-en-article-list-2026-09-no-session-200.fragment.html", url=KCNA_LIST, method="POST"
    ),
)
BLOCK_PAGE = Saved(file="blockpages/kcsc-warning-2022-01-04.head-only.fragment.html", url=RODONG_HOME)


class Outlets:
    """Both servers, plain and TLS. While `censored`, whatever is asked of Rodong Sinmun is answered with the block page."""

    def __init__(self, shared: Path, authority: trustme.CA, names: list[str]) -> None:
        self.censored = False
        self._blocked = _whole(BLOCK_PAGE, shared)
        pages = (*ARTICLES, *LISTINGS, *EMPTY)
        self._answers = {(saved.method, saved.url): _whole(saved, shared) for saved in pages}
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(tls)
        self.plain = WebServer({"/robots.txt": status(404)}, otherwise=lambda asked: self._answer("http", asked))
        self.secure = WebServer(
            {"/robots.txt": status(404)}, otherwise=lambda asked: self._answer("https", asked), tls=tls
        )

    def _answer(self, scheme: str, asked: Asked) -> Answer:
        host = asked.header("host") or ""
        if self.censored and host == "www.rodong.rep.kp":
            return self._blocked
        return self._answers.get((asked.method, f"{scheme}://{host}{asked.target}"), status(503))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command, under a name to ask for its outcome by."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    censored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of a command."""

    step: Step
    code: int
    stdout: str
    stderr: str


def script(shared: Path, resolve: tuple[str, ...]) -> tuple[Step, ...]:
    """The whole run. `resolve` maps Rodong Sinmun's host on the command line; the others are mapped in scraper.toml."""
    unnumbered = (str(shared / "pages" / RODONG_UNNUMBERED), "--url", f"{RODONG}SF01_02_01&newsID=2022-02-11")
    return (
        Step(name="sources", arguments=("sources",)),
        Step(name="crawl rodong", arguments=("crawl", "rodong", "--seed", RODONG_LIST, *resolve)),
        Step(
            name="crawl kcna",
            arguments=("crawl", "kcna", "--seed", KCNA_LIST, "--seed", KCNA_GALLERIES, "--seed", AJAX_LIST),
        ),
        Step(name="again", arguments=("fetch", RODONG_MISSING, *resolve)),
        Step(name="ajax article", arguments=("fetch", AJAX_ARTICLE)),
        Step(name="ajax past the end", arguments=("fetch", AJAX_PAST_THE_END)),
        Step(name="gallery", arguments=("fetch", KCNA_GALLERY)),
        Step(
            name="no session",
            arguments=("backfill", "kcna", "--since", "2026-09-01", "--until", "2026-09-30", "--limit", "1"),
        ),
        *(Step(name=url, arguments=("fetch", url)) for url in XINHUA),
        Step(name="unknown authority", arguments=("fetch", KCTV), environment={"SCRAPER_NETWORK_CA_FILE": ""}),
        Step(name="television", arguments=("fetch", KCTV)),
        Step(name="blocked home", arguments=("fetch", RODONG_HOME, *resolve), censored=True),
        Step(name="blocked crawl", arguments=("crawl", "rodong", *resolve), censored=True),
        Step(name="blocked article", arguments=("fetch", ARTICLES[0].url, *resolve), censored=True),
        Step(name="check rodong", arguments=("check", "rodong", "--until", "2022-03-11", "--read-data")),
        Step(name="check kcna", arguments=("check", "kcna", "--until", "2026-09-30")),
        Step(name="check xinhua", arguments=("check", "xinhua", "--until", "2023-11-30")),
        Step(name="parse file", arguments=("parse", *unnumbered, "--fetched-at", "2022-02-11T12:00:00Z")),
        Step(name="parse archived", arguments=("parse", *(saved.url for saved in ARTICLES))),
        Step(name="parse blocked", arguments=("parse", RODONG_HOME)),
        Step(name="show", arguments=("show", ARTICLES[0].url)),
    )


def play(shared: Path, directory: Path, *, attempts: int | None = None, as_json: bool = True) -> Iterator[Ran]:
    """Run the script in `directory`, command by command, as processes of their own."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    environment = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    environment |= {"SCRAPER_CONTACT": "tests@archive.example", "SCRAPER_NETWORK_CA_FILE": str(directory / "ca.pem")}
    init = Step(name="init", arguments=("init", "config"))
    yield _run(init, directory, environment)
    names = _configure(directory / "config", attempts)
    outlets = Outlets(shared, authority, names)
    with outlets.plain, outlets.secure:
        rodong = ("--resolve", f"www.rodong.rep.kp:80=127.0.0.1:{outlets.plain.port}")
        _map(directory / "config/scraper.toml", names, outlets)
        for step in script(shared, rodong):
            outlets.censored = step.censored
            yield _run(step, directory, environment, *(["--json"] if as_json else []))


def _run(step: Step, directory: Path, environment: Mapping[str, str], *more: str) -> Ran:
    command = [sys.executable, "-m", "scraper", *step.arguments, *more]
    done = subprocess.run(
        command, cwd=directory, env={**environment, **step.environment}, capture_output=True, text=True, check=False
    )
    return Ran(step=step, code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def _configure(config: Path, attempts: int | None) -> list[str]:
    """Replace the politeness gap of every declaration; returns all hosts they name."""
    names: list[str] = []
    tries = f"attempts = {attempts}\n" if attempts else ""
    for path in sorted((config / "sources").glob("*.toml")):
        text, count = re.subn(r'(?m)^gap = "[^"]+".*\n', f'gap = "20ms"\n{tries}', path.read_text(encoding="utf-8"))
        assert count == 1, f"{path}: where is its gap?"
        path.write_text(text, encoding="utf-8")
        names.extend(tomllib.loads(text)["hosts"])
    return names


def _map(settings: Path, names: list[str], outlets: Outlets) -> None:
    """Add every host but Rodong Sinmun's own to [network.resolve], the last table of the file."""
    lines = (
        f'"{name}:{port}" = "127.0.0.1:{server.port}"\n'
        for name in names
        if name != "www.rodong.rep.kp"
        for port, server in ((80, outlets.plain), (443, outlets.secure))
    )
    with settings.open("a", encoding="utf-8") as file:
        file.writelines(lines)


def _whole(saved: Saved, shared: Path) -> Answer:
    body = saved.body(shared)
    return Answer((head(200, "OK", [("Content-Type", saved.media), ("Content-Length", str(len(body)))]), body))


def main() -> None:
    """Print the run, each command with what it says and its exit code."""
    if not (SHARED / "pages").is_dir():
        sys.exit(f"not run: the real pages are not at {SHARED / 'pages'}")
    with _directory(sys.argv[1:]) as directory:
        for ran in play(SHARED, directory, as_json=False):
            about = "  (the block page is served now)" if ran.step.censored else ""
            set_to = "".join(f"{name}={value} " for name, value in ran.step.environment.items())
            sys.stdout.write(f"\n$ {set_to}scraper {' '.join(map(_quoted, ran.step.arguments))}{about}\n")
            sys.stdout.write(ran.stdout + ran.stderr + f"[exit {ran.code}]\n")
            sys.stdout.flush()


@contextmanager
def _directory(arguments: list[str]) -> Iterator[Path]:
    """A directory to keep, where one is named; else one that is gone afterwards."""
    if not arguments:
        with tempfile.TemporaryDirectory(prefix="real-input-") as made:
            yield Path(made)
        return
    kept = Path(arguments[0]).absolute()
    kept.mkdir(parents=True)
    yield kept


def _quoted(argument: str) -> str:
    return f"'{argument}'" if re.search(r"[&?]", argument) else argument


if __name__ == "__main__":
    main()
