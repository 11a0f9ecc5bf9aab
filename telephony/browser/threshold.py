"""Who may come in over the page's line, and how often."""

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from telephony.browser.settings import BrowserSettings
from telephony.quota import Quota


class Threshold:
    """Whom the page's line lets in: so many conversations from one address a minute, so many sockets not yet heard of.

    Args:
        settings: how many.
        clock: seconds, monotonic.
        refused: counts what was not let in, by kind: "calls_per_address", "sockets", "origin".
    """

    def __init__(self, settings: BrowserSettings, clock: Callable[[], float], refused: Counter[str]) -> None:
        self._calls = Quota(settings.calls_per_minute, 60.0, clock)
        self._room = settings.max_waiting
        self.refused = refused

    def enter(self) -> bool:
        """Whether one more socket may wait to be heard; `leave` follows."""
        if self._room <= 0:
            self.refused["sockets"] += 1
            return False
        self._room -= 1
        return True

    def leave(self) -> None:
        """A socket has said who it is, or has gone."""
        self._room += 1

    def admits_call(self, host: str) -> bool:
        """Whether this address may have another conversation; counts it."""
        admitted = self._calls.take(neighbourhood(host))
        self.refused["calls_per_address"] += not admitted
        return admitted


def neighbourhood(host: str) -> str:
    """An address as limits count it: whoever has one IPv6 address has 2^64 of them."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or ip_network((address, 64), strict=False).network_address
    return str(address)
