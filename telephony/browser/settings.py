"""What the browser line has to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE_LANGUAGES = ("nb", "nn", "en", "uk")
"""The languages the page's own texts exist in."""


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """How the page and its line behave.

    Args:
        name: what the page calls the bot: the company's name.
        languages: what the caller may choose among; the first is the default.
        privacy: per language, one sentence on how data is used, shown before the call starts.
        privacy_page: where more is told of it, a path below this service or a whole address; "" for no such page.
        public_url: the address the outside world uses, when a proxy hides it; its origin may call too.
        enabled: False answers 404 on every address of the line.
        call_seconds: hard cap per call.
        idle_seconds: a page that sends nothing for this long has lost its line.
        calls_per_minute: conversations from one address; 0 is no limit.
        max_waiting: sockets that may be open without having said hello.
    """

    name: str = "voicebot"
    languages: tuple[str, ...] = PAGE_LANGUAGES
    privacy: Mapping[str, str] = field(default_factory=dict)
    privacy_page: str = ""
    public_url: str | None = None
    enabled: bool = True
    call_seconds: float = 900.0
    idle_seconds: float = 60.0
    calls_per_minute: int = 10
    max_waiting: int = 32
