"""Fixtures: a saved page, its record and what a parser should read from it, in a folder that the tests read.

Hides the format of `tests/sites/<parser>/<slug>/`: `page.<type>`, `capture.json` (url, fetched_at, method, headers, and the
`rules` of a generic source) and one expectation. An expectation that was generated says `"reviewed": false` until a person
has read it and takes that line out; fields with nothing in them are left out of it. With `"facts": true` it holds digests
in place of text, and the page beside it stays out of version control.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from scraper import discover, urls
from scraper.errors import ParseError, UsageError
from scraper.jobs.parse import Readable
from scraper.model import Article, Headers, Page, Parsed, Rules
from scraper.policy.resolve import rules

PARSED_FIELDS = ("layout", "sightings", "listings")
ARTICLE_FIELDS = tuple(field.name for field in fields(Article) if field.name != "snapshot_sha256")
"""All but the digest of the page, which is that of the file itself."""
EXPECTATIONS = {
    "article.json": (*ARTICLE_FIELDS, *PARSED_FIELDS),
    "articles.json": ("articles", *PARSED_FIELDS),
    "listing.json": PARSED_FIELDS,
    "refused.json": ("error", "message"),
}
REFUSED = "refused.json"
REVIEWED, FACTS = "reviewed", "facts"
REVIEW = f'read it word by word, then take out its line "{REVIEWED}": false'
"""What is to be done with an expectation that was generated."""

_KEPT = ("content-type",)
"""What of the headers a reader looks at; the others (cookies) are nobody's business."""
_WORDS = frozenset({"title", "paragraphs", "byline", "caption", "text"})
"""The fields that hold the outlet's own words."""
_LONGEST = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A fixture that was written: its folder and files, and what is to be done about it.

    `expectation` is None where the parser refused the page: what should be read from it can be said once a layout reads it.
    """

    folder: str
    page: str
    expectation: str | None
    reads_as: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The page of a fixture, and by what it is read: a parser, and the rules of a generic source."""

    page: Page
    parser: str
    rules: Rules | None = None

    def read(self) -> Parsed | ParseError:
        """What the parser makes of it; its date is left to `policy.resolve`, which knows more than the page."""
        try:
            return discover.read(self.page, source=self.parser, parser=self.parser, rules=self.rules)
        except ParseError as error:
            return error


def load(folder: Path) -> Saved:
    """The saved page of a fixture folder `<parser>/<slug>`. ValueError where not exactly one `page.*` is in it."""
    told = json.loads((folder / "capture.json").read_text(encoding="utf-8"))
    (body,) = folder.glob("page.*")
    page = Page(
        method=told.get("method", "GET"),
        url=told["url"],
        status=200,
        headers=tuple((name, value) for name, value in told.get("headers", [])),
        fetched_at=datetime.fromisoformat(told["fetched_at"]),
        body=body.read_bytes(),
    )
    stated = told.get("rules")
    return Saved(page=page, parser=folder.parent.name, rules=_rules(stated) if stated else None)


def expectation(folder: Path) -> Path | None:
    """The file that says what is expected; None where there is none yet. ValueError where there are several."""
    found = [folder / name for name in EXPECTATIONS if (folder / name).exists()]
    if len(found) > 1:
        raise ValueError(f"{folder.parent.name}/{folder.name}: one expectation to a page, not {len(found)}")
    return found[0] if found else None


