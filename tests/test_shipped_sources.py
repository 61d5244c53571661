"""The shipped source declarations: they load, and tell every address quoted in docs/sources.md for what it is."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from scraper import parse, urls
from scraper.config import Config, load, shipped
from scraper.model import Source
from scraper.parse.identity import identity
from scraper.parse.sites import rodong_tokens
from scraper.policy import counting, walk

HEX = "0123456789abcdef0123456789abcdef"
BLOCK = "f686f777bb61a709fd6c22ee953706d7"

ARTICLES = {
    "kcnawatch": (
        "https://kcnawatch.org/newstream/1665027140-814016246/dprk-foreign-ministry-issues-press-statement/",
        "https://kcnawatch.org/newstream/1452005008-914741129/memorandum-of-dprk-foreign-ministry/",
        "https://kcnawatch.org/newstream/1396423980-1027/laws/space-development-law/",
        "https://kcnawatch.co/newstream/1750885366-665971553/%eb%a1%9c%eb%8f%99/",
    ),
    "kcna": (
        f"http://www.kcna.kp/en/article/detail/{HEX}",
        f"http://kcna.kp/kp/article/detail/{HEX}",
        f"http://www.kcna.kp/en/gallery/detail/{HEX}",
        f"http://www.kcna.kp/en/article/q/{BLOCK}.kcmsf",
        f"http://www.kcna.kp/en/article/q/{BLOCK * 2}.kcmsf",
        f"http://www.kcna.kp/en/article/q/{BLOCK * 3}.kcmsf",
        f"http://www.kcna.kp/en/article/q/{BLOCK * 4}.kcmsf",
        "http://kcna.kp/kcna.user.article.retrieveArticleInfoFromArticleCode.kcmsf",
        "http://kcna.kp/kcna.user.article.retrieveArticleInfoFromArticleCode.kcmsf?article_code=AR0099775",
        f"http://www.kcna.kp/en/video/detail/{HEX}",
        f"http://www.kcna.kp/en/media/photo/q/{BLOCK}.kcmsf",
        f"http://www.kcna.kp/kp/media/video/q/{BLOCK}.kcmsf",
    ),
    "kcna-jp": (
        "http://kcna.co.jp/item/1997/9701/news1/05.htm#1",
        "http://kcna.co.jp/item/1997/9701/news01/05.htm",
        "http://www.kcna.co.jp/item/2000/200012/news12/31.htm",
        "http://www.kcna.co.jp/item/2004/200410/news10/27.htm",
        "http://www.kcna.co.jp/item/2008/200812/news31/20081231-12ee.html",
        "http://kcna.co.jp/item/2010/201008/news01/20100708-04ee.html",
    ),
    "rodong": (
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_02_01&newsID=2022-03-10-0002",
        "http://www.rodong.rep.kp/en/index.php?newsID=2022-03-10-0002&strPageID=SF01_02_01",
        "http://www.rodong.rep.kp/en/index.php?MTJAMjAyNC0wOC0wMS1IMDAzQDE1QDFAQDBAMQ==",
        "http://www.rodong.rep.kp/ko/index.php?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA",
    ),
    "mfa": (
        "http://www.mfa.gov.kp/view/article/14134",
        "https://www.mfa.gov.kp/view/article/15151",
        "http://www.mfa.gov.kp/en/some-press-statement-of-the-spokesperson/",
    ),
    "xinhua": (
        "http://news.xinhuanet.com/english2010/china/2011-01/25/c_13705297.htm",
        "http://www.xinhuanet.com/english/2019-03/25/c_137922356.htm",
        "https://www.news.cn/english/2022-01/02/c_1310412345.htm",
        f"https://english.news.cn/20250713/{HEX}/c.html",
        f"https://english.news.cn/asiapacific/20250713/{HEX}/c.html",
        f"https://english.news.cn/20250713/asia-pacific/{HEX}/c.html",
        "http://www.xinhuanet.com/local/2020-02/19/c_1125597921.htm",
        "http://www.news.cn/fortune/2023-11/17/c_1129981476.htm",
        "http://www.he.xinhuanet.com/news/2012-06/04/content_25340717.htm",
    ),
}
LISTINGS = {
    "kcnawatch": (
        "https://kcnawatch.org/wp-admin/admin-ajax.php?action=get_cat_by_source&die=true&from=0&to=10&sort=&id=189661",
        "https://kcnawatch.org/?s=Lavrov",
        "https://kcnawatch.org/page/2/?s=Lavrov",
        "https://kcnawatch.org/newstream/page/3/",
        "https://kcnawatch.org/sitemap_index.xml",
        "https://kcnawatch.org/newstream-sitemap12.xml",
        "https://kcnawatch.org/feed/",
        "https://kcnawatch.org/newstream/feed/",
        "https://kcnawatch.org/newstream/rss/",
        "https://kcnawatch.org/newstream/atom/",
    ),
    "kcna": (
        "http://www.kcna.kp/en",
        "http://www.kcna.kp/en/article/list/6a47505ba5268fd7749c0fe11e4b24b4",
        "http://www.kcna.kp/kp/article/list/6a47505ba5268fd7749c0fe11e4b24b4",
        f"http://www.kcna.kp/en/gallery/list/{HEX}",
        "http://www.kcna.kp/en/category/photos.kcmsf",
        f"http://www.kcna.kp/en/category/articles/q/{BLOCK}.kcmsf",
        f"http://www.kcna.kp/en/category/articles/q/{BLOCK}.kcmsf?page=2",
        f"http://www.kcna.kp/en/category/articles/q/{BLOCK * 2}.kcmsf",
        "http://www.kcna.kp/en/category/articles.kcmsf",
        "http://kcna.kp/kcna.user.article.retrieveArticleListForPage.kcmsf",
        "http://kcna.kp/kcna.user.home.retrieveHomeInfoList.kcmsf",
        f"http://www.kcna.kp/en/video/list/{HEX}",
        "http://www.kcna.kp/en/category/videos.kcmsf",
    ),
    "kcna-jp": (
        "http://kcna.co.jp/item/1997/9701/970105.htm",
        "http://www.kcna.co.jp/item/2000/200012/20001231.htm",
        "http://www.kcna.co.jp/item/2008/200812/2008-12-31ee.html",
        "http://www.kcna.co.jp/item/2019/calendar-2019e.html",
    ),
    "rodong": (
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_02&iMenuID=2",
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_02&iMenuID=1&iSubMenuID=3",
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_03&iThemeID=5",
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_04&iClassID=5",
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_03&strDate=2022-03-10",
        "http://www.rodong.rep.kp/en/index.php?MkBAMkAxQA==",
        "http://www.rodong.rep.kp/ko/index.php?MUBAMUAxQA==",
        "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_05&iClassID=7&iMenuID=1&iSubMenuID=2",
        f"http://www.rodong.rep.kp/ko/index.php?{rodong_tokens.query('1@@3@18@@0@')}",
    ),
    "mfa": (
        "http://www.mfa.gov.kp/",
        "http://www.mfa.gov.kp/en/",
        "http://www.mfa.gov.kp/en/category/statements/page/143/",
        "http://www.mfa.gov.kp/en/category/activities/",
        "http://www.mfa.gov.kp/en/feed/",
    ),
    "xinhua": (
        "https://english.news.cn/",
        "https://english.news.cn/list/latestnews.htm",
        "https://english.news.cn/list/china-politics.htm",
        "https://english.news.cn/asiapacific/index.htm",
        "https://english.news.cn/world/",
        "http://www.xinhuanet.com/english/2019-03/25/c_137922356_2.htm",
        f"https://english.news.cn/list/ds_{HEX}.json",
        "https://www.xinhuanet.com/english/rss/worldrss.xml",
    ),
}
NEITHER = {
    "kcnawatch": ("https://kcnawatch.org/kctv-archive/", "https://kcnawatch.org/free-member-form/"),
    "kcna": (f"http://www.kcna.kp/photo/{HEX * 2}", "http://www.kcna.kp/siteFiles/photo/202408/PIC0083223.jpg"),
    "kcna-jp": ("http://www.kcna.co.jp/index-e.htm", "http://www.kcna.co.jp/item/2008/200812/news31/img/1230.jpg"),
    "rodong": (
        "http://www.rodong.rep.kp/en/index.php?MkBAQEBwQDBA",
        "http://www.rodong.rep.kp/en/index.php?OEAyMDI1LTAxLTAyLTAwM0AxOUBAeEAx=",
        "http://www.rodong.rep.kp/en/index.php?MDVAQEBA",
        "http://www.rodong.rep.kp/en/index.php?MTBAYQ==",
    ),
    "mfa": ("http://www.mfa.gov.kp/en/wp-login.php",),
    "xinhua": ("http://www.xinhuanet.com/webSkipping.htm",),
}


@pytest.fixture(scope="module")
def config() -> Config:
    """The shipped configuration, under the parsers there really are."""
    return load(shipped(), {})


def rows(table: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """A table as (source, url) pairs for parametrisation."""
    return [(source, url) for source, addresses in table.items() for url in addresses]


def kinds(source: Source, url: str) -> tuple[bool, bool]:
    """Whether a URL is an article's, and whether it is a listing's."""
    target = urls.target(urls.canonical(url))
    return (
        any(re.search(pattern, target) for pattern in source.articles),
        any(re.search(pattern, target) for pattern in source.listings),
    )


@pytest.mark.parametrize(("source", "url"), rows(ARTICLES))
def test_article_addresses(config: Config, source: str, url: str) -> None:
    """Every article address of every era is an article's, is no listing's, and is in the source's scope."""
    assert kinds(config.source(source), url) == (True, False)
    assert config.owner(url) == config.source(source)


