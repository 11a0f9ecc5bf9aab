"""How faithful, how rude and how unlucky the simulated network is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    """Whose calls these are, and how the bot is reached.

    Args:
        account_sid: AC and 32 hex digits.
        auth_token: signs every request.
        public_url: the bot's address as it is signed, e.g. https://bot.example.com.
        connect_to: where to connect for that address instead, e.g. http://127.0.0.1:8080; None connects to it.
        voice_path, fallback_path, status_path: the number's webhooks, below `public_url`; None has none.
    """

    account_sid: str
    auth_token: str
    public_url: str
    connect_to: str | None = None
    voice_path: str = "/twilio/voice"
    fallback_path: str | None = "/twilio/fallback"
    status_path: str | None = "/twilio/status"

    def url(self, path: str) -> str:
        """The signed address of one of the bot's paths; a path in `public_url` is kept in front of it."""
        return self.public_url.rstrip("/") + path


@dataclass(frozen=True, slots=True)
class Mischief:
    """What goes wrong on purpose. The defaults are a well-behaved network.

    Args:
        wrong_token: sign with another token.
        no_signature: send no signature at all.
        https_signed_stream: sign the stream's address as https, the known mistake.
        trailing_slash: sign the stream's address with a slash at its end, as Twilio sometimes does.
        sha256: sign with HMAC-SHA256.
        webhook_timeout_seconds: how long a webhook may take; the network's own limit is 15.
        repeat_webhooks: deliver each webhook twice with one idempotency token, and use the second answer.
        callback_copies: how often each status callback is delivered.
        shuffle_callbacks: let the end-of-call callback overtake the end of the stream.
        jitter_ms: frames arrive up to this late.
        burst_frames: frames arrive in bursts of this many.
        lost_share: this share of the caller's frames, 0..1, never arrives; the next timestamp tells.
        hole_ms: the same for so long in the middle of every sentence.
        swapped_share: this share of the caller's frames, 0..1, is overtaken by the next, numbers and all.
        stall_ms: in the middle of every sentence nothing arrives for so long, then all at once, again and again.
        timestamp_jumps_ms: in the middle of each sentence the stream's clock jumps by the next of these, and begins
            anew with the first; forward as many lost packets would make it, or back.
        garbage_every_frames: send a message the bot has never seen every so many frames; 0 sends none.
        oversized_message_bytes: after one second, send one text message of this size; 0 sends none.
        drop_after_seconds: cut the TCP connection of a stream without a word, this long after its start.
        drop_streams: how many streams of a call are cut so; None cuts every one.
        slow_reader_seconds: after one second, read nothing from the bot for this long.
        verb_pace: how long Say, Play and Pause take, 1 as on the phone, 0 no time at all.
        key_pace: how long the network waits for keys, 1 as long as it was told to.
        dial_result: how a `<Dial>` ends whose number no phone of this network has: completed, unbridged (somebody
            answered and was never connected, which is called completed too), busy, no-answer or failed.
        no_dial_bridged: never say whether the two were connected, as for accounts without that option.
    """

    wrong_token: bool = False
    no_signature: bool = False
    https_signed_stream: bool = False
    trailing_slash: bool = False
    sha256: bool = False
    webhook_timeout_seconds: float = 15.0
    repeat_webhooks: bool = False
    callback_copies: int = 1
    shuffle_callbacks: bool = False
    jitter_ms: int = 0
    burst_frames: int = 1
    lost_share: float = 0.0
    hole_ms: int = 0
    swapped_share: float = 0.0
    stall_ms: int = 0
    timestamp_jumps_ms: tuple[int, ...] = ()
    garbage_every_frames: int = 0
    oversized_message_bytes: int = 0
    drop_after_seconds: float | None = None
    drop_streams: int | None = None
    slow_reader_seconds: float = 0.0
    verb_pace: float = 1.0
    key_pace: float = 1.0
    dial_result: str = "completed"
    no_dial_bridged: bool = False
