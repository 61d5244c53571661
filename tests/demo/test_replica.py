"""The replica outlet, asked as any program would ask it, at stepped times."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

import pytest

from scraper.demo.clock import SteppedClock
from scraper.demo.outlets.kcna import section_path
from scraper.demo.outlets.rodong import list_path
from scraper.demo.replica import Replica
from scraper.demo.script import DAYS, END, HOSTS, KCNA, RODONG, START, STORY_FAULTS, WATCH, ZONE, local, story_fault
from scraper.demo.stories import Story, stories
from tests.demo.asking import ask

LATEST = f"http://{KCNA}{section_path('Latest News')}"
NEWEST = f"http://{RODONG}{list_path('2@@2', 1)}"
CSRF = re.compile(r'name="_csrf" value="([0-9a-f]+)"')


@pytest.fixture
def clock() -> SteppedClock:
    """A clock at the demo's first moment."""
    return SteppedClock(START)


@pytest.fixture
def replica(clock: SteppedClock) -> Iterator[Replica]:
    """A running replica."""
    with Replica(clock) as running:
        yield running


def story(replica: Replica, name: str) -> Story:
    """One story by its id."""
    return next(each for each in replica.stories if each.id == name)


def faulty(replica: Replica, kind: str) -> tuple[Story, datetime]:
    """The story the script does something to, and when."""
    fault = next(each for each in STORY_FAULTS if each.kind == kind)
    return story(replica, fault.story), fault.since


def test_stories_are_about_sixty_over_ten_days_and_always_the_same() -> None:
    """The timetable is deterministic, has about sixty stories, and every address belongs to one of them."""
    every = stories()
    addresses = [url for each in every for url in each.urls]
    assert every == stories()
    assert 55 <= len(every) <= 65
    assert len({each.day.date() for each in every if each.mirrors is None}) == DAYS
    assert len(addresses) == len(set(addresses))


def test_originals_share_no_headline() -> None:
    """Two stories of one outlet cannot be taken for one another."""
    originals = [each for each in stories() if each.mirrors is None]
    assert len({each.versions[0].title for each in originals}) == len(originals)


def test_clock_moves_only_forward() -> None:
    """Sleeping moves the clock, a negative sleep or an earlier moment does not."""
    clock = SteppedClock(START)
    clock.sleep(90)
    clock.sleep(-5)
    clock.move_to(START)
    assert clock.now() == START + timedelta(seconds=90)
    clock.move_to(END.astimezone(ZONE))
    assert (clock.now(), clock.now().tzinfo) == (END, UTC)


def test_kcna_home_leads_to_sections_with_dated_rows(replica: Replica) -> None:
    """The front page links every section, and a section's rows have the bracketed date of the outlet's day."""
    home = ask(replica, f"http://{KCNA}/en").text
    assert section_path("Home News") in home
    rows = ask(replica, LATEST).text
    assert story(replica, "kcna-0901-1").url.rpartition("/")[2] in rows
    assert "<nobr>[2026.9.1.]</nobr>" in rows


def test_kcna_article_page_states_no_date(replica: Replica) -> None:
    """Only the dateline's day and month stand on the page: the year is in the list alone."""
    page = ask(replica, story(replica, "kcna-0901-1").url).text
    assert "2026" not in page
    assert "September 1 (KCNA) --" in page
    assert "-0-</p>" in page


def test_kcna_paging_needs_session_and_token(replica: Replica, clock: SteppedClock) -> None:
    """With cookie and token the second page comes; without either, or half an hour later, an empty <main>."""
    clock.move_to(END)
    first = ask(replica, LATEST)
    cookie = first.headers["set-cookie"].partition(";")[0]
    match = CSRF.search(first.text)
    assert match
    form = {"page_num": "2", "cnt_per_page": "15", "keyword": "", "_csrf": match[1]}
    second = ask(replica, LATEST, form=form, Cookie=cookie)
    rows = set(re.findall(r"/detail/([0-9a-f]{32})", first.text))
    further = set(re.findall(r"/detail/([0-9a-f]{32})", second.text))
    assert (len(rows), len(further), rows & further) == (15, 12, set())
    empty = "<html><body><main></main></body></html>"
    assert ask(replica, LATEST, form=form).text == empty
    assert ask(replica, LATEST, form=form | {"_csrf": "0"}, Cookie=cookie).text == empty
    clock.sleep(1801)
    assert ask(replica, LATEST, form=form, Cookie=cookie).text == empty


