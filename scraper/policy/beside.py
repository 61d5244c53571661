"""Two versions of a text side by side: which paragraph stands beside which, and which words of each are the other's too.

Hides how paragraphs are paired. The words are those of `compare.words`; nothing is compared a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from scraper.model import Article, WordOp

Runs = tuple[tuple[str, bool], ...]
"""A paragraph in pieces; those that are true are not in the other version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A paragraph of the older version and what stands in its place in the newer one; None where nothing does."""

    before: Runs | None
    after: Runs | None


@dataclass(slots=True)
class _Words:
    """The words of a version, with the paragraph each is in; and of the same length, which are marked."""

    words: list[str]
    paragraph: list[int]
    marked: list[bool]

    def runs(self, number: int) -> Runs:
        found = [
            (word, marked)
            for word, paragraph, marked in zip(self.words, self.paragraph, self.marked, strict=True)
            if paragraph == number
        ]
        return tuple(
            (" ".join(word for word, _ in run), marked) for marked, run in groupby(found, key=lambda each: each[1])
        )


def rows(before: Article, after: Article, operations: Sequence[WordOp]) -> tuple[Row, ...]:
    """The title first, then every paragraph of both, each once and in its order."""
    old, new, shared = _words(before), _words(after), Counter[tuple[int, int]]()
    at, other = 0, 0
    for operation in operations:
        gone, come = len(operation.before.split()), len(operation.after.split())
        if operation.op == "equal":
            pairs = zip(old.paragraph[at : at + gone], new.paragraph[other : other + come], strict=False)
            shared.update(pairs)
        else:
            old.marked[at : at + gone] = [True] * gone
            new.marked[other : other + come] = [True] * come
        at, other = at + gone, other + come
    return tuple(_in_order(old, new, _paired(shared)))


def _words(article: Article) -> _Words:
    parts = [part.split() for part in (article.title, *article.paragraphs)]
    words = [word for part in parts for word in part]
    return _Words(words, [n for n, part in enumerate(parts) for _ in part], [False] * len(words))


def _paired(shared: Counter[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs of paragraphs with the most words in common of those that can stand side by side without crossing."""
    best: list[tuple[int, list[tuple[int, int]]]] = []
    for pair in sorted(shared):
        before = [(score, chain) for score, chain in best if chain[-1][0] < pair[0] and chain[-1][1] < pair[1]]
        score, chain = max(before, key=lambda each: each[0], default=(0, []))
        best.append((score + shared[pair], [*chain, pair]))
    return max(best, key=lambda each: each[0], default=(0, []))[1]


def _in_order(old: _Words, new: _Words, pairs: Sequence[tuple[int, int]]) -> Iterator[Row]:
    left, right = 0, 0
    last = max(old.paragraph, default=-1) + 1, max(new.paragraph, default=-1) + 1
    for one, two in [*pairs, last]:
        # What stands between two pairs has no words in common: side by side as far as both go.
        for step in range(max(one - left, two - right)):
            before = old.runs(left + step) if left + step < one else None
            after = new.runs(right + step) if right + step < two else None
            if before or after:
                yield Row(before=before or None, after=after or None)
        if (one, two) != last:
            yield Row(before=old.runs(one), after=new.runs(two))
        left, right = one + 1, two + 1
