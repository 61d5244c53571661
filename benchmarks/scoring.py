"""How much of a text was found: F1 over runs of four words, as the article-extraction benchmarks count, and what leaked in.

Hides the counting. Precision and recall are means over pages of each page's own; F1 is of these means.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean

_RUN = 4
# Scripts without spaces: each sign counts as a word, so that a clause which is almost right is not all wrong.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Of one page's text: precision and recall."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean; 0 where both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score(true: str, found: str) -> Score:
    """How the runs of words of two texts agree, each as often as it stands there."""
    wanted, given = _runs(true), _runs(found)
    shared = sum((wanted & given).values())
    return Score(
        precision=shared / sum(given.values()) if given else float(not wanted),
        recall=shared / sum(wanted.values()) if wanted else float(not given),
    )


def together(scores: Iterable[Score]) -> Score:
    """The means over pages."""
    each = list(scores)
    return Score(precision=mean(one.precision for one in each), recall=mean(one.recall for one in each))


def leak(true: str, found: str, others: Iterable[str]) -> float:
    """The share of other articles' runs of words that stands in a text and not in the true one."""
    own = _runs(true)
    foreign = Counter(run for text in others for run in _runs(text)) - own
    return sum((foreign & _runs(found)).values()) / sum(foreign.values()) if foreign else 0.0


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)))