def test_kcna_gives_each_visitor_a_session_of_their_own(replica: Replica) -> None:
    """Two visitors without a cookie get different ones, and one who has a cookie gets no other."""
    one, two = (ask(replica, LATEST).headers["set-cookie"] for _visit in range(2))
    assert one != two
    assert "set-cookie" not in ask(replica, LATEST, Cookie=one.partition(";")[0]).headers


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_has_robots(replica: Replica, host: str) -> None:
    """Each host says what may be asked."""
    assert ask(replica, f"http://{host}/robots.txt").text.startswith("User-agent: *\n")


def test_robots_hides_what_the_list_shows(replica: Replica, clock: SteppedClock) -> None:
    """The hidden story stands in the list all the same, and the host wants two seconds between requests."""
    hidden, _since = faulty(replica, "denied")
    clock.move_to(hidden.published)
    robots = ask(replica, f"http://{KCNA}/robots.txt").text
    path = hidden.url.removeprefix(f"http://{KCNA}")
    assert f"Disallow: {path}\n" in robots
    assert "Crawl-delay: 2\n" in robots
    assert path in ask(replica, LATEST).text


@pytest.mark.parametrize(
    "url",
    [
        f"http://{KCNA}/en/article/detail/{'0' * 32}",
        f"http://{RODONG}/en/index.php?MTJAMjAyNi0wOS0wMS0wOTlAMUAxQEAwQDFA",
        f"http://{RODONG}/en/index.php?not-a-token",
        f"http://{WATCH}/newstream/1700000000-1/never/",
        f"http://{WATCH}/newstream-sitemap99.xml",
        "http://other.example/",
    ],
)
def test_a_page_that_never_existed_is_503(replica: Replica, url: str) -> None:
    """Not having a page is no deletion: 503, never 404."""
    assert ask(replica, url).status == 503


def test_stories_appear_when_they_are_published(replica: Replica, clock: SteppedClock) -> None:
    """Before its moment a story is neither listed nor answered; from it on it is both, under all its addresses."""
    later = story(replica, "rodong-0902-002")
    assert {ask(replica, url).status for url in later.urls} == {503}
    assert later.versions[0].title not in ask(replica, NEWEST).text
    clock.move_to(later.published)
    assert {ask(replica, url).status for url in later.urls} == {200}
    assert later.versions[0].title in ask(replica, NEWEST).text


def test_rodong_article_is_one_under_two_addresses(replica: Replica, clock: SteppedClock) -> None:
    """List and section name one article by different tokens, one with surplus padding; the page is the same."""
    clock.move_to(END)
    twice = story(replica, "rodong-0902-002")
    assert twice.urls[1].endswith("==")
    assert len({ask(replica, url).body for url in twice.urls}) == 1
    assert ">Sept. 2, 2026 Wednesday<" in ask(replica, twice.url).text


def test_rodong_lists_page_by_page_and_then_say_unknown_address(replica: Replica, clock: SteppedClock) -> None:
    """Ten rows a page; past the last page the answer is 200 with the outlet's "unknown address"."""
    clock.move_to(END)
    pages = [ask(replica, f"http://{RODONG}{list_path('2@@2', number)}") for number in (1, 2, 3)]
    assert [page.text.count('class="news_date"') for page in pages] == [10, 9, 0]
    assert (pages[2].status, "알수 없는 주소" in pages[2].text) == (200, True)
    assert "19건" in pages[0].text


def test_silent_edit_changes_text_and_validators(replica: Replica, clock: SteppedClock) -> None:
    """Until the edit the old validators are confirmed by 304; after it the page comes anew, reworded."""
    edited, since = faulty(replica, "edited")
    clock.move_to(edited.published)
    before = ask(replica, edited.url)
    etag, modified = before.headers["etag"], before.headers["last-modified"]
    assert ask(replica, edited.url, If_None_Match=etag).status == 304
    assert ask(replica, edited.url, If_Modified_Since=modified).status == 304
    clock.move_to(since)
    after = ask(replica, edited.url, If_None_Match=etag, If_Modified_Since=modified)
    assert ask(replica, edited.url, If_Modified_Since=modified).status == 200
    fault = story_fault(edited.id, "edited")
    assert fault
    assert (fault.before in before.text, fault.after in before.text) == (True, False)
    assert (fault.before in after.text, fault.after in after.text) == (False, True)


def test_not_modified_has_no_body_and_only_one_host_knows_it(replica: Replica) -> None:
    """The list that has validators confirms them; the other hosts send none."""
    listed = ask(replica, NEWEST)
    confirmed = ask(replica, NEWEST, If_None_Match=listed.headers["etag"])
    assert (confirmed.status, confirmed.body, confirmed.headers["etag"]) == (304, b"", listed.headers["etag"])
    assert "etag" not in ask(replica, LATEST).headers
    assert "etag" not in ask(replica, f"http://{WATCH}/feed/").headers


