"""One article under many addresses, from answers to commands: aliases, moves and swaps, on pages of the real templates."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scraper.catalogue import queries, writing
from scraper.catalogue.tables import DERIVED
from scraper.errors import UsageError
from scraper.jobs.articles import article_of, articles
from scraper.jobs.check import check
from scraper.jobs.look import changes
from scraper.jobs.rebuild import rebuild
from scraper.jobs.reparse import reparse
from scraper.model import Capture, Change, Role
from scraper.policy.audit import SETS
from tests.commands import scraper
from tests.story_archive import KCNA, Story, detail_page, q_page, rodong_page, story

WHEAT = ("Wheat Harvest Begins", "Pyongyang, June 20 (KCNA) -- The harvest began on the coast.", "It ends in July.")
BRIDGE = ("Footbridge Opened", "Pyongyang, June 20 (KCNA) -- Two villages are joined now.", "Children walk over it.")
A, B, C = (f"{KCNA}/q/{digit * 32}.kcmsf" for digit in "abc")
NEW = f"{KCNA}/detail/{'d' * 32}"
RODONG = "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_02_01&newsID=2026-06-20-000"


def told(one: Story) -> list[tuple[str, str, str]]:
    """Kind, address and second address of every change."""
    found: tuple[Change, ...] = changes(one.services, one.services.config.sources).changes
    return [(each.kind.value, each.url, each.other) for each in found]


def listed(one: Story, source: str = "kcna") -> list[tuple[str, list[str], int]]:
    """Title, addresses and number of captures of each article."""
    found = articles(one.services, [one.services.config.source(source)])
    return [(each.title, [alias.url for alias in each.aliases], each.captures) for each in found]


def counted(one: Story, source: str) -> dict[str, int]:
    """What `check` counts of a source."""
    counts = dict(check(one.services, [one.services.config.source(source)]).counts)
    return {name: counts[name] for name in SETS}


def test_copies_in_several_sections_are_one_article(tmp_path: Path) -> None:
    """KCNA's addresses have nothing in common; `check` counts the article once, and `show` names all of them."""
    with story(tmp_path) as one:
        for url in (A, B, A):
            one.answer(url, q_page(*WHEAT))
        one.answer(C, q_page(*BRIDGE))
        assert listed(one) == [("Wheat Harvest Begins", [A, B], 3), ("Footbridge Opened", [C], 1)]
        assert counted(one, "kcna") == dict.fromkeys(("expected", "known", "held", "intact", "readable"), 2)
        (shown,) = article_of(one.services, "kcna", one.captures[1].key)
        assert shown.id == one.captures[0].key
    ran = scraper("show", B, "--config", one.config)
    assert (ran.code, ran.text.count(A), ran.text.count(B)) == (0, 1, 2)
    by_id = scraper("show", shown.id, "--json", "--config", one.config).lines
    assert Counter(line["url"] for line in by_id) == {A: 2, B: 1}


def test_a_press_review_of_every_day_is_an_article_of_every_day(tmp_path: Path) -> None:
    """The same words under another date are another article."""
    with story(tmp_path) as one:
        for url, day in ((A, "2026.06.20."), (B, "2026.06.21."), (C, "2026.06.21.")):
            one.answer(url, q_page("Press Review", "Following are major news items of today's papers.", day=day))
        assert [addresses for _, addresses, _ in listed(one)] == [[A], [B, C]]


def test_an_article_that_moved_to_the_new_scheme(tmp_path: Path) -> None:
    """The old address is gone, the new one shows the same words; a page without a date of its own has its dateline's."""
    with story(tmp_path) as one:
        before = one.answer(A, q_page(*WHEAT))
        one.answer(C, q_page(*BRIDGE))
        after = one.answer(NEW, detail_page(*WHEAT), days=20)
        one.answer(
            f"{KCNA}/detail/{'e' * 32}", detail_page("Another", "Pyongyang, July 9 (KCNA) -- Other words stand.")
        )
        gone = [one.answer(url, "<html>not found</html>", status=404, days=0.01) for url in (A, C)]
        assert told(one) == [("moved", A, NEW), ("suspect-gone", C, "")]
        moved = changes(one.services, one.services.config.sources).changes[0]
        assert (moved.before, moved.after) == (before.record, after.record)
        assert ("Wheat Harvest Begins", [A, NEW], 2) in listed(one)
        assert gone[0].record not in {moved.before, moved.after}
    line = scraper("changes", "kcna", "--config", one.config).text
    assert f"{A} → {NEW}" in line


