"""The one exception that travels inside `fetch`: an attempt broke off, and why.

Hides how httpcore, ssl and the socket layer name their troubles: outside this room only `Exchange.failure` is seen.
"""

from __future__ import annotations

from scraper.model import Failure

TRUNCATED = {
    Failure.TOO_LARGE: "length",
    Failure.DECODE_BOMB: "length",
    Failure.TIMEOUT_READ: "time",
    Failure.TIMEOUT_TOTAL: "time",
    Failure.TOO_SLOW: "time",
    Failure.RESET: "disconnect",
}
"""Why a body is not whole, in the words of WARC-Truncated (WARC 1.1 §5.13); anything else is `unspecified`."""


class Broken(Exception):
    """An attempt ended without a whole answer; `detail` is one line for the record."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail

    @property
    def truncated(self) -> str:
        """The reason to give for a body that had begun to arrive."""
        return TRUNCATED.get(self.failure, "unspecified")