@pytest.mark.parametrize(("source", "url"), rows(ARTICLES))
def test_article_addresses_have_a_reader(config: Config, source: str, url: str) -> None:
    """What a declaration calls an article, its parser has an article layout for."""
    target = urls.target(urls.canonical(url))
    layouts = parse.LAYOUTS[config.source(source).parser]
    assert any(layout.kind == "article" and layout.urls.search(target) for layout in layouts)


@pytest.mark.parametrize(("source", "url"), rows(LISTINGS))
def test_listing_addresses(config: Config, source: str, url: str) -> None:
    """Every listing address of every era is a listing's and no article's."""
    assert kinds(config.source(source), url) == (False, True)
    assert config.owner(url) == config.source(source)


@pytest.mark.parametrize(("source", "url"), rows(NEITHER))
def test_addresses_that_are_neither(config: Config, source: str, url: str) -> None:
    """Films, single pictures and stand-in pages are neither, so that they are never waited for as articles."""
    assert kinds(config.source(source), url) == (False, False)


def test_discovery_and_backfill_pages_are_listings(config: Config) -> None:
    """What a tick or a backfill asks for is what the declaration itself calls a listing."""
    for source in config.sources:
        pages = [page.url for page in source.discover]
        walked = [way for way in source.backfill if not way.token and way.kind != "serial"]
        pages += [way.url.replace("{page}", "3").replace("{next}", "13") for way in walked]
        assert pages
        for url in pages:
            filled = url.replace("{date", "{0").format(date(2022, 3, 10))
            assert kinds(source, filled) == (False, True), url


