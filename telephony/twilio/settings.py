"""What the Twilio line must be told."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from telephony.traffic import TrafficRules


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the line waits for each thing that may never come.

    Args:
        start_seconds: from an accepted socket to Twilio's `start` message.
        action_seconds: from our closing of the stream to Twilio's request for what comes next; then REST is used.
        grace_seconds: from the end of a call to the end of its conversation; then that is cancelled.
        close_seconds: for a closing handshake.
        tick_seconds: between two looks of the watchdog.
        token_seconds: from the answered webhook to the stream's handshake.
        rest_seconds: for one REST request.
    """

    start_seconds: float = 5.0
    action_seconds: float = 3.0
    grace_seconds: float = 5.0
    close_seconds: float = 2.0
    tick_seconds: float = 1.0
    token_seconds: float = 60.0
    rest_seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """One Twilio account, and how calls on it are limited.

    Args:
        account_sid: AC followed by 32 hex digits.
        auth_tokens: the tokens that may have signed a request: the current one and, while it changes, the next.
        public_url: where Twilio reaches us, such as https://bot.example.com; a path in front of ours is kept.
        api_key_sid: SK..., used for REST instead of the auth token when given, with `api_key_secret`.
        api_key_secret: the secret of `api_key_sid`.
        region: Twilio region, such as ie1; only together with `edge` (one alone reaches the wrong continent).
        edge: Twilio edge, such as dublin.
        api_url: another place to send REST requests to, for tests and the simulator.
        call_seconds: the longest time that the bot keeps one call, over all its streams.
        idle_seconds: the longest time without any media from Twilio.
        quiet_seconds: the longest time in which nobody makes a sound: caller, keypad or bot.
        max_sockets: sockets that may be open without having shown a valid `start` yet.
        ring_seconds: how long a person's phone rings before the caller comes back.
        traffic: how many calls, transfers and messages are let through, and whom the line may ring.
        patience: the short waits.
    """

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    public_url: str
    api_key_sid: str | None = None
    api_key_secret: str | None = field(default=None, repr=False)
    region: str | None = None
    edge: str | None = None
    api_url: str | None = None
    call_seconds: float = 900.0
    idle_seconds: float = 30.0
    quiet_seconds: float = 180.0
    max_sockets: int = 32
    ring_seconds: int = 20
    traffic: TrafficRules = TrafficRules()
    patience: Patience = Patience()

    def __post_init__(self) -> None:
        if not self.auth_tokens or not all(self.auth_tokens):
            raise ValueError("auth_tokens: at least one Twilio auth token is needed, and none may be empty")
        url = urlsplit(self.public_url)
        if url.scheme not in ("https", "http") or not url.netloc or url.query or url.fragment:
            raise ValueError(f"public_url: {self.public_url!r} is not like https://bot.example.com")
        if (self.region is None) != (self.edge is None):
            raise ValueError("region and edge: Twilio needs both or neither; one alone reaches another region")
        if (self.api_key_sid is None) != (self.api_key_secret is None):
            raise ValueError("api_key_sid and api_key_secret: both or neither")

    def url(self, path: str) -> str:
        """The outside address of one of our paths ("/twilio/voice")."""
        return self.public_url.rstrip("/") + path

    def stream_url(self, path: str) -> str:
        """The same as a WebSocket address: wss for https. Plain ws is for loopback, where Twilio never comes."""
        return "ws" + self.url(path).removeprefix("http")