def test_retitled_on_page_and_in_list(replica: Replica, clock: SteppedClock) -> None:
    """The new title stands on the page and in the list, the old one nowhere."""
    changed, since = faulty(replica, "retitled")
    clock.move_to(changed.published)
    old, new = (version.title for version in changed.versions)
    assert f">{old}<" in ask(replica, changed.url).text
    clock.move_to(since)
    for url in (changed.url, LATEST):
        text = ask(replica, url).text
        assert (new in text, old in text) == (True, False)


def test_deleted_story_is_404_and_unlisted(replica: Replica, clock: SteppedClock) -> None:
    """A deletion takes the page away and the row; the mirror keeps its copy."""
    deleted, since = faulty(replica, "gone")
    clock.move_to(since - timedelta(seconds=1))
    assert ask(replica, deleted.url).status == 200
    assert deleted.url.rpartition("/")[2] in ask(replica, LATEST).text
    clock.move_to(since)
    assert ask(replica, deleted.url).status == 404
    assert deleted.url.rpartition("/")[2] not in ask(replica, LATEST).text
    mirror = next(each for each in replica.stories if each.mirrors == deleted)
    assert deleted.url in ask(replica, mirror.url).text


def test_vanished_story_is_listed_but_never_answered(replica: Replica, clock: SteppedClock) -> None:
    """For more than two hours its row is seen while its page fails; then it is gone, and only mirrored."""
    vanished, since = faulty(replica, "vanished")
    clock.move_to(vanished.published)
    assert vanished.versions[0].title in ask(replica, NEWEST).text
    assert {ask(replica, url).status for url in vanished.urls} == {503}
    assert since - vanished.published > timedelta(hours=2)
    clock.move_to(since)
    assert vanished.versions[0].title not in ask(replica, NEWEST).text
    assert {ask(replica, url).status for url in vanished.urls} == {404}


def test_block_page_answers_200_for_some_hours(replica: Replica, clock: SteppedClock) -> None:
    """One article is replaced by a legal block page in EUC-KR, status 200, and comes through afterwards."""
    blocked, until = faulty(replica, "blocked")
    clock.move_to(blocked.published)
    page = ask(replica, blocked.url)
    assert page.status == 200
    assert b'<meta name="kcsc" content="blocking">' in page.body
    assert "접속 차단 안내" in page.body.decode("euc-kr")
    clock.move_to(until)
    assert blocked.versions[0].title in ask(replica, blocked.url).text


def test_throttled_host_names_half_an_hour(replica: Replica, clock: SteppedClock) -> None:
    """The first request in the span gets 429, all within the named time too, the next one is answered."""
    clock.move_to(local(5, "12:10"))
    first = ask(replica, f"http://{WATCH}/feed/")
    assert (first.status, first.headers["retry-after"]) == (429, "1800")
    assert ask(replica, LATEST).status == 200
    clock.sleep(1799)
    assert ask(replica, f"http://{WATCH}/robots.txt").headers["retry-after"] == "1"
    clock.sleep(1)
    assert ask(replica, f"http://{WATCH}/feed/").status == 200


def test_outage_of_one_host_for_six_hours(replica: Replica, clock: SteppedClock) -> None:
    """Everything on the host fails, robots.txt too, while the others go on."""
    clock.move_to(local(7, "02:00"))
    assert [ask(replica, f"http://{RODONG}{path}").status for path in ("/robots.txt", "/en/")] == [503, 503]
    assert ask(replica, LATEST).status == 200
    clock.sleep(6 * 3600)
    assert ask(replica, NEWEST).status == 200


def test_slow_page_drips_once(replica: Replica, clock: SteppedClock) -> None:
    """The first answer takes longer than the demo's deadline of a second, the second does not."""
    slow, _since = faulty(replica, "slow")
    clock.move_to(slow.published)
    taken: list[float] = []
    for _attempt in range(2):
        start = time.monotonic()
        assert ask(replica, slow.url).status == 200
        taken.append(time.monotonic() - start)
    assert taken[0] > 1.4
    assert taken[1] < 1.0


def test_leaving_hangs_up(clock: SteppedClock) -> None:
    """Neither a connection that is kept open nor a page that still drips keeps the replica from closing."""
    with Replica(clock) as running:
        clock.move_to(END)
        idle, dripping = (HTTPConnection(running.address, timeout=10) for _connection in range(2))
        slow, _since = faulty(running, "slow")
        idle.request("GET", "/robots.txt", headers={"Host": KCNA})
        idle.getresponse().read()
        dripping.request("GET", slow.url.removeprefix(f"http://{RODONG}"), headers={"Host": RODONG})
        start = time.monotonic()
    assert time.monotonic() - start < 1.0
    idle.close()
    dripping.close()


