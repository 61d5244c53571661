"""Articles that an outlet gives by POST only: between their made address and what is really sent.

Hides how one is made from the other. KCNA's articles of 2013 to 2018 had no address (docs/sources.md, "XML answers"); a
locator needs one, so the fields that name the article are its query. Pure.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

from scraper import urls
from scraper.model import Posted, Source

Form = tuple[tuple[str, str], ...]


def sent(source: Source, address: str) -> tuple[str, Form] | None:
    """The URL and the form by which an article is asked for; None where its address is asked for as it is."""
    parts = urlsplit(address)
    posted = _posted(source, address)
    if posted is None or not parts.query:
        return None
    named = parse_qsl(parts.query, keep_blank_values=True)
    return parts._replace(query="").geturl(), (*named, *posted.form)


def address(source: Source, url: str, method: str, form: Form) -> str:
    """The made address of the article that a POST asks for; `url` itself for any other request."""
    posted = _posted(source, url) if method.upper() == "POST" else None
    if posted is None or urlsplit(url).query:
        return url
    fixed = {name for name, _ in posted.form}
    named = [f"{quote(name)}={quote(value)}" for name, value in form if name not in fixed]
    return urls.canonical(f"{url}?{'&'.join(named)}") if named else url


def _posted(source: Source, url: str) -> Posted | None:
    return next((posted for posted in source.posted if posted.path == urlsplit(url).path), None)
