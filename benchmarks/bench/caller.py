"""A caller for measurements: says clips when the bot is quiet, or over it, and keeps where everything happened."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from benchmarks.bench.clips import Clip
from benchmarks.bench.tracks import Answered, Stretch, answered, audible
from telephony.call import Pcm16
from telephony.simulator import PhoneNetwork, Script
from telephony.simulator.feed import Feed, FeedEntry
from telephony.simulator.handset import Handset, Said
from telephony.simulator.playout import RATE_HZ

_SETTLED_SECONDS = 0.7
_MOST_BUSY_SECONDS = 6.0
_LONGEST_SPEECH_SECONDS = 90.0
# The feed tells of a sentence when it is given to the line, at most this much (in samples) after it can be heard.
_FEED_LATE = RATE_HZ // 10
_OF_ITS_OWN_ACCORD = ("greeting", "no_input", "key")


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A clip that was said.

    Args:
        clip: what.
        said: where it was sent.
        entries_from: how many entries the bot's feed had before it.
    """

    clip: Clip
    said: Said
    entries_from: int


class Caller:
    """One caller on one call. Positions are samples of the call.

    Args:
        handset: the phone.
        feed: the bot's own account of the call.
    """

    def __init__(self, handset: Handset, feed: Feed) -> None:
        self.handset = handset
        self.feed = feed
        self.turns: list[Turn] = []
        self.outcome = ""

    async def settled(self, patience_seconds: float = _LONGEST_SPEECH_SECONDS) -> bool:
        """Wait until the bot has finished, as far as anybody can hear; False when the call is over instead."""
        await self.handset.until(self._finished, patience_seconds)
        return not self.handset.over

    def _finished(self) -> bool:
        handset = self.handset
        if handset.pending_bytes or handset.pending_marks or not handset.heard.runs:
            return False
        busy = self.feed.bot_is_busy or (self.turns and self.asked_to_wait(self.turns[-1]) and not self._is_decided())
        return handset.quiet_seconds >= (_MOST_BUSY_SECONDS if busy else _SETTLED_SECONDS)

    def _is_decided(self) -> bool:
        return bool(self.decisions(self.turns[-1]))

    async def wait(self, seconds: float) -> bool:
        """Let time go by; False when the call is over."""
        await self.handset.until(lambda: False, seconds)
        return not self.handset.over

    async def say(self, clip: Clip) -> Turn:
        """Say a clip to its end; a turn that the end of the call cut off is not among `turns`."""
        turn = Turn(clip, self.handset.say(clip.pcm), len(self.feed.entries))
        if await self.handset.until(lambda: not self.handset.speaking, len(clip.pcm) / RATE_HZ + 30):
            self.turns.append(turn)
        return turn

    async def press(self, digit: str) -> bool:
        """Press a key and hear the answer out; False when the call is over."""
        self.handset.press(digit)
        since = self.handset.now
        await self.bot_speaks(since, 5.0)
        return await self.settled()

    async def bot_speaks(self, since: int, patience_seconds: float) -> bool:
        """Wait until the bot begins a stretch of speech after a position."""
        heard = self.handset.heard
        return await self.handset.until(lambda: heard.first_run_from(since) is not None, patience_seconds)

    # After the call.

    @property
    def bot_track(self) -> Pcm16:
        """What the caller heard: int16, 8 kHz mono."""
        return self.handset.stereo()[:, 1]

    def until(self, turn: Turn) -> int:
        """Where the turn after this one began, or the call ended."""
        following = self.turns.index(turn) + 1
        later = [after.said.frames[0] for after in self.turns[following : following + 1] if after.said.frames]
        return later[0] if later else self.handset.now

    def entries(self, turn: Turn) -> list[FeedEntry]:
        """The bot's account of a turn."""
        following = self.turns.index(turn) + 1
        last = self.turns[following].entries_from if following < len(self.turns) else len(self.feed.entries)
        return self.feed.entries[turn.entries_from : last]

    def decisions(self, turn: Turn) -> list[FeedEntry]:
        """What the bot decided to answer to a turn; more than one means that it answered twice."""
        return decided(self.entries(turn))

    def asked_to_wait(self, turn: Turn) -> bool:
        """Whether the bot said something in a turn before it had decided what to answer."""
        kinds = [entry.kind for entry in self.entries(turn) if entry.kind in ("bot", "decision")]
        return kinds[:1] == ["bot"]

    def outcome_of(self, turn: Turn, bot: Sequence[Stretch]) -> Answered:
        """How a turn went on the tracks; a request to wait is not an answer.

        Args:
            turn: one of `turns`.
            bot: from `bot_stretches(SENTENCE_GAP)`, computed once for the call.
        """
        since = 0
        if self.asked_to_wait(turn):
            kinds = [entry.kind for entry in self.entries(turn)]
            said = self.entries(turn)[kinds.index("decision") :] if "decision" in kinds else []
            since = next((entry.position - _FEED_LATE for entry in said if entry.kind == "bot"), self.handset.now)
        return answered(bot, turn.clip, turn.said, self.until(turn), since)

    def bot_stretches(self, gap: int) -> tuple[Stretch, ...]:
        """When the bot could be heard."""
        return audible(self.bot_track, gap)


def decided(entries: list[FeedEntry]) -> list[FeedEntry]:
    """The decisions among a feed's entries that answer words."""
    return [entry for entry in entries if entry.kind == "decision" and not entry.text.startswith(_OF_ITS_OWN_ACCORD)]


async def on_call(
    network: PhoneNetwork, talk: Callable[[Caller], Awaitable[None]], *, limit_seconds: float = 900.0
) -> Caller:
    """Call the bot, talk, and hang up.

    Args:
        network: reaches the bot.
        talk: what the caller does from the answer on; the greeting has not been heard yet.
        limit_seconds: a call still running after this is hung up.
    Returns:
        the caller with everything that was said and heard.
    """
    call = network.new_call(Script("measurement", ()))
    feed = Feed(call.clock)
    caller = Caller(call.handset, feed)

    async def through() -> None:
        try:
            await talk(caller)
        finally:
            caller.handset.hang_up()

    await network.hold(call, through, feed, limit_seconds=limit_seconds)
    caller.outcome = call.outcome
    return caller


async def say_all(
    network: PhoneNetwork,
    clips: list[Clip],
    per_call: int,
    before: Callable[[Caller, Clip], Awaitable[None]] | None = None,
    patience_seconds: float = 8.0,
    pause_seconds: Callable[[], float] = lambda: 0.3,
) -> list[Caller]:
    """Say clips one after the other, each when the bot is quiet, on as many calls as it takes.

    Args:
        network: reaches the bot.
        clips: what is said, in order.
        per_call: how many of them on one call, when the bot does not end it sooner.
        before: done before each clip.
        patience_seconds: how long to wait for an answer.
        pause_seconds: how long to think before each clip.
    """
    callers: list[Caller] = []
    left = list(clips)
    while left:
        waiting = len(left)

        async def talk(caller: Caller) -> None:
            while left and len(caller.turns) < per_call and await caller.settled():
                if before is not None:
                    await before(caller, left[0])
                if not await caller.wait(pause_seconds()):
                    return
                await caller.say(left.pop(0))
                await caller.bot_speaks(caller.handset.now, patience_seconds)
            await caller.settled()

        callers.append(await on_call(network, talk))
        if len(left) == waiting:
            raise RuntimeError(f"the bot took a call and ended it before anything was said: {callers[-1].outcome}")
        print(f"    {len(clips) - len(left)} of {len(clips)} said", flush=True)
    return callers
