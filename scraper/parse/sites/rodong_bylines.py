"""Who signs at Rodong Sinmun, as its last lines have it in three languages.

Hides the wordings (docs/sources.md, "Rodong Sinmun"). A name alone is no byline here: only its place on the page can tell.
"""

# ruff: noqa: RUF001
# Full-width punctuation is what the outlet prints.

from __future__ import annotations

import re

_KOREAN_NAMES = r"[가-힣]{2,5}(?:[ ,·，、]{1,2}[가-힣]{2,5}){0,5}"
_ENGLISH = r"Rodong Sinmun|(?:[A-Z][A-Za-z]+ ){1,3}(?:News )?Team"
_BOTH = r"(?:글\s?(?:및|과|·|,)\s?사진|글|사진)?\s?[:：]?\s?"
"""Text and photographs: "글 및 사진 본사기자 …"."""
_DESK = r"본사\s?(?:정치|경제|사회|문화|국제|체육)*\s?보도반"
_KOREAN = rf"{_BOTH}(?:{_DESK}|(?:본사|특파)\s?기자(?:\s{_KOREAN_NAMES})?)(?:\s?찍음)?|《?로동신문》?"
_CHINESE = r"本[报社報](?:政治)?(?:报道|报导|報道)[组班組]|本[报社報](?:特派)?[记記]者(?:\s?[\u4e00-\u9fff·]{2,6}){0,3}|《?[劳勞][动動]新[闻聞]》?"
_SIGNED = re.compile(f"{_ENGLISH}|{_KOREAN}|{_CHINESE}")
_WRAPPED = re.compile(r"[-‐－(（【\s]*(.*?)[-‐－)）】\s]*")


def is_byline(words: str) -> bool:
    """Whether a whole line names the writers as this outlet does: "Political News Team", "글 및 사진 본사기자 …"."""
    bare = _WRAPPED.fullmatch(words)
    return bare is not None and _SIGNED.fullmatch(bare[1]) is not None
