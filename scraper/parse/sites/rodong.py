"""Rodong Sinmun (rodong.rep.kp): the `strPageID` pages (to 1 November 2022) and the two base64 layouts after it.

An article's key is the outlet's own, date and serial (`2022-03-10-0002`, `2024-08-01-H003`): section, position and search
words inside a token change, so one article has many addresses (docs/sources.md, "Rodong Sinmun").
"""

from __future__ import annotations

import re
from datetime import date

from scraper.parse.layout import Grade, Layout
from scraper.parse.sites import rodong_articles, rodong_lists, rodong_pictures

# Base64 of three characters is four: `12@` is always `MTJA`, `8@2` is `OEAy`, `1@@` is `MUBA`, `2@@` is `MkBA`.
_TOKEN_ARTICLE_URL = re.compile(r"index\.php\?(?:MTJA|OEAy)")
# A digit follows, in base64: `2@@@@p` is a picture.
_TOKEN_LIST_URL = re.compile(r"index\.php\?M[Uk]BA[MNO]|^/(?:(?:ko|en|cn)/?)?(?:index\.php)?$")
_REDESIGN = date(2022, 11, 2)

LAYOUTS = (
    Layout(
        name="rodong/2025-article",
        addresses="`index.php?<base64 of 12@… or 8@…>`",
        grade=Grade.SELECTORS,
        version=2,
        kind="article",
        urls=_TOKEN_ARTICLE_URL,
        since=date(2025, 1, 1),
        until=None,
        fits=rodong_articles.is_2025_article,
        read=rodong_articles.read_2025_article,
    ),
    Layout(
        name="rodong/2022-article",
        addresses="`index.php?<base64 of 12@… or 8@…>`",
        grade=Grade.SELECTORS,
        version=2,
        kind="article",
        urls=_TOKEN_ARTICLE_URL,
        since=_REDESIGN,
        until=date(2024, 12, 31),
        fits=rodong_articles.is_2022_article,
        read=rodong_articles.read_2022_article,
    ),
    Layout(
        name="rodong/2022-list",
        addresses="`index.php?<base64 of 1@@… or 2@@…>`, front page",
        grade=Grade.SELECTORS,
        version=2,
        kind="listing",
        urls=_TOKEN_LIST_URL,
        since=_REDESIGN,
        until=None,
        fits=rodong_lists.is_token_list,
        read=rodong_lists.read_token_list,
    ),
    Layout(
        name="rodong/2025-home",
        addresses="front page",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=re.compile(r"^/(?:(?:ko|en|cn)/?)?(?:index\.php)?$"),
        since=date(2025, 1, 1),
        until=None,
        fits=rodong_lists.is_home,
        read=rodong_lists.read_home,
    ),
    Layout(
        name="rodong/2025-galleries",
        addresses="`index.php?<base64 of 1@@8@… or 1@@9@…>`",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=re.compile(r"index\.php\?MUBAO[EU]"),
        since=date(2025, 1, 1),
        until=None,
        fits=rodong_lists.is_galleries,
        read=rodong_lists.read_galleries,
    ),
    Layout(
        name="rodong/2025-section",
        addresses="`index.php?<base64 of 1@@7@…>`",
        grade=Grade.SELECTORS,
        version=1,
        kind="listing",
        urls=re.compile(r"index\.php\?MUBAN0"),
        since=date(2025, 1, 1),
        until=None,
        fits=rodong_lists.is_section,
        read=rodong_lists.read_section,
    ),
    Layout(
        name="rodong/2025-gallery",
        addresses="POST `index.php?MDVAQEBA`",
        grade=Grade.SELECTORS,
        version=1,
        kind="article",
        urls=re.compile(r"index\.php\?MDVAQEBA"),
        since=date(2025, 1, 1),
        until=None,
        fits=rodong_pictures.is_gallery,
        read=rodong_pictures.read_gallery,
    ),
    Layout(
        name="rodong/page-id-article",
        addresses="`index.php?strPageID=SF01_02_01&newsID=…`",
        grade=Grade.REAL_PAGES,
        version=2,
        kind="article",
        urls=re.compile(r"strPageID=SF01_02_01\b"),
        since=None,
        until=_REDESIGN,
        fits=rodong_articles.is_page_id_article,
        read=rodong_articles.read_page_id_article,
    ),
    Layout(
        name="rodong/page-id-list",
        addresses="`index.php?strPageID=SF01_01_0N&…`",
        grade=Grade.REAL_PAGES,
        version=2,
        kind="listing",
        urls=re.compile(r"strPageID=SF01_(?:01_0[1-5]|03_01)\b"),
        since=None,
        until=_REDESIGN,
        fits=rodong_lists.is_page_id_list,
        read=rodong_lists.read_page_id_list,
    ),
)
