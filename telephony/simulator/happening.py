"""What is worth showing while a simulated call runs."""

from collections.abc import Callable
from dataclasses import dataclass

from telephony.simulator.feed import FeedEntry
from telephony.simulator.report import CallReport


@dataclass(frozen=True, slots=True)
class Happening:
    """Something worth showing while a call runs.

    Args:
        call_sid: whose.
        kind: "dialling", "answered", "does" (the caller), "person" (somebody who was rung), "feed" (the bot's own
            account) or "ended".
        text: in words.
        entry: the feed's entry, for kind "feed".
        report: the whole report, for kind "ended".
    """

    call_sid: str
    kind: str
    text: str
    entry: FeedEntry | None = None
    report: CallReport | None = None


OnHappening = Callable[[Happening], None]
