"""The comparison form, the end marks, the dates: what the pure readers of text promise."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.model import Dateline
from scraper.parse import dates
from scraper.parse.text import fold, split_end_mark, text_sha256

DAYS = st.dates(min_value=date(1912, 1, 1), max_value=date(2110, 12, 31))


@given(st.text())
@example("a \u0301 , ´ 1 ´st ¨'s")
@example("( )")
@example("\ufb01 １ ｔｈ ﹙ x ﹚")
def test_fold_is_idempotent(text: str) -> None:
    """Folding a folded text changes nothing."""
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("printed", "other"),
    [
        ("Ann Example , general secretary", "Ann Example, general secretary"),
        ("the 14 th anniversary, the DPRK's 75 th", "the 14th anniversary, the DPRK's 75th"),
        ("Ann Example 's library", "Ann Example’s library"),
        ("in ２０２６", "in 2026"),
        ("“Quiet” – hour", '"Quiet" - hour'),
        ("two\u3000words\xa0 here", "two words here"),
        ("( WPK )", "(WPK)"),
        ("zero\u200bwidth\u200e", "zerowidth"),
        ("Pyongyang, July 13 (KCNA) -- A talk --- the second", "Pyongyang, July 13 (KCNA) — A talk – the second"),
    ],
)
def test_two_printings_of_one_text_fold_to_the_same(printed: str, other: str) -> None:
    """Differences that only the printing made are gone."""
    assert fold(printed) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rudenko", "Ludenko"), ("DPRK", "dprk"), ("12 3", "123"), ("the 4 the", "the 4the"), ("a b", "ab")],
)
def test_differences_of_the_text_stay(one: str, other: str) -> None:
    """Letters, case and spaces between words are the text itself."""
    assert fold(one) != fold(other)


def test_hash_is_over_folded_lines() -> None:
    """Title and paragraphs are hashed in their folded form, and where a paragraph ends matters."""
    assert text_sha256("T", ["a , b", "c"]) == text_sha256("T", ["a, b", "c"])
    assert text_sha256("T", ["a", "b"]) != text_sha256("T", ["a b"])
    assert text_sha256("T", ["a\nb"]) == text_sha256("T", ["a b"])


@given(st.lists(st.text(), max_size=4), st.text())
def test_hash_is_that_of_the_folded_parts(paragraphs: list[str], title: str) -> None:
    """Folding the parts first makes no difference to their hash."""
    assert text_sha256(title, paragraphs) == text_sha256(fold(title), map(fold, paragraphs))


@pytest.mark.parametrize(
    ("paragraphs", "kept", "mark"),
    [
        (["a", "b. -0-", "www.kcna.kp (2025.07.13.)"], ("a", "b."), "-0- www.kcna.kp (2025.07.13.)"),
        (["b. -0-"], ("b.",), "-0-"),
        (["b. -0- www.kcna.kp (Juche108.12.10.)"], ("b.",), "-0- www.kcna.kp (Juche108.12.10.)"),
        (["した。－－－"], ("した。",), "－－－"),
        (["した。‐‐‐"], ("した。",), "‐‐‐"),
        (["した。", "―――"], ("した。",), "―――"),
        (["a", "-0-", "(Juche108.12.10.)"], ("a",), "-0- (Juche108.12.10.)"),
        (["nine times－this", "plain"], ("nine times－this", "plain"), None),
        (["on (2025.07.13.)"], ("on (2025.07.13.)",), None),
        ([], (), None),
    ],
)
def test_end_marks_are_split_off(paragraphs: list[str], kept: tuple[str, ...], mark: str | None) -> None:
    """Only what the agency puts at the end of a text is taken off it, and kept."""
    assert split_end_mark(paragraphs) == (kept, mark)


@given(DAYS)
def test_day_first_reads_what_it_should(day: date) -> None:
    """Every day written day first is read as that day."""
    assert dates.day_first(f"Date: {day:%d/%m/%Y} | Source") == day.isoformat()


@given(DAYS)
def test_juche_and_gregorian_marks_agree(day: date) -> None:
    """A Juche mark and a Gregorian one of the same day are the same date."""
    juche = f"[Juche{day.year - 1911}.{day.month}.{day.day}.]"
    assert dates.dotted(juche) == dates.dotted(f"({day.year}.{day.month:02}.{day.day:02}.)") == day.isoformat()
    assert dates.juche_year(day.year - 1911) == day.year


@given(DAYS)
def test_month_names_agree_with_juche_years(day: date) -> None:
    """`Mar. 11, Juche 111 (2022) Friday` and `March 11, 2022` are the same date."""
    printed = f"{day:%b}. {day.day},\xa0Juche {day.year - 1911} ({day.year})\xa0\xa0{day:%A}"
    assert dates.month_name(printed) == dates.month_name(f"{day:%B} {day:%d}, {day.year}") == day.isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sept. 3, 2025 Wednesday", "2025-09-03"),
        ("Feb. 19, 2026 Thursday [Photo]", "2026-02-19"),
        ("May 1, Juche 99", "2010-05-01"),
        ("May 1, Juche 99 (2022)", None),
        ("May 1", None),
        ("Feb. 30, 2026", None),
        ("Marching 3, 2025", None),
    ],
)
def test_month_name(text: str, expected: str | None) -> None:
    """Months are read in all their spellings; contradictory or impossible dates are none."""
    assert dates.month_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[2026.9.8.]", "2026-09-08"),
        ("www.kcna.kp (Juche108.12.10.)", "2019-12-10"),
        ("[주체113.8.4.]", "2024-08-04"),
        ("２０２６.9.8.", "2026-09-08"),
        ("175.45.176.71", None),
        ("2026.13.1.", None),
        ("version 1.2", None),
    ],
)
def test_dotted(text: str, expected: str | None) -> None:
    """Dotted dates are read in any digits and with any word before the year; addresses are no dates."""
    assert dates.dotted(text) == expected


def test_impossible_day_first_is_none() -> None:
    """The thirty-first of February is no date, and neither is a month first."""
    assert dates.day_first("31/02/2025") is None
    assert dates.day_first("07/13/2025") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("주체111(2022)년 3월 11일 금요일", "2022-03-11"),
        ("2012年06月04日 10:11", "2012-06-04"),
        ("6月4日", None),
        ("主体111（2022）年3月11日 星期五", "2022-03-11"),
        ("주체111년 3월 11일", "2022-03-11"),
        ("주체111(2021)년 3월 11일", None),
        ("12022년 3월 1일", None),
    ],
)
def test_year_first(text: str, expected: str | None) -> None:
    """Korean and Chinese dates are read where they state a year."""
    assert dates.year_first(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "place", "day", "agency"),
    [
        ("Pyongyang, July 13 (KCNA) -- A statement", "Pyongyang, July 13 (KCNA)", "Pyongyang", "--07-13", "KCNA"),
        ("PYONGYANG, July 13 (Xinhua) -- The leader", "PYONGYANG, July 13 (Xinhua)", "PYONGYANG", "--07-13", "Xinhua"),
        (
            "UNITED NATIONS, Sept. 3 (Xinhua) — x",
            "UNITED NATIONS, Sept. 3 (Xinhua)",
            "UNITED NATIONS",
            "--09-03",
            "Xinhua",
        ),
        ("Pyongyang , July 13 ( KCNA ) -- x", "Pyongyang , July 13 ( KCNA )", "Pyongyang", "--07-13", "KCNA"),
        ("【平壌７月５日発朝鮮中央通信】x", "【平壌７月５日発朝鮮中央通信】", "平壌", "--07-05", "朝鮮中央通信"),
        ("新华社北京11月17日电（记者）x", "新华社北京11月17日电", "北京", "--11-17", "新华社"),
        ("(평양 7월 13일발 조선중앙통신)x", "(평양 7월 13일발 조선중앙통신)", "평양", "--07-13", "조선중앙통신"),
        ("Pyongyang, February 29 (KCNA) -- x", "Pyongyang, February 29 (KCNA)", "Pyongyang", "--02-29", "KCNA"),
    ],
)
def test_dateline(text: str, line: str, place: str, day: str, agency: str) -> None:
    """A dateline is given as published, with its parts, month and day and no year."""
    expected = Dateline(text=line, place=place, day=day, agency=agency)
    assert dates.dateline(text) == dates.first_dateline([text, "more"]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It was one day in October 1953.",
        "Pyongyang, June 31 (KCNA) -- no such day",
        "He said that in Pyongyang, July 13 (KCNA) -- it was so, as everybody who was there at that time knows.",
        "",
    ],
)
def test_no_dateline(text: str) -> None:
    """Where a text does not start with the dateline of a day that exists, there is none."""
    assert dates.dateline(text) is None
    assert dates.first_dateline([]) is None
