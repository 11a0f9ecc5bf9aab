"""One call with people who are rung for it, as a test plays it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from telephony.simulator import PhoneNetwork
from telephony.simulator.feed import FeedEntry
from telephony.simulator.handset import Handset
from telephony.simulator.network import Speak
from telephony.simulator.people import wait
from telephony.simulator.phone_call import PhoneCall
from telephony.transfer.states import Patience
from tests.calls.offices import Office
from tests.telephony.tone_bot import tone
from tests.telephony.transfer_scene import heard
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent, agent_of

PERSONS_TONE, CALLERS_TONE = 1_100, 700


@dataclass
class Stage:
    """One call with the people who may be rung for it."""

    phones: PhoneNetwork
    call: PhoneCall
    voice: Speak
    office: Office
    numbers: Mapping[str, str]
    board: Board | None = None
    entries: list[FeedEntry] = field(default_factory=list)

    @property
    def handset(self) -> Handset:
        return self.call.handset

    @property
    def legs(self) -> list[PhoneCall]:
        """The phones of this office that have been rung so far."""
        return [call for call in self.phones.calls.values() if call.facts.called in self.office.people.values()]

    @property
    def spoken(self) -> list[str]:
        """What the bot has said so far, by its own account."""
        return [entry.text for entry in self.entries if entry.kind == "bot"]

    @property
    def words(self) -> list[str]:
        """What the bot took for the caller's words."""
        return [entry.text for entry in self.entries if entry.kind == "caller"]

    async def answered(self) -> None:
        """Until the bot has said something after the caller's last words, and is silent again."""
        since = self.handset.spoken[-1].end if self.handset.spoken else 0
        assert await self.handset.until(lambda: (self.handset.heard.last_audible or 0) > since, 40), self.spoken
        assert await self.handset.until(lambda: self.handset.quiet_seconds > 1.2, 60)

    async def say(self, words: str) -> None:
        """Say something to its end."""
        self.handset.say(await self.voice(words, "en"))
        assert await self.handset.until(lambda: not self.handset.speaking, 20)

    async def ask_for_person(self) -> None:
        """Greeting, wish, and the first phone rings."""
        await self.answered()
        await self.say(f"I want to talk to the {self.office.name}.")
        assert await self.handset.until(lambda: bool(self.legs), 25), self.words

    async def told(self, words: str) -> None:
        """Until the bot has said these words, and is silent again."""
        found = lambda: any(words in text.lower() for text in self.spoken)  # noqa: E731
        assert await self.handset.until(found, 90), self.spoken
        assert await self.handset.until(lambda: self.handset.quiet_seconds > 1.2, 60)

    def acted(self, name: str) -> bool:
        """Whether the bot has done something outside."""
        return any(entry.details.get("act") == name for entry in self.entries)

    def at_the_screen(self, name: str) -> tuple[Board, str, SignedAgent]:
        """What one of the office's people has before them: the board, this call on it, and who they are."""
        assert self.board is not None, "the service runs in this process"
        live = next(call for call in self.board.live() if call.call_id == self.call.facts.call_sid)
        return self.board, live.conversation, agent_of(self.board.bot, name, name)

    async def come_together(self) -> None:
        """Until the caller and somebody are in one room."""

        def together() -> bool:
            rooms = (one for one in self.phones.conferences.all if len(one.members) == 2)
            return any(self.call.facts.call_sid in (one.facts.call_sid for one in room.members) for room in rooms)

        assert await self.handset.until(together, 90), [call.outcome for call in self.legs]

    async def talk_to(self, name: str) -> Handset:
        """Both say something that the other hears, and talk long enough to have talked; the person's phone."""
        await self.come_together()
        number = self.numbers[name]
        leg = next(call.handset for call in self.phones.calls.values() if call.facts.called == number)
        since = (self.handset.now, leg.now)
        leg.say(tone(0.6, PERSONS_TONE))
        self.handset.say(tone(0.6, CALLERS_TONE))
        both = lambda: heard(self.handset, PERSONS_TONE, since[0]) and heard(leg, CALLERS_TONE, since[1])  # noqa: E731
        assert await self.handset.until(both, 15), "the two do not hear each other"
        await wait(self.handset, Patience().least_talk)
        return leg
