"""Who we say we are: the product token robots.txt is matched with, and the contact a webmaster can write to.

Hides the form of the User-Agent header (RFC 9110 §10.1.5) and what counts as a placeholder contact.
"""

from __future__ import annotations

from dataclasses import dataclass

_PLACEHOLDERS = ("@example.org", "example.com", ".invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAgent:
    """The program and its operator. `setting` says in errors where the contact is configured."""

    product: str
    contact: str
    setting: str = "`contact` in scraper.toml"

    def header(self) -> str:
        """The header's value: `scraper/0.1.0 (+https://archive.example/bot)`."""
        return f"{self.product} (+{self.contact})" if self.contact else self.product

    @property
    def token(self) -> str:
        """The product token that a robots.txt group names, in lower case (RFC 9309 §2.2.1)."""
        return self.product.partition("/")[0].lower()

    @property
    def placeholder(self) -> bool:
        """True while nobody could be reached under the contact: no host but this machine may be fetched then."""
        contact = self.contact.strip().lower()
        return not contact or contact.endswith(_PLACEHOLDERS)
