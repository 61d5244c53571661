from __future__ import annotations

import pytest

from scraper.parse.identity import identity, own, scheme

HEX = "0123456789abcdef0123456789abcdef"
RODONG = "http://www.rodong.rep.kp/en/index.php"
XINHUA = "xinhuanet.com/english/2019-03/25"


@pytest.mark.parametrize(
    ("parser", "addresses"),
    [
        (
            "rodong",
            (
                f"{RODONG}?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA",
                f"{RODONG}?MTJAMjAyNi0wMi0xOS0wMDNAMTVAMkBAMEAxQA==",
                f"{RODONG}?OEAyMDI2LTAyLTE5LTAwM0AxOUBA7Iuc7ZeYQDM===",
            ),
        ),
        (
            "rodong",
            (
                f"{RODONG}?strPageID=SF01_02_01&newsID=2022-03-10-0002",
                f"{RODONG}?newsID=2022-03-10-0002&iMenuID=1&strPageID=SF01_02_01",
            ),
        ),
        (
            "xinhua",
            (
                f"https://english.news.cn/20250713/{HEX}/c.html",
                f"https://english.news.cn/asiapacific/20250713/{HEX}/c.html?from=list",
            ),
        ),
        (
            "xinhua",
            (
                "http://www.news.cn/tw/2023-11/17/c_1129981214.htm",
                "http://www.xinhuanet.com/politics/2023-11/17/c_1129981214.htm",
            ),
        ),
        ("xinhua", (f"http://www.{XINHUA}/c_137922356.htm", f"https://{XINHUA}/c_137922356.html?page=all#text")),
        (
            "kcnawatch",
            (
                "https://kcnawatch.org/newstream/1396423980-1027/laws/space-development-law/",
                "https://kcnawatch.co/newstream/1396423980-1027/%ec%9a%b0/",
            ),
        ),
        (
            "mfa",
            (
                "http://www.mfa.gov.kp/view/article/15151",
                "https://mfa.gov.kp/view/article/15151/?x=1",
                "http://www.mfa.gov.kp/ru/view/article/15151",
            ),
        ),
    ],
)
def test_addresses_of_one_article(parser: str, addresses: tuple[str, ...]) -> None:
    """Section, position, search words, host, scheme and padding do not tell articles apart."""
    assert len({identity(address, parser) for address in addresses}) == 1


@pytest.mark.parametrize(
    ("parser", "one", "other"),
    [
        ("rodong", f"{RODONG}?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA", f"{RODONG}?MTJAMjAyNi0wMi0xOS0wMDRAMUAxQEAwQDhA"),
        (
            "rodong",
            f"{RODONG}?strPageID=SF01_02_01&newsID=2022-03-10-0002",
            f"{RODONG.replace('/en/', '/ko/')}?strPageID=SF01_02_01&newsID=2022-03-10-0002",
        ),
        ("xinhua", f"http://www.{XINHUA}/c_137922356.htm", f"http://www.{XINHUA}/c_137922356_2.htm"),
        ("kcna", f"http://www.kcna.kp/en/article/q/{HEX}.kcmsf", f"http://www.kcna.kp/en/article/q/{HEX}{HEX}.kcmsf"),
        (
            "kcnawatch",
            "https://kcnawatch.org/newstream/1396423980-1027/a/",
            "https://kcnawatch.org/newstream/1396423980-1028/a/",
        ),
        ("mfa", "http://www.mfa.gov.kp/en/statement-of-may/", "http://www.mfa.gov.kp/en/statement-of-june/"),
    ],
)
def test_addresses_of_two_articles(parser: str, one: str, other: str) -> None:
    """Another serial, language, number or page is another article; where nothing is known each address is its own."""
    assert identity(one, parser) != identity(other, parser)


@pytest.mark.parametrize(
    ("parser", "url", "way"),
    [
        ("rodong", f"{RODONG}?strPageID=SF01_02_01&newsID=2022-03-10-0002", "newsID"),
        ("rodong", f"{RODONG}?MTJAMjAyNi0wMi0xOS0wMDNAMUAxQEAwQDhA", "token"),
        ("xinhua", f"https://english.news.cn/20250713/{HEX}/c.html", "hex"),
        ("xinhua", f"http://www.{XINHUA}/c_137922356.htm", "c"),
        ("xinhua", f"http://www.{XINHUA}/content_137922356.htm", "content"),
        ("mfa", "http://www.mfa.gov.kp/view/article/15151", ""),
    ],
)
def test_ways_of_numbering(parser: str, url: str, way: str) -> None:
    """An outlet that numbered its articles anew has two ways; within each, two numbers are two articles."""
    assert own(identity(url, parser))
    assert scheme(identity(url, parser)) == way


@pytest.mark.parametrize(
    ("parser", "url"),
    [
        ("kcna", f"http://www.kcna.kp/en/article/q/{HEX}.kcmsf"),
        ("kcna", f"http://www.kcna.kp:8080/en/article/detail/{HEX}"),
        ("mfa", "http://www.mfa.gov.kp/en/statement-of-may/"),
        ("kcna", "http:///"),
    ],
)
def test_an_addresss_own_key_is_none_of_the_outlets(parser: str, url: str) -> None:
    """Where an address says nothing of its article it stands for itself alone."""
    assert not own(identity(url, parser))
