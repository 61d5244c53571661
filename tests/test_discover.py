from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from scraper.discover import read, root
from scraper.discover.feed import read_feed
from scraper.discover.sitemap import read_sitemap
from scraper.errors import LayoutChanged, ParseError
from scraper.model import ListingLink, Origin, Page, Parsed, Sighting
from scraper.parse.stated import stated

BASE = "https://outlet.example/feed/"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Outlet</title>
<atom:link href="https://outlet.example/feed/" rel="self"/>
<item><title>Rice  &amp; maize</title><link>/a/1#top</link><pubDate>Sun, 13 Jul 2025 06:00:00 +0900</pubDate></item>
<item><title>No zone</title><link>https://outlet.example/a/2</link><pubDate>Sun, 13 Jul 2025 06:00:00</pubDate></item>
<item><title>Script</title><link>javascript:open(3)</link></item>
<item><title>Again</title><link>https://outlet.example/a/2</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Outlet</title><id>u:1</id><updated>2025-07-14T00:00:00Z</updated>
<entry><title>One</title><id>u:2</id><link href="https://outlet.example/a/1"/><updated>2025-07-14T00:00:00Z</updated></entry>
<entry><title>Two</title><id>u:3</id><link href="https://outlet.example/a/2"/>
<published>2025-07-13T06:00:00+09:00</published><updated>2025-07-14T00:00:00Z</updated></entry></feed>"""
NEWS_MAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://outlet.example/p.jpg</image:loc><image:title>Picture</image:title></image:image>
<loc> https://outlet.example/a/1?x=1&amp;y=2 </loc><lastmod>2025-07-20</lastmod>
<news:news><news:publication_date>2025-07-13T06:00:00+09:00</news:publication_date><news:title>One</news:title></news:news></url>
<url><loc>https://outlet.example/a/2</loc><lastmod>2025-07-20</lastmod></url></urlset>"""
INDEX = """<s:sitemapindex xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:sitemap><s:loc>https://outlet.example/post-1.xml</s:loc>
<s:lastmod>2025-07-20T10:00:00+00:00</s:lastmod></s:sitemap><s:sitemap><s:loc>https://outlet.example/post-2.xml</s:loc></s:sitemap>
</s:sitemapindex>"""


def page(body: str | bytes, *, content_type: str = "text/html; charset=UTF-8", url: str = BASE) -> Page:
    """An answer with this body."""
    return Page(
        method="GET",
        url=url,
        status=200,
        headers=(("Content-Type", content_type),),
        fetched_at=datetime(2025, 7, 20, tzinfo=UTC),
        body=body.encode() if isinstance(body, str) else body,
    )


def discovered(body: str | bytes) -> Parsed:
    """What `read` makes of a body, under a parser that has no part in feeds and sitemaps."""
    return read(page(body), source="outlet", parser="mfa")


def urls(found: Parsed) -> list[str]:
    """The addresses sighted, in order."""
    return [sighting.url for sighting in found.sightings]


def test_rss_entries_become_sightings() -> None:
    """Links are canonical and absolute, titles are one line, a script link and a repeated one are left out."""
    assert discovered(RSS).sightings == (
        Sighting(
            url="https://outlet.example/a/1",
            origin=Origin.FEED,
            title="Rice & maize",
            published="2025-07-13T06:00:00+09:00",
        ),
        Sighting(url="https://outlet.example/a/2", origin=Origin.FEED, title="No zone", published="2025-07-13"),
    )


def test_atom_updated_is_no_publication_date() -> None:
    """An Atom entry without `published` carries no date, though it was updated."""
    assert [sighting.published for sighting in discovered(ATOM).sightings] == [None, "2025-07-13T06:00:00+09:00"]


@pytest.mark.parametrize(
    "broken",
    [
        RSS.replace("&amp;", "&"),
        RSS.replace("</channel></rss>", ""),
        RSS[: RSS.index("<item><title>Script")] + "<item><title>Cut o",
        RSS.replace("<item><title>Script", "</p><item><title>Script"),
        "\n\n" + RSS,
        "<br />\n<b>Warning</b>: something in feed.php\n" + RSS,
        "<br />\n<b>Notice</b>: something in feed.php\n" + RSS.partition("\n")[2],
        "Deprecated: something\n" + RSS.partition("\n")[2],
        RSS.replace('encoding="UTF-8"', 'encoding="KS-NONE"'),
        RSS.replace("</pubDate></item>", "</pubDate><description>left open <b>here</item>", 1),
        RSS.replace("</pubDate></item>", "</pubDate>", 1),
        RSS.replace("Rice", "Rice\x0b\x00&nbsp;"),
        RSS.replace("<item>", "<item><media:thumb url='x'/><dc:creator>x</dc:creator>"),
        RSS + RSS,
    ],
    ids=[
        "bare ampersand",
        "no end",
        "cut off",
        "stray tag",
        "blank lines first",
        "warning first",
        "warning without declaration",
        "words without declaration",
        "unknown charset",
        "element left open",
        "item left open",
        "invisible characters",
        "unknown prefixes",
        "twice",
    ],
)
def test_malformed_feeds_are_read_all_the_same(broken: str) -> None:
    """What KCNA Watch's malformed feed still says is kept."""
    assert urls(discovered(broken))[:2] == ["https://outlet.example/a/1", "https://outlet.example/a/2"]


