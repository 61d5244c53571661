"""The script, second part: what befalls single stories. Which ones is drawn by the seed; when and what stands here.

Hides nothing: one function for each kind of incident, and a table that calls them by day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, pairwise

from benchmarks.history import plan, spells
from benchmarks.history.incidents import CHANGES, CHECK, Expected
from benchmarks.history.stories import (
    HERALD,
    HOSTS,
    PAPER,
    Story,
    hash_of,
    target,
)
from benchmarks.history.times import FOREVER, TICK, Span, at
from benchmarks.history.words import english_sentence, korean_sentence
from benchmarks.history.world import SWEEP, World

PURGED = 500
_PURGE = Span(at(19, "20:00"), at(21, "19:00"))
_WITH_PURGE = 40
_SETTLES, _SLOWLY = timedelta(days=3), timedelta(days=6)
"""How long a story's incident may take to be told to its end; one that is told in steps, a deletion's 72 hours among them."""


def a_word(world: World, story: Story, when: datetime) -> None:
    """One word of the text becomes another."""
    first, *rest = story.wordings[-1].paragraphs
    words = first.split()
    words[4] = "여울물" if story.outlet == PAPER else "windmill"
    story.reword(when, paragraphs=(" ".join(words), *rest))
    world.add(
        "one word", story.outlet, Span(when, when), story.url, world.change("edited", story, when, fields=("text",))
    )


def reworked(world: World, story: Story, when: datetime) -> None:
    """A paragraph is left out, another is new."""
    sentence = korean_sentence if story.outlet == PAPER else english_sentence
    first, _second, *rest = story.wordings[-1].paragraphs
    new = " ".join(sentence(world.draw) for _ in range(2))
    story.reword(when, paragraphs=(first, *rest, new))
    world.add(
        "reworked", story.outlet, Span(when, when), story.url, world.change("edited", story, when, fields=("text",))
    )


def retitled(world: World, story: Story, when: datetime) -> None:
    """Another headline over the same text."""
    story.reword(when, title=f"{story.wordings[-1].title} {'새소식' if story.outlet == PAPER else 'Revisited'}")
    world.add("title", story.outlet, Span(when, when), story.url, world.change("retitled", story, when))


def another(world: World, story: Story, when: datetime) -> None:
    """The address is given to another article."""
    sentence = korean_sentence if story.outlet == PAPER else english_sentence
    text = tuple(" ".join(sentence(world.draw) for _ in range(3)) for _ in range(4))
    story.reword(when, title=sentence(world.draw)[:24].strip(), paragraphs=text)
    expected = (world.change("retitled", story, when), world.change("edited", story, when, fields=("title", "text")))
    world.add("address reused", story.outlet, Span(when, when), story.url, *expected)


def redated(world: World, story: Story, when: datetime) -> None:
    """The page states the day before."""
    story.reword(when, dated=story.wordings[-1].dated - timedelta(days=1))
    world.add("date", story.outlet, Span(when, when), story.url, world.change("redated", story, when))


def byline(world: World, story: Story, when: datetime) -> None:
    """Somebody else wrote it."""
    story.reword(when, byline="본사기자 남다른" if story.outlet == PAPER else "Teo Marrick")
    expected = world.change("edited", story, when, fields=("byline",))
    world.add("byline", story.outlet, Span(when, when), story.url, expected)


def picture(world: World, story: Story, when: datetime) -> None:
    """Another picture."""
    story.reword(when, image="/photo/retouched.jpg")
    world.add(
        "image", story.outlet, Span(when, when), story.url, world.change("edited", story, when, fields=("images",))
    )


def picture_moved(world: World, story: Story, when: datetime) -> None:
    """The same file on another host, with a token."""
    file = story.wordings[-1].image.rpartition("/")[2]
    story.reword(when, image=f"http://media.example/x/{file}?token=9f")
    world.add("image moved", story.outlet, Span(when, when), story.url)


def cosmetic(world: World, story: Story, when: datetime) -> None:
    """Quotes, dashes and spaces are written otherwise: no edit."""
    first, *rest = story.wordings[-1].paragraphs
    before = f'{first} "{first.split()[0]}" - {rest[-1]}'
    story.wordings[0] = replace(story.wordings[0], paragraphs=(before, *rest))
    after = before.replace('"', "“", 1).replace('"', "”", 1).replace(" - ", " – ", 1).replace(" ", "\u00a0", 1)  # noqa: RUF001 - what outlets write
    story.reword(when, paragraphs=(after, *rest))
    expected = world.change("cosmetic", story, when, fields=("text",))
    world.add("quotes and spaces", story.outlet, Span(when, when), story.url, expected)


def section(world: World, story: Story, when: datetime) -> None:
    """It is filed under one section less."""
    story.reword(when, section="")
    world.add("section", story.outlet, Span(when, when), story.url, world.change("section-dropped", story, when))


def and_back(world: World, story: Story, when: datetime) -> None:
    """An edit that is undone after it was seen."""
    before = story.wordings[-1]
    seen = world.met(story, when)
    back = seen + TICK / 2
    sentence = korean_sentence if story.outlet == PAPER else english_sentence
    story.reword(when, paragraphs=(*before.paragraphs, sentence(world.draw)))
    story.reword(back, paragraphs=before.paragraphs)
    expected = (
        world.change("edited", story, when, fields=("text",)),
        world.change("edited", story, back, fields=("text",)),
    )
    world.add("edit undone", story.outlet, Span(when, back), story.url, *expected)


def lying(world: World, story: Story, when: datetime) -> None:
    """A server that says "not modified" of an article that was edited: found by the request that is unconditional."""
    story.faults.append(("lying", Span(when, FOREVER)))
    story.reword(when, byline="Teo Marrick")
    asked = plan.visits(world.truth, story.outlet, world.ticks, published=story.published, sweep=SWEEP[story.outlet])
    # The first look, four times "not modified", and then the whole page.
    fifth = next(islice(asked, 5, None))
    expected = world.change("edited", story, when, fields=("byline",), met=fifth)
    world.add("lying 304", story.outlet, Span(when, fifth), story.url, expected)


def deleted(world: World, story: Story, when: datetime) -> None:
    """404 for good, and no list shows it."""
    story.remove(when)
    world.add("deleted", story.outlet, Span(when, FOREVER), story.url, *world.deletion(story, when))


def deleted_listed(world: World, story: Story, when: datetime) -> None:
    """404 for good, while lists go on to show it."""
    story.remove(when)
    story.still_listed = True
    expected = (*world.deletion(story, when), world.change("gone-while-listed", story, when))
    world.add("gone while listed", story.outlet, Span(when, FOREVER), story.url, *expected)


def returned(world: World, story: Story, when: datetime) -> None:
    """404 for two days from the moment on at which it would have been asked for, then there again."""
    seen = world.met(story, when)
    since, until = seen - TICK / 2, seen - TICK / 2 + timedelta(days=2)
    story.remove(since, until)
    # A day after an answer is a tick later than that answer's.
    back = seen + 2 * (timedelta(days=1) + TICK)
    expected = (world.change("suspect-gone", story, since), world.change("returned", story, until, met=back))
    world.add("deleted and back", story.outlet, Span(since, until), story.url, *expected)


def soft(world: World, story: Story, when: datetime) -> None:
    """A page that says there is none, with status 200."""
    story.soft.append(Span(when, FOREVER))
    world.add("soft 404", story.outlet, Span(when, FOREVER), story.url, world.change("soft-gone", story, when))


def soft_then_gone(world: World, story: Story, when: datetime) -> None:
    """The same, and a real 404 after it was seen."""
    seen = world.met(story, when)
    hard = seen + TICK / 2
    story.soft.append(Span(when, hard))
    story.remove(hard)
    first = seen + timedelta(days=1)
    expected = (
        world.change("soft-gone", story, when),
        world.change("suspect-gone", story, hard, met=first),
        world.change("confirmed-gone", story, hard, met=first, after=timedelta(hours=72)),
    )
    world.add("soft 404, then gone", story.outlet, Span(when, FOREVER), story.url, *expected)


def vanished(world: World, story: Story, when: datetime) -> None:
    """Listed, and its page was never there."""
    story.remove(min(when, story.published))
    story.still_listed = True
    expected = Expected(
        report=CHECK, kind="missing", source=story.outlet, url=story.url, since=story.published, by=world.ticks[-1]
    )
    also = (world.change("gone-while-listed", story, story.published),)
    world.add("listed, never there", story.outlet, Span(story.published, FOREVER), story.url, expected, also=also)


def delisted(world: World, story: Story, when: datetime) -> None:
    """No list shows it any more, while older and newer ones are shown, and its page lives.

    Between two looks from which a newer one is shown and none came in: of the newest row it cannot be told (docs/verdicts.md).
    """
    others = [each.published for each in world.stories if each.outlet == story.outlet and each is not story]
    when = next(
        before + TICK / 2
        for before, after in pairwise(world.ticks)
        if before >= when
        and any(story.published < each <= before for each in others)
        and not any(before < each <= after for each in others)
    )
    story.unlisted.append(Span(when, FOREVER))
    expected = world.change("delisted", story, when, met=when + TICK)
    world.add("delisted", story.outlet, Span(when, FOREVER), story.url, expected)


def unseen(world: World, story: Story, when: datetime) -> None:
    """It comes and goes between two looks: nobody can know, and nothing may be said."""
    look = next(tick for tick in world.ticks if tick >= when)
    stretch = Span(look + TICK / 4, look + TICK * 3 / 4)
    story.wordings[0] = replace(story.wordings[0], since=stretch.since)
    story.published = stretch.since
    story.remove(stretch.until)
    world.add("between two looks", story.outlet, stretch, story.url)


def swapped(world: World, story: Story, when: datetime) -> None:
    """Two of a day change places."""
    other = world.take(story.outlet, (story.published.date() - world.ticks[0].date()).days + 1)
    story.swapped, other.swapped = (when, other), (when, story)
    one = world.change("swapped", story, when, other=other.url)
    world.add("swap", story.outlet, Span(when, when), f"{story.url} {other.url}", one)


def moved(world: World, story: Story, when: datetime) -> None:
    """A new address, to which the old one redirects."""
    _moved(world, story, when, redirects=True)


def moved_away(world: World, story: Story, when: datetime) -> None:
    """A new address, and 404 at the old one."""
    _moved(world, story, when, redirects=False)


def _moved(world: World, story: Story, when: datetime, *, redirects: bool) -> None:
    new = f"http://{HOSTS[story.outlet]}/story/{hash_of(story.name) % 10**6}/"
    story.moved = (when, new, redirects)
    kind = "moved, redirected" if redirects else "moved, 404"
    world.add(kind, story.outlet, Span(when, when), story.url, world.change("moved", story, when, other=new))


def truncated(world: World, story: Story, when: datetime) -> None:
    """Half of the page comes, for six hours."""
    _fault(world, story, "truncated", world.met(story, when))


def emptied(world: World, story: Story, when: datetime) -> None:
    """Nothing comes, with status 200, for six hours."""
    _fault(world, story, "empty", world.met(story, when))


def truncated_first(world: World, story: Story, when: datetime) -> None:
    """Half of the page comes for the first hours."""
    _fault(world, story, "truncated", min(when, story.published))


def _fault(world: World, story: Story, kind: str, when: datetime) -> None:
    span = Span(when - TICK / 2, when + timedelta(hours=6))
    story.faults.append((kind, span))
    world.add(f"{kind} answer", story.outlet, span, story.url)


def several(world: World, story: Story, when: datetime) -> None:
    """Lists show it under two addresses more."""
    tail = "&iMenuID={}" if story.outlet == PAPER else "?from=list{}"
    story.echoes.extend(target(story.outlet, story.name) + tail.format(number) for number in (7, 9))
    world.add("several addresses", story.outlet, Span(when, when), story.url)


def purge(world: World) -> None:
    """Five hundred old articles vanish within two days; all lists forget them."""
    old = [story for story in world.stories if story.old]
    members = old[:PURGED]
    expected: list[Expected] = []
    for number, story in enumerate(members):
        since = _PURGE.since + (_PURGE.until - _PURGE.since) * number / len(members)
        story.remove(since)
        expected.extend(world.deletion(story, since))
    latest = max(each.by for each in expected if each.kind == "suspect-gone")
    event = Expected(
        report=CHANGES,
        kind="mass-deletion",
        source=PAPER,
        url="",
        since=_PURGE.since,
        by=latest,
        members=frozenset(story.url for story in members),
    )
    world.add("purge of 500", PAPER, _PURGE, f"{len(members)} articles", *expected, event)


Happens = Callable[[World, Story, datetime], None]

_STORIES: tuple[tuple[Happens, str, int, datetime], ...] = (
    (a_word, PAPER, 2, at(2, "20:00")),
    (swapped, PAPER, 2, at(2, "21:00")),
    (deleted, PAPER, 3, at(3, "12:00")),
    (a_word, HERALD, 3, at(3, "22:00")),
    (moved, HERALD, 3, at(3, "20:00")),
    (returned, HERALD, 2, at(3, "12:00")),
    (cosmetic, HERALD, 4, at(5, "20:00")),
    (reworked, HERALD, 4, at(6, "12:00")),
    (retitled, PAPER, 6, at(6, "12:00")),
    (soft, PAPER, 4, at(5, "20:00")),
    (picture, PAPER, 5, at(6, "10:00")),
    (unseen, HERALD, 6, at(6, "08:30")),
    (delisted, HERALD, 6, at(6, "20:00")),
    (deleted_listed, PAPER, 3, at(3, "13:00")),
    (a_word, PAPER, 5, at(30, "10:00")),  # long after its first month began: the sweep finds it
    (deleted, PAPER, 9, at(10, "12:00")),  # while a block page hides the host
    (another, HERALD, 9, at(10, "12:00")),
    (redated, PAPER, 13, at(14, "12:00")),
    (byline, HERALD, 11, at(12, "12:00")),
    (byline, PAPER, 13, at(14, "02:00")),
    (moved_away, HERALD, 12, at(12, "20:00")),
    (lying, HERALD, 13, at(15, "02:00")),
    (cosmetic, PAPER, 15, at(15, "20:00")),
    (picture, HERALD, 17, at(17, "23:00")),
    (picture_moved, HERALD, 19, at(19, "23:00")),
    (section, HERALD, 21, at(21, "23:00")),
    (and_back, PAPER, 21, at(21, "20:00")),
    (deleted, PAPER, 23, at(25, "12:00")),
    (soft_then_gone, PAPER, 24, at(24, "20:00")),
    (swapped, PAPER, 25, at(26, "02:00")),
    (soft, HERALD, 26, at(27, "20:00")),
    (reworked, PAPER, 28, at(28, "20:00")),
    (returned, PAPER, 29, at(30, "12:00")),
    (vanished, HERALD, 30, at(30, "00:00")),
    (deleted_listed, PAPER, 31, at(31, "20:00")),
    (delisted, HERALD, 33, at(33, "20:00")),
    (unseen, HERALD, 35, at(35, "08:30")),
    (truncated, PAPER, 36, at(36, "20:00")),
    (truncated_first, HERALD, 37, at(37, "00:00")),
    (emptied, PAPER, 37, at(37, "20:00")),
    (a_word, PAPER, 39, at(39, "20:00")),
    (several, PAPER, 40, at(40, "00:00")),
    (several, HERALD, 40, at(40, "00:00")),
    (a_word, PAPER, 41, at(42, "12:00")),  # while nobody can read the new template
    (retitled, HERALD, 43, at(43, "20:00")),
    (a_word, PAPER, 45, at(45, "20:00")),
    (deleted, HERALD, 47, at(48, "12:00")),
    (a_word, HERALD, 48, at(48, "23:00")),
    (a_word, PAPER, 49, at(50, "10:00")),  # while our clock is wrong
    (redated, HERALD, 51, at(52, "02:00")),
)
_IN_STEPS = (deleted, deleted_listed, returned, soft_then_gone, lying)
_RUBRICS: tuple[tuple[Happens, str, int, datetime], ...] = ((deleted, HERALD, 8, at(8, "20:00")),)


def scripted(days: int, seed: int) -> World:
    """The world of so many days, with all that happens in them and is told to its end before they are over."""
    whole = days >= _WITH_PURGE
    world = World(days, seed, old_days=52 if whole else 2)
    spells.befall(world)
    for table, rubric in ((_STORIES, False), (_RUBRICS, True)):
        for happens, source, day, when in table:
            if when + (_SLOWLY if happens in _IN_STEPS else _SETTLES) < world.ticks[-1]:
                happens(world, world.take(source, day, rubric=rubric), when)
    if whole:
        purge(world)
    if days >= 2:
        about = "a rubric that is the same every day but for two words"
        world.add("daily rubric", HERALD, Span(world.ticks[0], world.ticks[-1]), about)
    return world
