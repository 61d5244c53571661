"""KCNA (kcna.kp): its three generations of pages, newest first.

The hex of an address is no identity there: one text stands under several (docs/sources.md, "KCNA"). So the key of an
article is its URL key, except in the oldest generation, which numbered its articles; copies have equal `text_sha256`.
"""

from __future__ import annotations

from scraper.parse.sites import kcna_ajax, kcna_detail, kcna_media, kcna_q

LAYOUTS = (*kcna_detail.LAYOUTS, *kcna_media.LAYOUTS, *kcna_q.LAYOUTS, *kcna_ajax.LAYOUTS)
