"""What people hear of one warm transfer in the bot's own voice, made in time and behind a pass."""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable

from telephony.call import Pcm16, Spoken
from telephony.transfer.request import Words
from telephony.wav import wav_file

MAKING_SECONDS = 6.0
"""How long a sound may take: nobody listens that long, but the next who is rung may."""
RESTORED_SECONDS = 40.0
"""The same just after a start of ours, when the voice is being loaded."""

_log = logging.getLogger(__name__)


class TransferSounds:
    """The sounds of one transfer.

    Args:
        transfer: its id, for the log.
        voice: speaks.
        token: the pass to them; one of an earlier process when there was one.
    """

    def __init__(self, transfer: str, voice: Callable[[Spoken], Awaitable[Pcm16]], token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(24)
        self._transfer = transfer
        self._voice = voice
        self._made: dict[str, bytes] = {}
        self._making: dict[str, asyncio.Task[None]] = {}

    def opens(self, token: str) -> bool:
        """Whether this is the pass."""
        return hmac.compare_digest(self.token.encode(), token.encode())

    def get(self, kind: str) -> bytes | None:
        """A sound that has been made, as a WAV file."""
        return self._made.get(kind)

    def make(self, kind: str, words: Words, seconds: float = MAKING_SECONDS) -> None:
        """Begin to make a sound, anew when there is one already; one that is being made is left to it."""
        if kind not in self._making or self._making[kind].done():
            self._making[kind] = asyncio.create_task(self._make(kind, words, seconds))

    def make_once(self, kind: str, words: Words) -> None:
        """Begin to make a sound unless there is one."""
        if kind not in self._made:
            self.make(kind, words)

    async def ready(self, kind: str, seconds: float) -> bool:
        """Wait until a sound is made, but not long: somebody listens. False when the carrier must speak."""
        making = self._making.get(kind)
        if making is not None:
            await asyncio.wait({making}, timeout=seconds)
        return kind in self._made

    def close(self) -> None:
        """Make nothing more."""
        for making in self._making.values():
            making.cancel()

    async def _make(self, kind: str, words: Words, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                self._made[kind] = wav_file(await self._voice(await words()))
        except Exception:  # whatever breaks in our voice: the carrier's speaks instead
            _log.exception("transfer %s: the %s could not be made", self._transfer, kind)


def fixed(spoken: Spoken) -> Words:
    """Words that are known already."""

    async def words() -> Spoken:
        return spoken

    return words