def test_a_redirect_to_the_new_address(tmp_path: Path) -> None:
    """The article was even edited on the way; the old address counts as held."""
    with story(tmp_path) as one:
        one.answer(A, q_page(*WHEAT))
        hop = one.answer(A, status=301, headers=(("Location", NEW),))
        one.answer(NEW, detail_page(*WHEAT[:2], "It ends in July or later."), came_from=hop)
        assert told(one) == [("moved", A, NEW)]
        assert listed(one) == [("Wheat Harvest Begins", [A, NEW], 2)]
        assert counted(one, "kcna")["expected"] == counted(one, "kcna")["held"] == 1


def test_a_purge_is_listed_as_one_event_and_as_each_of_its_articles(tmp_path: Path) -> None:
    """Thirty articles answer 404 from a host that gives the others; while it only answers 404, nothing is told."""
    purged = [f"{KCNA}/q/{number:032x}.kcmsf" for number in range(30)]
    with story(tmp_path) as one:
        for number, url in enumerate((*purged, A)):
            one.answer(url, q_page(f"Item {number}", f"Pyongyang, June 20 (KCNA) -- Words of {number}."), days=0.001)
        for url in purged:
            one.answer(url, "<html>not found</html>", status=404, days=0.1)
        few = len(told(one))
        one.answer(A, q_page("Item 30", "Pyongyang, June 20 (KCNA) -- Words of 30."), days=1)
        for url in purged:
            one.answer(url, "<html>not found</html>", status=404, days=0.001)
        kinds = Counter(kind for kind, _, _ in told(one))
    assert few < 20
    assert kinds == {"suspect-gone": 30, "mass-deletion": 1}
    (event,) = scraper("changes", "kcna", "--kind", "mass-deletion", "--json", "--config", one.config).lines
    members = scraper("changes", "kcna", "--kind", "suspect-gone", "--json", "--config", one.config).lines
    # Those that were told more than three days before belong to it no more.
    assert event["members"] == [line["id"] for line in members[few:]]


def test_two_articles_that_swapped_their_addresses(tmp_path: Path) -> None:
    """As at Rodong Sinmun in October 2021: one change that names both addresses, not four."""
    with story(tmp_path) as one:
        for number, page in ((4, WHEAT), (5, BRIDGE)):
            one.answer(f"{RODONG}{number}", rodong_page(*page))
        for number, page in ((4, BRIDGE), (5, WHEAT)):
            one.answer(f"{RODONG}{number}", rodong_page(*page), days=1)
        assert told(one) == [("swapped", f"{RODONG}4", f"{RODONG}5")]
        assert len(listed(one, "rodong")) == 2
    line = scraper("changes", "rodong", "--config", one.config).text
    assert f"{RODONG}4 ⇄ {RODONG}5" in line
    (found,) = scraper("changes", "rodong", "--json", "--config", one.config).lines
    assert found["other"] == f"{RODONG}5"
    assert found["other_before"] == one.captures[1].record
    assert found["other_after"] == one.captures[3].record


def test_a_swap_where_addresses_are_all_there_is(tmp_path: Path) -> None:
    """Each article keeps both its addresses, one after the other, and the captures that show it."""
    with story(tmp_path) as one:
        for url, page in ((A, WHEAT), (B, BRIDGE), (A, BRIDGE), (B, WHEAT)):
            one.answer(url, q_page(*page), days=1)
        assert told(one) == [("swapped", A, B)]
        assert listed(one) == [("Wheat Harvest Begins", [A, B], 2), ("Footbridge Opened", [B, A], 2)]
        assert counted(one, "kcna")["expected"] == 2


def test_the_listed_alias_of_a_held_article_is_not_missing(tmp_path: Path) -> None:
    """Rodong Sinmun's list shows an article at another address than the one it was fetched under."""
    with story(tmp_path) as one:
        one.answer(f"{RODONG}4", rodong_page(*WHEAT))
        rows = "".join(
            f"<div class='ListNewsLineContainer'><div class='ListNewsLineNo'>{number}</div>"
            f"<div class='ListNewsLineTitleW'><a href=\"javascript:article_open('index.php?strPageID=SF01_02_01&iMenuID={number}"
            f"&newsID=2026-06-20-0004')\">Wheat Harvest Begins</a></div><div class='ListNewsLineWriter'></div>"
            f"<div class='ListNewsLineDate'>2026.06.20</div></div>"
            for number in (1, 2)
        )
        page = f"<html><body><div class='ListNewsContainer'>{rows}</div></body></html>"
        url = "http://www.rodong.rep.kp/en/index.php?strPageID=SF01_01_02&iMenuID=1"
        assert one.answer(url, page, role=Role.LISTING).verdict.value == "listing"
        assert counted(one, "rodong") == dict.fromkeys(("expected", "known", "held", "intact", "readable"), 1)
        assert [len(addresses) for _, addresses, _ in listed(one, "rodong")] == [3]


