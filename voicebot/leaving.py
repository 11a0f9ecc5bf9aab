"""The ways a call leaves the bot: to a person, or to its end; also when something broke."""

import asyncio
import traceback
from datetime import datetime
from typing import Protocol

import structlog

from dialog.events import HandOff
from speech.errors import SpeechError
from telephony.call import Call, Caption, Spoken, TransferTarget
from telephony.errors import CarrierRefused, LineClosed, TelephonyError
from voicebot.playback import Sentence
from voicebot.rooms import Deadlines, Rooms
from voicebot.stopwatch import Stopwatch
from voicebot.talking import Talking

log = structlog.get_logger(__name__)


class Tell(Protocol):
    """Shows a caption to whoever watches."""

    async def __call__(self, caption: Caption) -> None: ...


class Leaving:
    """Passes one caller on, or hangs up.

    Args:
        call: the line.
        rooms: the shared parts.
        talking: the bot's side of the line.
        deadlines: how long the carrier may take.
        tell: shows a caption to whoever watches.
    """

    def __init__(self, call: Call, rooms: Rooms, talking: Talking, deadlines: Deadlines, tell: Tell) -> None:
        self._call = call
        self._rooms = rooms
        self._talking = talking
        self._deadlines = deadlines
        self._tell = tell
        self._log = log.bind(call_id=call.caller.call_id)

    async def to_person(self, person: HandOff, language: str, announcement: tuple[Spoken, ...] = ()) -> None:
        """Pass the caller on.

        Args:
            person: where to.
            language: the caller's.
            announcement: said by the carrier first, when our own voice cannot.
        Raises:
            CarrierRefused: the carrier would not.
            TimeoutError: it took too long.
            LineClosed: the caller has gone.
        """
        details = {"department": person.department, "reason": person.reason}
        await self._tell(Caption("transfer", person.name, details))
        nobody = Spoken(self._rooms.mind.apology("nobody_answered", language), language)
        target = TransferTarget(person.number, person.name, announcement=announcement, apology=(nobody,))
        async with asyncio.timeout(self._deadlines.carrier):
            await self._call.transfer(target)

    async def hang_up(self) -> None:
        """End the call; a carrier that refuses is logged, its watchdog ends the call."""
        try:
            async with asyncio.timeout(self._deadlines.carrier):
                await self._call.hang_up()
        except LineClosed:
            return
        except (CarrierRefused, TimeoutError) as error:
            self._log.error("hanging up failed", error=type(error).__name__)

    async def rescue(self, error: Exception, language: str) -> None:
        """Something broke: apologise, in whatever voice still works, and pass the caller on.

        The error's message may hold a caller's words, so the log gets its kind and its place only.
        """
        kind = type(error).__name__
        where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-3:]]
        self._log.error("a turn failed", error=kind, where=where)
        self._rooms.metrics.faults.labels(kind).inc()
        apology = self._rooms.mind.apology("fault", language)
        try:
            spoken = await self._apologise(apology, language)
            person = self._rooms.mind.person(self._now(), language)
            if person is None:
                await self.hang_up()
                return
            await self.to_person(person, language, () if spoken else (Spoken(apology, language),))
        except LineClosed:
            return
        except (TelephonyError, TimeoutError) as second:
            self._log.error("the rescue failed too", error=type(second).__name__)
            await self.hang_up()

    def _now(self) -> datetime:
        return self._rooms.now()

    async def _apologise(self, apology: str, language: str) -> bool:
        """Say the apology in our own voice; False when that is what broke."""
        await self._talking.cut()
        sentence = Sentence("", apology, language, interruptible=False)
        try:
            await self._talking.say(self._talking.again((sentence,)), Stopwatch())
        except (SpeechError, TimeoutError):
            return False
        return True
