"""The generic parser on pages that are full of other articles: what it reads, beside trafilatura alone, and that it is always the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from benchmarks.extraction import GENERIC, known, ours, trafilatura_alone
from benchmarks.scoring import leak, score, together
from scraper.jobs.reader import Reader
from scraper.policy.resolve import read
from tests.generic_pages import ROOT, article, names, truth

PAGES = {page.name.removesuffix(".html"): page for page in known(ROOT)}
ARTICLES = {name: article(name) for name in names()}


@pytest.mark.parametrize("name", names())
def test_a_page_gives_its_own_article(name: str) -> None:
    """Title, date and paragraphs are exactly what the page's author wrote; nothing of what it leads to is among them."""
    told, found = truth(name), ARTICLES[name]
    assert (found["title"], found["published"][:10]) == (told["title"], told["date"])
    assert list(found["paragraphs"]) == told["paragraphs"]
    assert found["language"] in {told["language"], "und"}


@pytest.mark.parametrize("name", names())
def test_no_page_is_read_worse_than_by_trafilatura_alone(name: str) -> None:
    """Page by page, not on average."""
    page = PAGES[name]
    mine, theirs = ours(page.page), trafilatura_alone(page.page)
    assert score(page.text, mine.text).f1 >= score(page.text, theirs.text).f1
    assert leak(page.text, mine.text, page.related) == 0


def test_the_pages_are_hard() -> None:
    """There are thirty and more, and trafilatura alone takes other articles' text from half of them: the test above can fail."""
    leaking = [
        name for name, page in PAGES.items() if leak(page.text, trafilatura_alone(page.page).text, page.related) > 0
    ]
    assert len(PAGES) >= 30
    assert len(leaking) * 2 >= len(PAGES)


def _run(*arguments: str, seed: str = "0") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.generic_pages", *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.Popen(command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, env=environment)


def _said(child: subprocess.Popen[bytes]) -> bytes:
    out, _ = child.communicate(timeout=300)
    assert child.returncode == 0
    return out


def test_the_same_bytes_give_the_same_articles() -> None:
    """Three runs, each in another order, two of them at the same time, with other seeds of hashing: identical bytes come out."""
    first = _said(_run())
    together_ = [_run("--seed", "1", seed="11"), _run("--seed", "2", seed="12")]
    assert [_said(child) == first for child in together_] == [True, True]
    assert json.loads(first) == json.loads(json.dumps(ARTICLES))


@pytest.mark.parametrize("processes", [1, 2])
def test_the_workers_children_read_the_same(processes: int) -> None:
    """Through the worker's own reader, from four threads at once: whatever child a page falls to, and whatever it read before."""
    with closing(Reader(processes=processes)) as reader, ThreadPoolExecutor(4) as threads:
        readings = list(threads.map(lambda name: reader.read(PAGES[name].page, GENERIC), reversed(names())))
    expected = [read(PAGES[name].page, GENERIC) for name in reversed(names())]
    assert [reading.parsed for reading in readings] == expected


@pytest.mark.parametrize("moment", ["2009-02-03T04:05:06+00:00", "2041-02-03T04:05:06+00:00"])
def test_the_clock_has_no_say(moment: str) -> None:
    """Long before the pages were written and long after, the same bytes come out."""
    assert json.loads(_said(_run("--clock", moment))) == json.loads(json.dumps(ARTICLES))


def test_the_changed_clock_is_believed() -> None:
    """The control: under the early clock, htmldate's own now hides a date that the parser finds by the page's time."""
    code = (
        "from datetime import datetime; from tests import generic_pages as pages; import sys;"
        "pages.believe(datetime.fromisoformat(sys.argv[1]));"
        "from htmldate import find_date;"
        "print(find_date((pages.ROOT / 'date-at-foot.html').read_text(encoding='utf-8'), extensive_search=False))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code, f"{year}-02-03T04:05:06+00:00"],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for year in (2009, 2041)
    ]
    assert said == ["None", "2026-03-14"]
    assert (ARTICLES["date-at-foot"]["published"], ARTICLES["date-at-foot"]["published_evidence"]) == (
        "2026-03-14",
        "inferred",
    )


def test_a_date_after_the_page_was_seen_is_none() -> None:
    """What htmldate infers is bounded by the page's own time, not by today's."""
    page = PAGES["date-at-foot"].page
    early = ours(replace(page, fetched_at=datetime.fromisoformat("2026-03-01T00:00:00+00:00")))
    assert early.date is None


def test_scores_count_runs_of_four_words() -> None:
    """As the benchmarks do: equal is 1, nothing is 0, precision falls with what is added, recall with what is missing."""
    text = "one two three four five six seven eight"
    assert score(text, text).f1 == 1
    assert score(text, "").f1 == 0
    assert score(text, f"{text} nine").precision == 5 / 6
    assert score(text, "one two three four five").recall == 2 / 5
    assert together([score(text, text), score(text, "x")]).precision == 0.5
    assert leak(text, f"{text} alpha beta gamma delta", ["alpha beta gamma delta"]) == 1