def test_an_element_left_open_swallows_no_entry() -> None:
    """Each entry of a broken feed has its own title and date, whatever the one before it left open."""
    broken = RSS.replace("</pubDate></item>", "</pubDate><description>cut mid wo</item>", 1)
    assert discovered(broken).sightings == discovered(RSS).sightings


@pytest.mark.parametrize("cut", ["<link>https://outlet.example/a/", "<link>https://outlet.example/a/2", "<title>No z"])
def test_a_link_that_is_cut_off_is_none(cut: str) -> None:
    """A feed that ends within an address does not show that address."""
    broken = RSS[: RSS.index("</item>") + 7] + "<item><title>No zone</title>" + cut
    assert urls(discovered(broken)) == ["https://outlet.example/a/1"]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Rice &amp;amp; maize", "Rice & maize"),
        ("Rice &amp;#8217;s", "Rice ’s"),
        ("<![CDATA[Rice &#8217;s]]>", "Rice ’s"),
        ("Rice\x00 \x1bmaize", "Rice maize"),
        ("Rice & maize", "Rice & maize"),
    ],
)
def test_titles_are_as_a_reader_sees_them(written: str, title: str) -> None:
    """Entities written twice are read twice, and what cannot be printed is left out: PostgreSQL would refuse it."""
    assert discovered(RSS.replace("Rice  &amp; maize", written)).sightings[0].title == title


def test_well_formed_empty_feed_holds_nothing() -> None:
    """A day without news is no change of layout."""
    empty = '<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet</title></channel></rss>'
    assert discovered(empty) == Parsed(layout="feed@1")


@pytest.mark.parametrize(
    "body",
    ['<?xml version="1.0"?><rss version="2.0"><channel><title>Out', '<rss version="2.0"><channel><item><title>x'],
)
def test_broken_feed_without_entries_is_an_alarm(body: str) -> None:
    """A feed cut off before its first whole entry says that something is wrong."""
    with pytest.raises(LayoutChanged):
        discovered(body)


def test_feed_whose_entries_have_no_links_is_an_alarm() -> None:
    """Entries that lead nowhere are a feed we cannot read."""
    with pytest.raises(LayoutChanged, match="none of 1"):
        discovered('<rss version="2.0"><channel><item><title>x</title></item></channel></rss>')


@pytest.mark.parametrize("body", ["http://127.0.0.1:1/feed.xml", "/etc/passwd", "feed.xml"])
def test_body_that_is_an_address_is_never_opened(body: str) -> None:
    """A body that looks like a URL or a path is text, also to the feed reader itself."""
    with pytest.raises(LayoutChanged):
        read_feed(page(body))
    with pytest.raises(ParseError):
        discovered(body)


def test_news_sitemap_dates_come_from_the_news_extension() -> None:
    """`lastmod` is no date of publication, and a picture's title and address are not the article's."""
    assert discovered(NEWS_MAP).sightings == (
        Sighting(
            url="https://outlet.example/a/1?x=1&y=2",
            origin=Origin.SITEMAP,
            title="One",
            published="2025-07-13T06:00:00+09:00",
        ),
        Sighting(url="https://outlet.example/a/2", origin=Origin.SITEMAP),
    )


def test_sitemap_index_leads_to_sitemaps() -> None:
    """Children of an index are further listings with the day they last changed; prefixes are of no account."""
    assert discovered(INDEX).listings == (
        ListingLink(url="https://outlet.example/post-1.xml", kind="sitemap", last_modified="2025-07-20T10:00:00+00:00"),
        ListingLink(url="https://outlet.example/post-2.xml", kind="sitemap"),
    )


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (NEWS_MAP.replace("&amp;", "&"), ["https://outlet.example/a/1?x=1&y=2", "https://outlet.example/a/2"]),
        (NEWS_MAP[: NEWS_MAP.index("/a/2") + 3], ["https://outlet.example/a/1?x=1&y=2"]),
        (NEWS_MAP.replace("<loc> ", "<loc><![CDATA[").replace(" </loc>", "]]></loc>&broken;"), ["", ""]),
        ("<b>Warning</b>: x\n" + NEWS_MAP, ["https://outlet.example/a/1?x=1&y=2", "https://outlet.example/a/2"]),
    ],
    ids=["bare ampersand", "cut off", "cdata and unknown entity", "warning first"],
)
def test_malformed_sitemaps_give_what_is_whole(broken: str, whole: list[str]) -> None:
    """A sitemap that is no XML any more still holds its whole entries."""
    found = discovered(broken)
    assert len(found.sightings) == len(whole)
    assert [url for url in urls(found) if url in whole] == [url for url in whole if url]
    assert found.sightings[0].title == "One"