def test_only_the_aggregator_compresses(replica: Replica) -> None:
    """Gzip where it is accepted, and only there."""
    feed = ask(replica, f"http://{WATCH}/feed/", Accept_Encoding="gzip")
    assert (feed.headers["content-encoding"], feed.body[:5]) == ("gzip", b"<?xml")
    assert "content-encoding" not in ask(replica, f"http://{WATCH}/feed/").headers
    assert "content-encoding" not in ask(replica, NEWEST, Accept_Encoding="gzip").headers


def test_aggregator_pages_change_with_every_fetch(replica: Replica, clock: SteppedClock) -> None:
    """The day of the fetch stands first and the block of newest items grows; the article stays."""
    mirror = story(replica, "watch-kcna-0901-1")
    clock.move_to(local(2, "12:00"))
    early = ask(replica, mirror.url).text
    clock.move_to(local(9, "12:00"))
    late = ask(replica, mirror.url).text
    assert early.index("September 02, 2026") < early.index("Date: 01/09/2026 | Source: KCNA.kp (En) | ")
    assert late.index("September 09, 2026") < late.index("Date: 01/09/2026")
    assert late.count('class="article-desc"') > early.count('class="article-desc"')
    article = re.compile(r'<div class="article-content">.*?</div>', re.DOTALL)
    assert article.findall(early) == article.findall(late)


def test_aggregator_is_reached_by_feed_sitemap_and_fragment(replica: Replica, clock: SteppedClock) -> None:
    """Sitemaps hold every item, the fragment those of one source by tens, the feed the newest ten."""
    clock.move_to(END)
    mirrors = {each.url for each in replica.stories if each.host == WATCH}
    index = ask(replica, f"http://{WATCH}/sitemap_index.xml").text
    mapped = "".join(ask(replica, url).text for url in re.findall(r"<loc>([^<]+)</loc>", index))
    assert set(re.findall(r"<loc>([^<]+)</loc>", mapped)) == mirrors
    ajax = f"http://{WATCH}/wp-admin/admin-ajax.php?action=get_cat_by_source&die=true&from={{}}&to={{}}&sort=&id=189661"
    rodong = {each.url for each in replica.stories if each.mirrors is not None and each.mirrors.host == RODONG}
    assert set(re.findall(r'href="([^"]+)"', ask(replica, ajax.format(0, 10)).text)) == rodong
    assert ask(replica, ajax.format(10, 10)).body == b""
    assert ask(replica, f"http://{WATCH}/feed/").text.count("<item>") == 10


def test_log_keeps_every_request_with_its_simulated_time(replica: Replica, clock: SteppedClock) -> None:
    """Time, host, path and status of each request, in order."""
    ask(replica, NEWEST)
    clock.sleep(2)
    ask(replica, LATEST, form={})
    assert [hit[:4] for hit in replica.log] == [
        (START, RODONG, NEWEST.removeprefix(f"http://{RODONG}"), 200),
        (START + timedelta(seconds=2), KCNA, LATEST.removeprefix(f"http://{KCNA}"), 200),
    ]
    assert [hit.method for hit in replica.log] == ["GET", "POST"]


def test_date_header_tells_simulated_time(replica: Replica) -> None:
    """An answer is dated by the clock that the jobs share, so that Retry-After and Date agree."""
    assert ask(replica, NEWEST).headers["date"] == f"{START:%a, %d %b %Y %H:%M:%S} GMT"


def test_expectations_cover_the_whole_script(replica: Replica) -> None:
    """One expectation for each line of the script, with the source that should find it."""
    told = {(each.kind, each.source) for each in replica.expectations}
    assert told == {
        ("gone", "replica-kcna"),
        ("retitled", "replica-kcna"),
        ("denied", "replica-kcna"),
        ("blocked", "replica-kcna"),
        ("edited", "replica-rodong"),
        ("vanished", "replica-rodong"),
        ("slow", "replica-rodong"),
        ("outage", "replica-rodong"),
        ("throttled", "replica-watch"),
    }
    assert all(START <= each.since < END for each in replica.expectations)


def test_a_whole_history_is_served_quickly(replica: Replica, clock: SteppedClock) -> None:
    """1,500 requests take well under ten seconds, also for a client that opens a connection for each."""
    clock.move_to(END)
    addresses = [LATEST, NEWEST, *(each.url for each in replica.stories if each.live(END))][:50]
    slow, _since = faulty(replica, "slow")
    start = time.monotonic()
    for _round in range(30):
        for url in addresses:
            if url not in slow.urls:
                ask(replica, url)
    assert time.monotonic() - start < 10.0
