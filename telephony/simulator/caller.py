"""The simulated caller: follows a script on a handset, listening before speaking like a polite person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from telephony.call import Pcm16
from telephony.simulator.feed import Feed
from telephony.simulator.handset import Handset
from telephony.simulator.playout import RATE_HZ, Run
from telephony.simulator.script import (
    IMMEDIATELY,
    TOGETHER,
    Act,
    CodeKeys,
    Keys,
    PutDown,
    Recording,
    Script,
    Sentence,
    Silence,
    Turn,
    Wait,
)
from telephony.simulator.weather import MIDDLE_FRAMES

_SETTLED_SECONDS = 0.6
_SETTLED_WITHOUT_FEED_SECONDS = 1.0
# A bot that says it is busy and yet is quiet for this long has had its turn.
_MOST_BUSY_SECONDS = 6.0
_LONGEST_SPEECH_SECONDS = 180.0
_PATIENCE_SECONDS = 15.0
_PATIENCE_FOR_COMPANY_SECONDS = 120.0


@dataclass(slots=True)
class TurnTaken:
    """One turn as it happened. Positions in samples of the call.

    Args:
        turn: the script's.
        began, ended: first and last audible sample sent, or when the act happened.
        entries_from: how many entries the bot's feed had before it.
        interrupted: the stretch of the bot's speech that was running when the caller began.
    """

    turn: Turn
    began: int
    ended: int
    entries_from: int
    interrupted: Run | None = None


class ScriptedCaller:
    """Somebody who does what a script says.

    Args:
        script: the script.
        voices: the audio of each turn that is spoken, by its place in the script, made before the call: int16, 8 kHz.
        handset: the phone.
        feed: the bot's own account, if it gives one; helps to know when it has finished.
        patience_seconds: how long to wait for the bot to begin to speak.
        on_turn: told of each turn as it begins.
        stays: whether they stay on the line when the script is over; otherwise they hear the reply and hang up.
    """

    def __init__(
        self,
        script: Script,
        voices: Mapping[int, Pcm16],
        handset: Handset,
        feed: Feed,
        patience_seconds: float = _PATIENCE_SECONDS,
        on_turn: Callable[[Turn], None] = lambda turn: None,
        *,
        stays: bool = False,
    ) -> None:
        self._stays = stays
        self._on_turn = on_turn
        self._script = script
        self._voices = voices
        self._handset = handset
        self._feed = feed
        self._patience_seconds = patience_seconds
        self.taken: list[TurnTaken] = []
        self.complaints: list[str] = []

    async def talk(self) -> None:
        """Go through the script, then wait for the last reply and hang up."""
        for index, turn in enumerate(self._script.turns):
            if not await self._moment(turn):
                return
            await self._act(index, turn)
            if isinstance(turn.act, PutDown):
                return
        if self._stays:
            return
        if not self._script.turns:
            await self._reply_heard()
        elif not await self._moment(self._script.turns[-1], last=True):
            return
        self._handset.hang_up()

    async def _moment(self, turn: Turn, *, last: bool = False) -> bool:
        """Wait for the turn's moment; False when the call has ended before it."""
        after = "reply" if last else turn.after
        if isinstance(after, float | int):
            await self._into_speech(float(after))
        elif after == TOGETHER:
            handset = self._handset
            if not await handset.until(lambda: handset.in_company, _PATIENCE_FOR_COMPANY_SECONDS) and not handset.over:
                self.complaints.append("nobody came")
        elif after != IMMEDIATELY:
            await self._reply_heard()
        if last and (turn.expect.hung_up or turn.expect.transfer):
            await self._handset.until(lambda: False, self._patience_seconds)
        return not self._handset.over

    async def _into_speech(self, seconds: float) -> None:
        if await self._begun():
            run = self._reply()
            start = run.start if run is not None else self._handset.now
            await self._handset.until(lambda: self._handset.now - start >= seconds * RATE_HZ, seconds + 1)

    async def _reply_heard(self) -> None:
        if self.taken and isinstance(self.taken[-1].turn.act, Wait):
            return
        if await self._begun():
            await self._handset.until(self._settled, _LONGEST_SPEECH_SECONDS)

    async def _begun(self) -> bool:
        """Wait until the bot has begun to answer the last turn, or to greet."""
        silence = self.taken[-1].turn.act if self.taken else None
        patience = silence.seconds if isinstance(silence, Silence) else self._patience_seconds
        begun = await self._handset.until(lambda: self._reply() is not None or self._network_speaks(), patience)
        if not begun and not self._handset.over:
            what = "no greeting" if not self.taken else f"turn {len(self.taken)}: no reply"
            self.complaints.append(f"{what} within {patience:g} s")
        return begun

    def _reply(self) -> Run | None:
        heard = self._handset.heard
        return heard.reply_to(self.taken[-1].began, self.taken[-1].interrupted) if self.taken else heard.reply_to(0)

    def _network_speaks(self) -> bool:
        """Whether the network's own voice has said something since the last turn."""
        since = self.taken[-1].began if self.taken else -1
        return any(position > since and not text.startswith("[") for position, text in self._handset.said_by_network)

    def _settled(self) -> bool:
        """Whether the bot has finished: nothing left to play, and quiet for longer than between two sentences."""
        handset = self._handset
        if handset.pending_bytes or handset.pending_marks:
            return False
        if self._feed.bot_is_busy:
            return handset.quiet_seconds >= _MOST_BUSY_SECONDS
        return handset.quiet_seconds >= (_SETTLED_SECONDS if self._feed.is_there else _SETTLED_WITHOUT_FEED_SECONDS)

    async def _into_sentence(self) -> None:
        """Wait until the middle of what is being said."""
        handset = self._handset
        await handset.until(lambda: handset.into_sentence >= MIDDLE_FRAMES or not handset.speaking, _PATIENCE_SECONDS)

    async def _act(self, index: int, turn: Turn) -> None:
        handset = self._handset
        now = handset.now
        running = handset.heard.runs[-1] if handset.pending_bytes and handset.heard.runs else None
        taken = TurnTaken(turn, now, now, len(self._feed.entries), running)
        self.taken.append(taken)
        self._on_turn(turn)
        match turn.act:
            case Sentence() | Recording():
                said_before = len(handset.spoken)
                handset.say(self._voices[index])
                if turn.pressing:
                    await self._into_sentence()
                    handset.press(turn.pressing)
                await handset.until(lambda: not handset.speaking, len(self._voices[index]) / RATE_HZ + 30)
                if len(handset.spoken) > said_before:
                    taken.began, taken.ended = handset.spoken[-1].start, handset.spoken[-1].end
            case Keys(digits):
                handset.press(digits)
                await handset.until(lambda: not handset.keys, 5)
                taken.ended = handset.now
            case CodeKeys(digits=count):
                await handset.until(lambda: bool(handset.text_code(count)), _PATIENCE_SECONDS)
                if not handset.text_code(count):
                    self.complaints.append(f"turn {len(self.taken)}: no text message with a code has come")
                handset.press(handset.text_code(count))
                await handset.until(lambda: not handset.keys, 5)
                taken.ended = handset.now
            case Wait(seconds):
                await handset.until(lambda: False, seconds)
                taken.ended = handset.now
            case Silence():
                pass
            case PutDown():
                handset.hang_up()
            case other:
                assert_never(other)


def describe(turn: Turn) -> str:
    """A turn in words, for people."""
    return _described(turn.act) + (f" [pressing {turn.pressing}]" if turn.pressing else "")


def _described(act: Act) -> str:
    match act:
        case Sentence(text, _):
            return text
        case Recording(path):
            return f"[{path.name}]"
        case Keys(digits):
            return f"[presses {digits}]"
        case CodeKeys():
            return "[presses the code from the text message]"
        case Wait(seconds):
            return f"[waits {seconds:g} s]"
        case Silence(seconds):
            return f"[is silent for up to {seconds:g} s]"
        case PutDown():
            return "[hangs up]"
        case other:
            assert_never(other)
