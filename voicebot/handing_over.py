"""Asks people to take one caller, and brings the two together; meanwhile the caller goes on talking with the bot."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np

from dialog.brief import AgentWords
from dialog.events import HandOff
from telephony.call import Call, Pcm16, Spoken
from telephony.transfer.happenings import Person
from telephony.transfer.request import WarmRequest
from telephony.transfer.states import Patience
from voicebot.keeping import Keeping
from voicebot.rooms import Deadlines, Rooms, Speaking

PHONE_RATE_HZ = 8_000
BETWEEN_SENTENCES_SAMPLES = PHONE_RATE_HZ // 4

STILL_RINGING_SECONDS = 8.0
"""Silence after which a caller hears that somebody is still being rung: they hear no ringing tone themselves."""


class StillRinging:
    """The caller has been silent for a while, and nobody has taken them yet."""


class HandingOver:
    """The way of one caller to a person who has been told what it is about.

    Args:
        call: the line.
        rooms: words for the person, and the voice that speaks them.
        deadlines: how long phones ring.
        keeping: writes it down.
        state: the dialog's now; the brief is made when somebody listens, so that it knows what was said meanwhile.
    """

    def __init__(
        self, call: Call, rooms: Rooms, deadlines: Deadlines, keeping: Keeping, state: Callable[[], Any]
    ) -> None:
        self._call = call
        self._rooms = rooms
        self._deadlines = deadlines
        self._keeping = keeping
        self._state = state
        self.person: HandOff | None = None
        """Whom the caller wants, while somebody is asked."""
        self.telling = False
        """The caller is being told that somebody is there."""
        self.waits = False
        """Somebody knows what it is about, and waits in the room."""

    async def ask(self, person: HandOff) -> None:
        """Have people rung.

        Raises:
            CarrierRefused: this line can ring nobody, or not now.
            LineClosed: the caller has gone.
        """
        words = await self._words(person)
        language = words.language

        async def brief() -> Spoken:
            return Spoken((await self._words(person)).brief, language)

        transfer = self._keeping.asked_for(person)
        request = WarmRequest(
            transfer,
            tuple(tuple(Person(one.id, one.number, person.department) for one in people) for people in person.rounds),
            Spoken(words.whisper, language),
            brief,
            Spoken(words.no_brief, language),
            Spoken(words.too_late, language),
            Spoken(words.why_not, language),
            Spoken(words.noted, language),
            Patience(ring=self._deadlines.ring),
        )
        try:
            await self._call.ask_person(request)
        except Exception:
            self._keeping.not_asked(transfer)
            raise
        self.person, self.waits = person, False

    def give_up(self) -> None:
        """The caller would rather stay."""
        self.person = None
        self._call.stop_asking()

    async def join(self) -> None:
        """Bring the caller to the person who waits.

        Raises:
            CarrierRefused: the carrier would not.
            LineClosed: the caller has gone.
        """
        self.person = None
        await self._call.join_person()

    async def _words(self, person: HandOff) -> AgentWords:
        """What the person hears, as things stand now."""
        mind = self._rooms.mind
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._rooms.thinking, mind.agent_words, self._state(), person.reason)


async def voiced(speaking: Speaking, spoken: Spoken) -> Pcm16:
    """A few sentences as sound for a phone: int16, 8 kHz mono."""
    parts: list[Pcm16] = []
    for sentence in speaking.sentences(spoken.text, spoken.language):
        async for chunk in speaking.stream(sentence, spoken.language, rate_hz=PHONE_RATE_HZ):
            parts.append(chunk.pcm)
        parts.append(np.zeros(BETWEEN_SENTENCES_SAMPLES, dtype=np.int16))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