def test_what_is_counted_are_articles_with_the_outlets_own_key(config: Config) -> None:
    """Each number's address is one of an article, and another address of that article is known to be the same."""
    counted = [
        (source, counting.address(way, counting.start(way, day, datetime(2026, 1, 1, tzinfo=UTC))))
        for source in config.sources
        for way in source.backfill
        for day in (date(2022, 3, 10), date(2024, 8, 1))
        if way.kind == "serial" and walk.reach(way, day, day)
    ]
    assert {kinds(source, url) for source, url in counted} == {(True, False)}
    assert {identity(urls.canonical(url), source.parser) for source, url in counted} == {
        "mfa::13000",
        "rodong:en:2022-03-10-0001",
        "rodong:en:2024-08-01-001",
    }


@pytest.mark.parametrize(
    "day", [date(2012, 1, 1), date(2022, 11, 1), date(2022, 11, 2), date(2024, 8, 1), date(2026, 2, 19)]
)
def test_rodong_backfill_reaches_every_era(config: Config, day: date) -> None:
    """For a day of each template there is a way to walk, and what it asks for is a list with a reader."""
    source = config.source("rodong")
    ways = [way for way in source.backfill if way.kind != "serial" and walk.reach(way, day, day)]
    assert ways
    for way in ways:
        link = walk.ask(way, walk.start(way, day, day), day, day)
        assert link is not None
        assert kinds(source, link.url) == (False, True)
        layouts = [layout for layout in parse.LAYOUTS["rodong"] if layout.urls.search(urls.target(link.url))]
        assert {layout.kind for layout in layouts} == {"listing"}


def test_shipped_outlets(config: Config) -> None:
    """The outlets are there, each politely spaced, with expectations, and with a parser of its own name."""
    assert [source.id for source in config.sources] == ["kcna-jp", "kcna", "kcnawatch", "mfa", "rodong", "xinhua"]
    for source in config.sources:
        assert source.parser == source.id.replace("-", "")
        assert source.parser in parse.PARSERS
        assert 2.5 <= source.politeness.gap <= 6
        assert source.politeness.read_timeout == 60
        assert source.per_day is not None
        assert source.channel == "direct"


def test_contact_is_the_placeholder(config: Config) -> None:
    """Nobody's address is shipped: the operator has to fill in one."""
    assert not config.settings.contact


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("DPRK top leader meets Russian foreign minister", True),
        ("Kim Jong Un inspects flood-hit areas", True),
        ("Air China resumes flights to Pyongyang", True),
        ("Feature: North Koreans mark harvest", True),
        ("S. Korea, N. Korea hold talks at border", True),
        ("Workers’ Party of Korea holds plenary meeting", True),
        ("DPRK's Kim Yo Jong issues statement", True),
        ("中国向朝鲜致贺电", True),
        ("South Korean president visits Beijing", False),
        ("North Carolina braces for storm", False),
        ("Shanghai stocks close higher", False),
        ("China, ROK to deepen cooperation", False),
    ],
)
def test_xinhua_titles(config: Config, title: str, kept: bool) -> None:  # noqa: FBT001 - a column of the table
    """Of Xinhua only what is about the DPRK is kept."""
    pattern = config.source("xinhua").titles
    assert pattern is not None
    assert bool(re.search(pattern, title)) is kept