def test_broken_sitemap_without_entries_is_an_alarm() -> None:
    """Cut off before the first entry: nothing is known, and that is said."""
    with pytest.raises(LayoutChanged):
        discovered(NEWS_MAP[: NEWS_MAP.index("<url>") + 4])


def test_empty_sitemap_holds_nothing() -> None:
    """A well-formed sitemap may be empty."""
    assert discovered('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>') == Parsed(layout="sitemap@1")


@pytest.mark.parametrize("external", ['SYSTEM "file:///etc/passwd"', '"expanded"'])
def test_entities_are_never_expanded(external: str) -> None:
    """An address made of a declared entity stays unread, and its neighbours are kept."""
    attack = (
        f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY e {external}>]><urlset>'
        "<url><loc>https://outlet.example/&e;</loc></url><url><loc>https://outlet.example/a/2</loc></url></urlset>"
    )
    assert urls(discovered(attack)) == ["https://outlet.example/a/2"]


def test_entities_of_a_feed_are_never_expanded() -> None:
    """A feed's own entities neither read files nor grow."""
    attack = RSS.replace("<rss", '<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd">]><rss', 1)
    titles = [sighting.title or "" for sighting in discovered(attack.replace("No zone", "&e;")).sightings]
    assert len(titles) == 2
    assert not any("root:" in title for title in titles)


def test_sitemap_is_read_to_its_limit() -> None:
    """Fifty thousand addresses are read, whatever comes after."""
    rows = "".join(f"<url><loc>https://outlet.example/{number}</loc></url>" for number in range(50_010))
    assert len(read_sitemap(page(f"<urlset>{rows}</urlset>")).sightings) == 50_000


def test_gzip_packed_sitemap_is_unpacked() -> None:
    """A `.xml.gz` file is read by its own first bytes; one that was cut off gives what is whole."""
    packed = gzip.compress(NEWS_MAP.encode())
    assert discovered(packed) == discovered(NEWS_MAP)
    rows = "".join(f"<url><loc>https://outlet.example/{number * 7919}</loc></url>" for number in range(2000))
    cut = gzip.compress(f"<urlset>{rows}</urlset>".encode())
    assert 0 < len(discovered(cut[: len(cut) // 2]).sightings) < 2000


def test_packed_bomb_is_refused() -> None:
    """A file that unpacks beyond 50 MB is refused, not held in memory."""
    with pytest.raises(LayoutChanged, match="unpacks"):
        discovered(gzip.compress(b"<urlset>" + b" " * (51 * 1024 * 1024)))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (RSS, "rss"),
        (ATOM, "feed"),
        ('<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY e "f">]>\n<rdf:RDF xmlns:rdf="r">', "RDF"),
        ("\ufeff" + INDEX, "sitemapindex"),
        ("<!DOCTYPE html><html><body><rss><item>", "html"),
        ('<html><script>var x = "<?xml version=1?><rss>"</script>', "html"),
        ("<rss-like><item/></rss-like>", "rss-like"),
        ("plain words", ""),
        ("", ""),
    ],
)
def test_root_names_the_first_element(body: str, name: str) -> None:
    """The kind of a document is its root element, never its content type."""
    assert root(body.encode()) == name


def test_root_of_sixteen_bit_text_is_found() -> None:
    """A feed in UTF-16 is a feed."""
    assert root(b"\xff\xfe" + RSS.encode("utf-16-le")) == "rss"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Sat, 12 Jul 2025 21:00:00 GMT", "2025-07-12T21:00:00+00:00"),
        ("2025-07-12T21:00:00Z", "2025-07-12T21:00:00+00:00"),
        ("2025-07-12", "2025-07-12"),
        ("2025-07-12T21:00:00", "2025-07-12"),
        ("2025-07", None),
        ("yesterday", None),
        ("99 Foo 2025", None),
        ("Sun, 13 Jul 99999999999999999999 06:00:00 +0900", None),
        ("", None),
        (None, None),
    ],
)
def test_stated_dates_are_never_completed(text: str | None, hint: str | None) -> None:
    """A hint holds what was stated: a time only with its zone, and no day where none was given."""
    assert stated(text) == hint


def test_pages_go_to_the_outlets_layouts() -> None:
    """What is neither feed nor sitemap is read as the outlet's own page, whatever elements it holds."""
    row = '<a href="/newstream/1766000001-1/row/">Row</a><rss version="2.0"></rss>'
    listing = page(f"<!DOCTYPE html><html><body>{row}</body></html>", url="https://kcnawatch.org/")
    found = read(listing, source="kcnawatch", parser="kcnawatch")
    assert found.layout == "kcnawatch/listing@1"
    assert urls(found) == ["https://kcnawatch.org/newstream/1766000001-1/row/"]
