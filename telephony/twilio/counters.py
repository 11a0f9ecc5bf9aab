"""What a line has met, as plain counts, for whoever publishes metrics."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class TwilioCounters:
    """Counts since the line was made; they only grow. Keys come from closed sets, never from a caller.

    Args:
        webhooks: requests answered, by kind ("voice", "stream-ended", "dial-ended", "status", ...).
        repeated_webhooks: requests that Twilio sent again and that got the answer they got before.
        refused_signatures: requests and handshakes with a missing or wrong signature.
        refused_tokens: handshakes with an unknown, expired or used stream token.
        refused_webhooks: requests that were too large, malformed or of another account.
        refusals: calls the bot did not take, by the desk's reason.
        limited: what was not let through by the limits, by kind (see `Traffic`), and replayed webhooks of old calls.
        ignored_messages: stream messages that were ignored, by kind.
        dropped_frames: caller frames dropped because the conversation did not keep up.
        lost_frames: caller frames that never arrived (a jump of Twilio's timestamp).
        streams: media streams that started.
        reconnects: streams asked for again after one was lost.
        transfers: calls passed on to a person.
        failed_conversations: conversations that raised.
        stuck_conversations: conversations that had to be cancelled after their call had ended.
        watchdog: calls ended by the watchdog, by what it saw.
        stream_events: what Twilio reported about streams, by StreamEvent.
        rest_requests: REST requests, by what they did.
        rest_failures: REST requests that were refused or did not get through.
    """

    webhooks: Counter[str] = field(default_factory=Counter)
    repeated_webhooks: int = 0
    refused_signatures: int = 0
    refused_tokens: int = 0
    refused_webhooks: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    limited: Counter[str] = field(default_factory=Counter)
    ignored_messages: Counter[str] = field(default_factory=Counter)
    dropped_frames: int = 0
    lost_frames: int = 0
    streams: int = 0
    reconnects: int = 0
    transfers: int = 0
    failed_conversations: int = 0
    stuck_conversations: int = 0
    watchdog: Counter[str] = field(default_factory=Counter)
    stream_events: Counter[str] = field(default_factory=Counter)
    rest_requests: Counter[str] = field(default_factory=Counter)
    rest_failures: int = 0
