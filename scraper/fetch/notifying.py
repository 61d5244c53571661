"""Messages to people, by whatever way they are reached: apprise knows the services and their addresses.

Hides apprise, which is loaded when the first message is sent, keeps nothing on disk, and says in its log alone why a
message was not taken.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence


def send(addresses: Sequence[str], title: str, body: str) -> str:
    """Send a message to every address; empty where all took it, else why one did not. Addresses are secret, and not in that.

    Blocks for as long as a service may take (apprise: 4 seconds to connect, 4 to answer, unless the address says otherwise).
    """
    with warnings.catch_warnings():
        # Some of its plugins load modules that Python is to drop, or forget to close what they opened.
        warnings.simplefilter("ignore")
        import apprise  # noqa: PLC0415 - takes a second or two, and hardly any run sends a message

        quiet = apprise.AppriseAsset(async_mode=False, storage_mode=apprise.PersistentStoreMode.MEMORY)
        target = apprise.Apprise(asset=quiet)
        if not addresses or not all(target.add(address) for address in addresses):
            return "is no address that apprise knows"
        with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
            taken = target.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
            reasons = str(said.getvalue()).split("\n")
    if taken:
        return ""
    reason = next((each.strip() for each in reasons if each.strip()), "was not taken")
    return reason if not any(address in reason for address in addresses) else "was not taken"