def told_story(one: Story) -> None:
    """A little of everything: copies, an edit, a swap, a move, answers that are no article, pages nobody can read."""
    one.answer(A, q_page(*WHEAT))
    one.answer(B, q_page(*WHEAT))
    one.answer(C, q_page(*BRIDGE))
    one.answer(A, q_page(*WHEAT[:2], "It ends in August."), days=1)
    one.answer(B, q_page(*BRIDGE), days=1)
    one.answer(C, q_page(*WHEAT))
    one.answer(C, "<html>not found</html>", status=404, days=20)
    one.answer(NEW, detail_page(*BRIDGE))
    one.answer(f"{KCNA}/detail/{'f' * 32}", detail_page("No text") + "<p>" + "a template nobody knows " * 60)
    one.answer(f"{RODONG}4", rodong_page(*WHEAT))
    one.answer(f"{RODONG}5", "", status=0)


def reached(one: Story) -> Counter[str]:
    """How many articles every capture is reached from."""
    found = articles(one.services, one.services.config.sources, full=True)
    return Counter(record for each in found for record in each.records)


def readable(one: Story, captures: list[Capture]) -> set[str]:
    """The captures an article was read from."""
    return {
        each.record
        for each in captures
        if queries.articles_of(one.services.database, each.source, each.key, each.sha256 or "")
    }


def test_no_capture_is_ever_lost(tmp_path: Path) -> None:
    """After another parser version, a merge of two archives and a rebuild every capture is reached from exactly one article."""
    with story(tmp_path / "one") as one, story(tmp_path / "two") as two:
        told_story(one)
        two.clock.sleep(3600 * 24 * 40)
        for url, page in ((A, WHEAT), (NEW, BRIDGE)):
            two.answer(url, detail_page(*page) if url == NEW else q_page(*page))
        everything = readable(one, one.captures)
        assert len(everything) == 8
        assert reached(one) == dict.fromkeys(everything, 1)
        # Readings of an earlier parser, of which one made another article of a page, and one could not read it.
        earlier(one, one.captures[1], "Another title")
        earlier(one, one.captures[2], None)
        assert reached(one) == dict.fromkeys(everything - {one.captures[2].record}, 1)
        reparse(one.services, one.services.config.sources)
        assert reached(one) == dict.fromkeys(everything, 1)
        rows = derived(one)
        rebuild(one.services)
        assert derived(one) == rows
        for key in two.services.archive.store.list():
            one.services.archive.store.put(key, two.services.archive.store.get(key))
        rebuild(one.services)
        merged = everything | readable(two, two.captures)
        assert len(merged) == 10
        assert reached(one) == dict.fromkeys(merged, 1)
        again = [each.id for each in articles(one.services, one.services.config.sources)]
        rebuild(one.services)
        assert [each.id for each in articles(one.services, one.services.config.sources)] == again


def earlier(one: Story, capture: Capture, title: str | None) -> None:
    """Leave a page read as an earlier parser read it: under another title, or not at all."""
    source = one.services.config.source(capture.source)
    reading = one.services.reader.read(one.services.archive.load(capture), source, None)
    changed = tuple(replace(each, title=title, parser="kcna@0") for each in reading.parsed.articles) if title else ()
    changed_reading = replace(reading, parsed=replace(reading.parsed, articles=changed))
    writing.add_reading(one.services.database, capture, changed_reading, ())


def derived(one: Story) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every derived table."""
    return {table.name: one.services.database.dump(table) for table in DERIVED}


def test_the_command_prints_json_lines(tmp_path: Path) -> None:
    """One object per article, with its text where that is asked for; days choose, and the wrong way round is refused."""
    with story(tmp_path) as one:
        one.answer(A, q_page(*WHEAT, day="2026.06.20."))
        one.answer(B, q_page(*BRIDGE, day="2026.06.22."))
        config = ("--config", one.config)
        with pytest.raises(UsageError, match="lies after"):
            list(articles(one.services, (), since=date(2026, 6, 2), until=date(2026, 6, 1)))
    short = scraper("articles", "kcna", "--json", *config).lines
    assert [each["published"] for each in short] == ["2026-06-20", "2026-06-22"]
    assert "article" not in short[0]
    (full,) = scraper("articles", "--since", "2026-06-22", "--until", "2026-06-22", "--full", "--json", *config).lines
    assert full["article"]["paragraphs"] == list(BRIDGE[1:])
    assert full["records"] == [one.captures[1].record]
    text = scraper("articles", "kcna", *config).text
    assert WHEAT[0] in text
    assert WHEAT[2] not in text
    assert WHEAT[2] in scraper("articles", "kcna", "--full", *config).text
    assert scraper("articles", "kcna", "--since", "2026-07-01", *config).text == ""
