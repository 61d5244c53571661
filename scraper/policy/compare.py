"""What changed between two captures of one article, word by word.

Hides the tokenising and the matching. Compares articles, never pages: related blocks, dates of the day and tokens change
on every fetch. Both sides must come from the same parser version, so that an upgrade never invents an edit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rapidfuzz.distance import Indel, Levenshtein

from scraper.model import Article, Change, ChangeKind, Verdict, WordOp
from scraper.parse.text import fold
from scraper.policy import fields, verdicts

_ABSENCE = {Verdict.GONE: ChangeKind.SUSPECT_GONE, Verdict.SOFT_GONE: ChangeKind.SOFT_GONE}
_HALF = 0.5
"""Two articles shared at most 0.27 of their words in their order (eight of Rodong Sinmun, five on one visit); an edit leaves far more."""
_NEGATIVE_ANSWERS = 3
_NEGATIVE_FOR = timedelta(hours=72)
"""What confirms a deletion: so many negative answers, over so long (docs/verdicts.md, "Deletions")."""
_RIGHT_AFTER = timedelta(hours=1)
"""How long a look from another vantage stands beside the first one."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")
"""A word; in Chinese and Japanese, which are written without spaces, a character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One capture of a locator as a comparison sees it: its article, or None where the answer held none.

    `host_well` is whether the host gave its other pages at that time; it counts only for an answer that says "deleted".
    `redirected_from` is the record of the redirect that led here, `vantage` the place that was asked from. `further` are the other articles of a page that holds
    several, in page order.
    """

    record: str
    url: str
    key: str
    observed_at: datetime
    verdict: Verdict
    article: Article | None = None
    host_well: bool = True
    redirected_from: str | None = None
    vantage: str = ""
    further: tuple[Article, ...] = ()


def changes(observations: Iterable[Observation], elsewhere: Iterable[Observation] = ()) -> tuple[Change, ...]:
    """All changes in the captures of one locator, given in the order of observation.

    Answers that say nothing about the article (blocked, throttled, failed, truncated, empty) are passed over: they are
    never an edit and never part of a deletion; nor is a "not found" from a host that is not well. An unchanged (304)
    answer confirms what was held: after a deletion it is a return.

    `elsewhere` are the captures of the article's other addresses, in any order: an article that has left its address (not
    found there, or redirected) and was given at another one since it was last held here has moved, and is not gone.
    """
    found: list[Change] = []
    others = _shown(elsewhere)
    held: Observation | None = None
    away = _Away()
    for seen in _uncontradicted(observations):
        if held is not None and leaves(seen):
            found.extend(away.told(held, seen, others))
        if not _shows(seen):
            continue
        if held is not None and away.kind is not None:
            found.append(_change(ChangeKind.RETURNED, held, seen))
        away = _Away()
        if seen.article is None:
            continue
        if held is not None:
            found.extend(_of_several(held, seen) if held.further or seen.further else _differences(held, seen))
        held = seen
    return tuple(found)


