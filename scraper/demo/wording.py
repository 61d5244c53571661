"""What the synthetic articles are made of: invented towns, themes and sentences.

Hides how a text is put together. Everything here is invented and harmless; nothing is taken from an outlet. Choices
are made by digests of a seed, never by chance, so the same seed gives the same text on every machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

TOWNS = ("Velmora", "Ostrelle", "Pinhollow", "Marrowdale", "Lindmere", "Tessaby")
PLACES = ("the lower meadow", "the mill quarter", "the lakeside", "the old market", "the northern orchard", "the ferry")
NAMES = ("Ilma Toren", "Dav Ossaly", "Mirel Quenby", "Sorin Vattle", "Hanna Brisk", "Jorun Pell", "Teo Marrick")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One kind of news: a headline for each section it appears in, an opening, and sentences to draw from."""

    section: str
    title: str
    opening: str
    details: tuple[str, ...]


THEMES = (
    Theme(
        section="home",
        title="Early Barley Harvest Completed in {town}",
        opening="The early barley harvest has been completed in {town} {few} days ahead of schedule.",
        details=(
            "The co-operative farm at {place} alone brought in {many} tons.",
            "Threshing went on by lamplight, and the last carts came home to the sound of accordions.",
            "Farm manager {name} said that the dry weeks of August had helped.",
            "Straw is being stacked for winter, and seed for the next sowing has been set aside.",
        ),
    ),
    Theme(
        section="social",
        title="Autumn Concert Given at {town} Hall",
        opening="An autumn concert was given by the {town} town orchestra before a full hall.",
        details=(
            "The programme of {few} pieces opened with a dance suite for strings.",
            "A children's choir of {many} voices from {place} was called back twice.",
            "Conductor {name} thanked the listeners for their patience with the new seats.",
            "The concert will be repeated for those who found no ticket.",
        ),
    ),
    Theme(
        section="home",
        title="New Footbridge Opened in {town}",
        opening="A footbridge of {few}0 metres was opened in {town}, shortening the way to {place}.",
        details=(
            "Its planks are of larch, and its lamps are lit by a small turbine below the weir.",
            "Builders led by {name} finished the arch in {few} weeks.",
            "Schoolchildren were the first to cross it, two by two.",
            "The old ford will be kept for cattle.",
        ),
    ),
    Theme(
        section="social",
        title="{town} Wins Regional Rowing Regatta",
        opening="The rowing club of {town} won the regional regatta with {few} first places.",
        details=(
            "Its eight came in {few} lengths ahead after {many} strokes in the last stretch.",
            "{name}, who steered the winning boat, is fifteen years old.",
            "A crowd lined the shore from {place} to the boathouse.",
            "The cup will stand in the reading room until next year.",
        ),
    ),
    Theme(
        section="home",
        title="Heavy Rain Expected around {town}",
        opening="The weather station at {town} expects heavy rain for the next {few} days.",
        details=(
            "Up to {few} centimetres may fall at {place}, and mist is likely in the mornings.",
            "Forecaster {name} advised fishermen to bring in their nets before noon.",
            "Drains and ditches have been cleared, and sand has been laid out at the crossroads.",
            "Milder air is to follow from the south.",
        ),
    ),
    Theme(
        section="social",
        title="Reading Room Reopened in {town}",
        opening="The public reading room of {town} was reopened after repairs that took {few} months.",
        details=(
            "It now holds {few},{many} volumes, among them a collection of maps of {place}.",
            "Librarian {name} showed visitors the new catalogue and a warm corner for the old.",
            "Lectures on beekeeping are to be held on the first evening of each week.",
            "Readers brought cakes, and nobody was asked to be quiet.",
        ),
    ),
    Theme(
        section="home",
        title="Pottery Works of {town} Fires New Kiln",
        opening="The pottery works of {town} fired its new kiln for the first time.",
        details=(
            "It burns a third less wood and takes {many} bowls at once.",
            "Engineer {name} drew the plans together with {few} apprentices.",
            "The clay comes from a pit near {place} that had been closed for years.",
            "A blue glaze, known from old cups, has been tried again with success.",
        ),
    ),
    Theme(
        section="social",
        title="Tree-Planting Day Held in {town}",
        opening="Townspeople of {town} planted {many} young trees on the slopes above {place}.",
        details=(
            "Lime, ash and wild pear were chosen, because they hold the soil.",
            "Forester {name} explained how deep a hole must be.",
            "Each of the {few} schools will look after a row of its own.",
            "Soup was served from a cauldron when the work was done.",
        ),
    ),
)

COMMON = (
    "It had been looked forward to since the spring.",
    "Visitors came from neighbouring valleys, some of them on foot.",
    "“Everybody here talks of it,” said {name}, who has lived at {place} for {few} years.",
    "The town clerk counted {many} questions in the first week and answered most of them.",
    "A short account with drawings will be hung up in the town hall.",
    "News of it reached {other} the same evening.",
    "The day ended with tea and a walk round {place}.",
    "Nothing like it has been seen there for {few} years.",
    "Pupils of the evening school wrote about it in the wall newspaper.",
    "More is to follow before the first frost.",
)


def pick(seed: str, count: int) -> int:
    """A number from 0 to `count` - 1 that follows from `seed` alone."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") % count


def title(theme: Theme, town: str) -> str:
    """The headline."""
    return theme.title.format(town=town)


def paragraphs(theme: Theme, town: str, seed: str) -> tuple[str, ...]:
    """Three to eight paragraphs of one to three sentences, the opening first."""
    sentences = list(theme.details + COMMON)
    chosen = [theme.opening]
    while sentences and len(chosen) < 6 + pick(f"{seed} length", 8):
        chosen.append(sentences.pop(pick(f"{seed} {len(chosen)}", len(sentences))))
    filled = [_fill(text, town, f"{seed} {position}") for position, text in enumerate(chosen)]
    return tuple(" ".join(part) for part in _portions(filled, seed))


def _portions(sentences: list[str], seed: str) -> list[list[str]]:
    parts: list[list[str]] = []
    start = 0
    while start < len(sentences):
        size = 1 + pick(f"{seed} portion {start}", 3)
        parts.append(sentences[start : start + size])
        start += size
    return parts


def _fill(text: str, town: str, seed: str) -> str:
    others = tuple(other for other in TOWNS if other != town)
    return text.format(
        town=town,
        other=others[pick(f"{seed} other", len(others))],
        place=PLACES[pick(f"{seed} place", len(PLACES))],
        name=NAMES[pick(f"{seed} name", len(NAMES))],
        few=2 + pick(f"{seed} few", 8),
        many=120 + pick(f"{seed} many", 800),
    )
