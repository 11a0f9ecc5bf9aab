"""What both sides of a call sounded like, side by side on the call's own clock: the audio received from the caller."""

import numpy as np

from telephony.call import Pcm16

HOLD_SECONDS = 20.0
"""The newest sound is kept back for so long, so that what must not be recorded can still be taken out of it. A crash
loses it: whoever records for a good purpose can live with that."""

KEY_BEFORE_SECONDS, KEY_AFTER_SECONDS = 1.0, 0.5
"""A key's tone begins before the carrier tells us of it, and may go on behind it."""


class Tracks:
    """The caller's voice as it came in, and the bot's as it was heard.

    Args:
        rate_hz: of both.
    """

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._caller = _Track()
        self._bot = _Track()
        self._taken = 0
        self._hide_until = 0

    @property
    def seconds(self) -> float:
        """Length so far, what was taken included."""
        return self._caller.end / self.rate_hz

    def heard(self, pcm: Pcm16) -> None:
        """More of the caller: int16, mono. This is the clock."""
        start = self._caller.end
        self._caller.write(start, pcm)
        if start < self._hide_until:
            self._caller.hide(start, self._hide_until)

    def said(self, pcm: Pcm16) -> None:
        """Audio of the bot, queued on the line behind what is queued there already: int16, mono."""
        self._bot.write(max(self._bot.end, self._caller.end), pcm)

    def cleared(self) -> None:
        """What was queued and not yet heard never will be."""
        self._bot.cut(self._caller.end)

    def key_pressed(self) -> None:
        """A key's tone says which key it was: it is silenced."""
        now = self._caller.end
        self._caller.hide(now - int(KEY_BEFORE_SECONDS * self.rate_hz), now)
        self._hide_until = now + int(KEY_AFTER_SECONDS * self.rate_hz)

    def silence_caller(self) -> None:
        """Silence all of the caller that has not been taken: they said something that must not be kept."""
        self._caller.hide(self._taken, self._caller.end)

    def take(self, seconds: float, hold_seconds: float = HOLD_SECONDS) -> Pcm16 | None:
        """The next piece, when so much is there behind which the newest is held back.

        Returns:
            int16, shape (n, 2): caller, bot; or None.
        """
        samples = int(seconds * self.rate_hz)
        if self._caller.end - self._taken < samples + int(hold_seconds * self.rate_hz):
            return None
        return self._pop(samples)

    def rest(self) -> Pcm16:
        """Everything that is left: int16, shape (n, 2)."""
        self.cleared()
        return self._pop(self._caller.end - self._taken)

    def _pop(self, samples: int) -> Pcm16:
        start, self._taken = self._taken, self._taken + samples
        both = [track.pop(start, samples) for track in (self._caller, self._bot)]
        return np.stack(both, axis=1)


class _Track:
    """One direction: what has been written, at its place; silence elsewhere."""

    def __init__(self) -> None:
        self.end = 0
        self._pieces: list[tuple[int, Pcm16]] = []

    def write(self, start: int, pcm: Pcm16) -> None:
        self._pieces.append((start, pcm.copy()))
        self.end = start + len(pcm)

    def cut(self, at: int) -> None:
        if self.end <= at:
            return
        self._pieces = [(start, pcm[: at - start]) for start, pcm in self._pieces if start < at]
        self.end = at

    def hide(self, start: int, end: int) -> None:
        for place, pcm in self._pieces:
            pcm[max(0, start - place) : max(0, end - place)] = 0

    def pop(self, start: int, samples: int) -> Pcm16:
        """Samples from a place on; they are forgotten."""
        end = start + samples
        found = np.zeros(samples, np.int16)
        kept = []
        for place, pcm in self._pieces:
            part = pcm[max(0, start - place) : max(0, end - place)]
            found[max(0, place - start) : max(0, place - start) + len(part)] = part
            if place + len(pcm) > end:
                kept.append((place, pcm))
        self._pieces = kept
        return found
