"""When a call must be ended from outside its conversation. Pure: time is handed in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from telephony.call import Pcm16

# Mean level of what lines carry when nobody speaks: comfort noise stays under about -50 dBFS (100 of 32768), a quiet
# talker is well over -40 dBFS (330).
_SOUND_LEVEL: Final = 200.0


class Trouble(StrEnum):
    """What the watchdog has seen."""

    TOO_LONG = "too_long"
    NO_MEDIA = "no_media"
    NOBODY_SPEAKS = "nobody_speaks"
    NOT_LISTENING = "not_listening"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may go on, all in seconds.

    Args:
        call_seconds: the whole call, from its first webhook.
        idle_seconds: without media from Twilio, or with a conversation that takes no events.
        quiet_seconds: without a sound from caller, keypad or bot.
    """

    call_seconds: float
    idle_seconds: float
    quiet_seconds: float


class Watchdog:
    """Watches one stream.

    Args:
        limits: how long each thing may last.
        call_began_at: the call's first webhook, on the same clock as everything else here.
        now: when the stream started.
    """

    def __init__(self, limits: Limits, call_began_at: float, now: float) -> None:
        self._limits = limits
        self._call_began_at = call_began_at
        self._media_at = now
        self._sound_at = now
        self._taken_at = now
        self._taken = 0

    def heard(self, pcm: Pcm16, now: float) -> None:
        """A frame came from the caller: int16, 20 ms, 8 kHz mono."""
        self._media_at = now
        if len(pcm) and float(np.abs(pcm.astype(np.int32)).mean()) > _SOUND_LEVEL:
            self._sound_at = now

    def sensed(self, at: float) -> None:
        """A key was pressed, or the bot made a sound, at that time."""
        self._sound_at = max(self._sound_at, at)

    def taken(self, events: int, now: float) -> None:
        """The conversation has taken so many events in all."""
        if events != self._taken:
            self._taken, self._taken_at = events, now

    def trouble(self, now: float) -> Trouble | None:
        """What is wrong at `now`, the worst first, or None."""
        limits = self._limits
        if now - self._call_began_at >= limits.call_seconds:
            return Trouble.TOO_LONG
        if now - self._media_at >= limits.idle_seconds:
            return Trouble.NO_MEDIA
        if now - self._taken_at >= limits.idle_seconds:
            return Trouble.NOT_LISTENING
        if now - self._sound_at >= limits.quiet_seconds:
            return Trouble.NOBODY_SPEAKS
        return None