def _uncontradicted(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Without the answers that deny an article which another vantage was given right after: it is kept from some who ask, and not gone."""
    ordered = list(observations)
    for number, seen in enumerate(ordered):
        near = ordered[max(number - 1, 0) : number + 2]
        if not leaves(seen) or not any(_contradicts(seen, other) for other in near):
            yield seen


def _contradicts(denied: Observation, other: Observation) -> bool:
    """Whether another vantage was given the article right after (or in the same moment)."""
    after = other.observed_at - denied.observed_at
    return _shows(other) and other.vantage != denied.vantage and timedelta() <= after <= _RIGHT_AFTER


@dataclass(slots=True)
class _Away:
    """What was told of an article since it was last shown at its address, and the answers that deny it."""

    kind: ChangeKind | None = None
    denied: list[Observation] = field(default_factory=list)

    def told(self, held: Observation, seen: Observation, others: Iterable[Observation]) -> Iterable[Change]:
        """What one more answer without the article tells that was not told before."""
        counts = verdicts.consequence(seen.verdict).counts_towards_deletion
        if counts:
            self.denied.append(seen)
        before = self.kind
        if before is None or (before is ChangeKind.SOFT_GONE and counts):
            told = _left(held, seen, others)
        elif before is ChangeKind.SUSPECT_GONE and counts and self._confirmed():
            told = (replace(_change(ChangeKind.CONFIRMED_GONE, held, seen), detail=self._from()),)
        else:
            told = ()
        self.kind = told[-1].kind if told else before
        return told

    def _confirmed(self) -> bool:
        # What another vantage says beside it makes an answer surer, and no second one.
        answers = max(Counter(each.vantage for each in self.denied).values())
        span = self.denied[-1].observed_at - self.denied[0].observed_at
        return answers >= _NEGATIVE_ANSWERS and span >= _NEGATIVE_FOR

    def _from(self) -> str:
        """Where it was seen from: those who ask may be told otherwise than others."""
        places = sorted({each.vantage or "here" for each in self.denied})
        return "seen from one vantage" if len(places) == 1 else f"seen from {' and '.join(places)}"


def leaves(seen: Observation) -> bool:
    """Whether an answer may say, of a host that is well, that its article is not at this address: gone, or sent elsewhere."""
    return seen.host_well and seen.verdict in (*verdicts.ABSENT, Verdict.MOVED, Verdict.MOVED_HOME)


def _shows(seen: Observation) -> bool:
    """Whether an answer gave the article, or confirmed what was held (304)."""
    return verdicts.consequence(seen.verdict).replaces_held and (
        seen.article is not None or seen.verdict is Verdict.UNCHANGED
    )


def _shown(elsewhere: Iterable[Observation]) -> list[Observation]:
    """What was shown at other addresses, in order; a 304 has the article that it confirms."""
    shown: list[Observation] = []
    newest: dict[str, Article] = {}
    for seen in sorted(filter(_shows, elsewhere), key=lambda seen: (seen.observed_at, seen.key, seen.record)):
        article = seen.article or newest.get(seen.key)
        if article is not None:
            newest[seen.key] = article
            shown.append(replace(seen, article=article))
    return shown


def _left(held: Observation, seen: Observation, others: Iterable[Observation]) -> tuple[Change, ...]:
    """What it means that an article left its address; nothing, where a redirect led to no other address of it."""
    others = (other for other in others if held.article and other.article and alike(held.article, other.article))
    if seen.verdict is Verdict.MOVED:
        there = next((other for other in others if other.redirected_from == seen.record), None)
    else:
        there = next((other for other in others if other.observed_at >= held.observed_at), None)
    if there is not None:
        return (replace(_change(ChangeKind.MOVED, held, there), url=held.url, key=held.key, other=there.url),)
    kind = _ABSENCE.get(seen.verdict)
    return (_change(kind, held, seen),) if kind else ()


def alike(before: Article, after: Article) -> bool:
    """Whether two texts at one address are of one article: the title stayed, or half of the words in their order.

    What is less than that is no edit: the address was given to another article.
    """
    if fold(before.title) == fold(after.title):
        return True
    one, other = (_WORD.findall(fold("\n".join(article.paragraphs))) for article in (before, after))
    return Indel.normalized_similarity(one, other) >= _HALF


def words(before: Article, after: Article) -> tuple[WordOp, ...]:
    """The word-level operations that make the text of `after` from that of `before`, equal runs included."""
    old, new = _tokens(before), _tokens(after)
    folded_old, folded_new = [fold(word) for word in old], [fold(word) for word in new]
    merged: list[tuple[bool, int, int, int, int]] = []
    for code in Levenshtein.opcodes(folded_old, folded_new):
        equal = code.tag == "equal"
        if merged and merged[-1][0] is equal:
            merged[-1] = (equal, merged[-1][1], code.src_end, merged[-1][3], code.dest_end)
        else:
            merged.append((equal, code.src_start, code.src_end, code.dest_start, code.dest_end))
    return tuple(_operation(equal, old[start:end], new[first:last]) for equal, start, end, first, last in merged)


def _operation(equal: bool, before: Sequence[str], after: Sequence[str]) -> WordOp:  # noqa: FBT001 - a row of a table
    op = "equal" if equal else "replace" if before and after else "delete" if before else "insert"
    return WordOp(op=op, before=" ".join(before), after=" ".join(after))


def _of_several(before: Observation, after: Observation) -> Iterable[Change]:
    """The changes of a page's items, each told of its own: found again by title, else at its own place on the page.

    One that is not found again may be gone although its page is there: that stays a suspicion. What is new on a page is no change of anything.
    """
    left = [after.article, *after.further] if after.article else []
    lost: list[Article] = []
    for item in [before.article, *before.further] if before.article else []:
        same = next((other for other in left if fold(other.title) == fold(item.title)), None)
        if same is None:
            lost.append(item)
        else:
            left.remove(same)
            yield from _differences(_of(before, item), _of(after, same))
    for item in lost:
        same = next((other for other in left if other.key == item.key and alike(item, other)), None)
        if same is not None:
            left.remove(same)
            yield from _differences(_of(before, item), _of(after, same))
        elif after.article is not None and item.parser == after.article.parser:
            yield _change(ChangeKind.SUSPECT_GONE, _of(before, item), replace(after, url=item.url))


def _of(seen: Observation, item: Article) -> Observation:
    return replace(seen, article=item, url=item.url, further=())


def _differences(before: Observation, after: Observation) -> Iterable[Change]:
    old, new = before.article, after.article
    if old is None or new is None or old.parser != new.parser:
        return
    differing = fields.differing(old, new)
    operations = words(old, new) if "title" in differing or "text" in differing else ()
    if "title" in differing:
        yield _change(ChangeKind.RETITLED, before, after, operations, ("title",))
    if set(differing) - {"title"}:
        yield _change(ChangeKind.EDITED, before, after, operations, differing)
    if old.published_evidence == new.published_evidence and _stated_date(old) != _stated_date(new):
        yield _change(ChangeKind.REDATED, before, after, operations, ("published",))
    if dropped := fields.dropped_sections(old, new):
        yield replace(
            _change(ChangeKind.SECTION_DROPPED, before, after, changed=("sections",)), detail=", ".join(dropped)
        )
    if not differing and (written := fields.cosmetic(old, new)):
        yield _change(ChangeKind.COSMETIC, before, after, changed=written)


def _stated_date(article: Article) -> str | None:
    """The date as the outlet states it: a dateline has no year, and the one it was given is the capture's, which moves on."""
    if article.published is None or article.published_evidence != "dateline":
        return article.published
    return article.published[len("2026") :]


def _change(
    kind: ChangeKind,
    before: Observation,
    after: Observation,
    operations: Sequence[WordOp] = (),
    changed: Sequence[str] = (),
) -> Change:
    return Change(
        source=before.article.source if before.article else "",
        url=after.url,
        key=after.key,
        title=before.article.title if before.article else "",
        kind=kind,
        before=before.record,
        after=after.record,
        before_at=before.observed_at,
        after_at=after.observed_at,
        words_removed=sum(_count(item.before) for item in operations if item.op in ("delete", "replace")),
        words_added=sum(_count(item.after) for item in operations if item.op in ("insert", "replace")),
        operations=tuple(operations),
        fields=tuple(changed),
    )


def _tokens(article: Article) -> list[str]:
    """The words as published, joined where only inline tags put a space between them: `Un ,` is one word, as `Un,` is."""
    tokens: list[str] = []
    last = ""
    for word in " ".join((article.title, *article.paragraphs)).split():
        visible = word.isascii() or fold(word) != ""
        if not tokens or (visible and last and _apart(last, word)):
            tokens.append(word)
        else:
            tokens[-1] = f"{tokens[-1]} {word}"
        last = word if visible else last
    return tokens


def _apart(word: str, following: str) -> bool:
    # Letters first: asking `fold` of every pair takes ten times as long.
    seam = word[-1] + following[0]
    return (seam.isascii() and seam.isalpha()) or " " in fold(f"{word} {following}")


def _count(text: str) -> int:
    return len(fold(text).split())