def expected(path: Path) -> dict[str, Any]:
    """What an expectation says of the page, without what it says of itself."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for name, value in told.items() if name not in (REVIEWED, FACTS)}


def is_reviewed(path: Path) -> bool:
    """Whether a person has read the expectation: it does not say that nobody has."""
    return json.loads(path.read_text(encoding="utf-8")).get(REVIEWED) is not False


def holds_facts(path: Path) -> bool:
    """Whether the expectation has digests in place of text."""
    return json.loads(path.read_text(encoding="utf-8")).get(FACTS) is True


def actual(outcome: Parsed | ParseError, *, as_facts: bool = False) -> tuple[str, dict[str, Any]]:
    """The name of the expectation an outcome belongs into, and the content that it has now."""
    if isinstance(outcome, ParseError):
        return REFUSED, {"error": type(outcome).__name__, "message": str(outcome)}
    read = _filled(asdict(outcome), PARSED_FIELDS)
    articles = [_filled(asdict(article), ARTICLE_FIELDS) for article in outcome.articles]
    name, content = "listing.json", read
    if articles:
        one = len(articles) == 1
        name, content = (
            ("article.json", articles[0] | read) if one else ("articles.json", {"articles": articles} | read)
        )
    return name, _facts(content) if as_facts else content


def generate(folder: Path, outcome: Parsed | ParseError, *, as_facts: bool = False) -> Path:
    """Write what the parser says now as an expectation that nobody has reviewed."""
    name, content = actual(outcome, as_facts=as_facts)
    marks = {REVIEWED: False} | ({FACTS: True} if as_facts else {})
    _write(folder / name, marks | content)
    return folder / name


def make(readable: Readable, into: Path, *, slug: str | None = None, as_facts: bool = False) -> Made:
    """Write the fixture of a page under `into`; with `as_facts`, digests in place of text.

    UsageError where the folder holds a fixture already, or cannot be written.
    """
    source = readable.source
    generic = rules(source) if source.parser == "generic" else None
    saved = Saved(page=replace(readable.page, headers=_headers(readable.page)), parser=source.parser, rules=generic)
    folder = into / source.parser / (slug or _slug(saved.page.url, f"{source.id}-" if generic else ""))
    if (folder / "capture.json").exists():
        raise UsageError(f"{folder}: holds a fixture already and is not overwritten; name another with --slug")
    outcome = saved.read()
    refused = isinstance(outcome, ParseError)
    try:
        page = _save(saved, folder, hidden=as_facts)
        written = None if refused else generate(folder, outcome, as_facts=as_facts)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}; choose another place with --into") from error
    return Made(
        folder=str(folder),
        page=page.name,
        expectation=written.name if written else None,
        reads_as=actual(outcome)[0].removesuffix(".json"),
        detail=str(outcome) if refused else "",
    )


def _save(saved: Saved, folder: Path, *, hidden: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if hidden:
        (folder / ".gitignore").write_text("page.*\n", encoding="utf-8")
    page = folder / f"page.{_kind(saved.page)}"
    page.write_bytes(saved.page.body)
    told: dict[str, Any] = {
        "url": saved.page.url,
        "fetched_at": saved.page.fetched_at.isoformat(),
        "method": saved.page.method,
        "headers": [list(pair) for pair in saved.page.headers],
    }
    _write(folder / "capture.json", told | ({"rules": asdict(saved.rules)} if saved.rules else {}))
    return page


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _headers(page: Page) -> Headers:
    return tuple((name, value) for name, value in page.headers if name.lower() in _KEPT)


def _kind(page: Page) -> str:
    head = page.body[:256].lstrip()
    if head.startswith(b"<?xml"):
        return "xml"
    return "json" if head[:1] in (b"{", b"[") else "html"


def _slug(url: str, prefix: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", unquote(urls.target(url)).lower()).strip("-")
    if len(words) > _LONGEST:
        words = words[-_LONGEST:].partition("-")[2] or words[-_LONGEST:]
    return f"{prefix}{words.strip('-') or 'home'}"


def _rules(stated: Mapping[str, Any]) -> Rules:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()
    }
    return Rules(**values)


def _filled(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: plain for name in names if (plain := _plain(value[name]))}


def _plain(value: Any) -> Any:
    """The value as JSON has it, without empty fields inside."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner not in (None, "", (), [])}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _facts(content: Any) -> Any:
    """The same with digests for the outlet's own words: of several lines, their number and one digest of all."""
    if isinstance(content, list):
        return [_facts(each) for each in content]
    if not isinstance(content, dict):
        return content
    found = {}
    for name, value in content.items():
        if name not in _WORDS:
            found[name] = _facts(value)
        elif isinstance(value, list):
            found[name] = {"count": len(value), "sha256": _digest("\n".join(value))}
        else:
            found[name] = _digest(value)
    return found


def _digest(words: str) -> str:
    return sha256(words.encode()).hexdigest()
