"""Does the bot stop for callers who interrupt it, and for nobody else? A bot that talks at length is talked over."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from benchmarks.bench import sounds
from benchmarks.bench.caller import Caller, Turn, decided, on_call
from benchmarks.bench.clips import Clip, recordings, spoken, with_tail
from benchmarks.bench.plan import LENGTHY, Measured, Plan, percent, service, spread
from benchmarks.bench.tracks import STOP_GAP, Stretch, audible, stop_ms
from telephony.simulator import PhoneNetwork
from telephony.simulator.handset import Handset
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.sound import echo_path

INTERRUPTIONS = (
    "No, wait, I have another question.",
    "Sorry, that is not what I meant.",
    "Stop, please. I want something else.",
    "Can I ask you something different?",
    "Hold on, I want to talk about my invoice.",
    "No, no, I know that already.",
    "Excuse me, how much does it cost?",
    "Wait, what was the first thing you said?",
)
BACKCHANNELS = (("Mm.", "en"), ("Mhm.", "en"), ("Okay.", "en"), ("Yeah.", "en"), ("Uh huh.", "en"), ("Ja.", "nb"))
INTERRUPTIONS_PER_CALL = 8
TAKEN_WITHIN = 1 * RATE_HZ
WATCHED_SECONDS = 3.0
ECHO_LOSS_DB = 25.0
ECHO_DELAYS_MS = (40, 200)
ASK = "Tell me about the house."
_ANSWER_SECONDS = 8.0
_CALLS_AT_ONCE = 2

Surroundings = Callable[[Handset], None]


async def measure(plan: Plan) -> Measured:
    """Stops: how fast where they are wanted, how often where they are not."""
    [ask] = await spoken([ASK], "en", plan.speak)
    ask = with_tail(ask)
    real = [with_tail(clip) for clip in await spoken(INTERRUPTIONS, "en", plan.speak)]
    small = [with_tail(clip) for text, language in BACKCHANNELS for clip in await spoken([text], language, plan.speak)]
    measured = Measured()
    async with service(LENGTHY, plan) as (_, network):
        chance = plan.chance("interruptions")
        plain = [real[number % len(real)] for number in range(plan.some(48, 2))]
        measured.figures["interruptions"] = await interruptions(network, ask, plain, chance)
        chance = plan.chance("backchannels")
        nods = [small[number % len(small)] for number in range(plan.some(36, 2))]
        measured.figures["backchannels"] = await backchannels(network, ask, nods, chance)
        measured.figures["noise"] = await noises(network, plan, ask, real)
    kinds = measured.figures["noise"].values()
    stops = sum(row["false_stops"] for row in kinds) + measured.figures["backchannels"]["paused"]
    went_on = sum(row["resumed"] for row in kinds) + measured.figures["backchannels"]["resumed"]
    measured.figures["resume_percent"] = percent(went_on, stops)
    measured.notes.append("a quiet of 400 ms in the bot's speech is a stop; its sentences are 180 ms apart")
    return measured


async def _asked(caller: Caller, ask: Clip) -> bool:
    """Ask the bot to talk, and wait until it does."""
    if not await caller.settled():
        return False
    await caller.say(ask)
    return await caller.bot_speaks(caller.handset.now, _ANSWER_SECONDS)


async def interruptions(network: PhoneNetwork, ask: Clip, clips: Sequence[Clip], chance: Random) -> dict[str, Any]:
    """Real interruptions: how fast the bot is quiet, and whether it takes them up."""
    left = list(clips)
    stops: list[float] = []
    tried = taken = 0
    while left:
        waiting = len(left)
        over: list[Turn] = []

        async def talk(caller: Caller, over: list[Turn] = over) -> None:
            speaking = await _asked(caller, ask)
            while left and len(over) < INTERRUPTIONS_PER_CALL and (speaking or await _asked(caller, ask)):
                if not await caller.wait(chance.uniform(1.5, 4.0)):
                    return
                over.append(await caller.say(left.pop(0)))
                speaking = await caller.bot_speaks(caller.handset.now, _ANSWER_SECONDS)

        caller = await on_call(network, talk)
        bot = caller.bot_stretches(STOP_GAP)
        for turn in (turn for turn in over if turn in caller.turns):
            onset = turn.said.position(turn.clip.start)
            if not _speaking_at(bot, onset):
                continue
            tried += 1
            stop = stop_ms(bot, onset, TAKEN_WITHIN)
            if stop is not None:
                stops.append(stop)
                taken += bool(caller.decisions(turn))
        if len(left) == waiting:
            raise RuntimeError(f"nothing could be said over the bot: {caller.outcome}")
        print(f"    {len(clips) - len(left)} of {len(clips)} said over the bot", flush=True)
    return {
        "tried": tried,
        "stop_ms": spread(stops),
        "stop_all_ms": sorted(stops),
        "taken": taken,
        "taken_percent": percent(taken, tried),
    }


def _speaking_at(bot: Sequence[Stretch], position: int) -> bool:
    return any(start < position < end for start, end in bot)


async def backchannels(network: PhoneNetwork, ask: Clip, clips: Sequence[Clip], chance: Random) -> dict[str, Any]:
    """Small sounds of a listener: the bot goes on through them, or pauses and goes on, or stops for good."""
    left = list(clips)
    outcomes: dict[str, list[str]] = {"went on": [], "resumed": [], "stopped for good": []}
    while left:
        waiting = len(left)
        nods: list[Turn] = []

        async def talk(caller: Caller, nods: list[Turn] = nods) -> None:
            for _ in range(4):
                if not left or not await _asked(caller, ask):
                    return
                for _ in range(min(2, len(left))):
                    await caller.wait(chance.uniform(1.0, 2.0))
                    nods.append(await caller.say(left.pop(0)))
                    await caller.wait(WATCHED_SECONDS + 0.5)

        caller = await on_call(network, talk)
        bot = caller.bot_stretches(STOP_GAP)
        for turn in (turn for turn in nods if turn in caller.turns):
            onset = turn.said.position(turn.clip.start)
            if _speaking_at(bot, onset):
                outcomes[_outcome(caller, turn, bot)].append(turn.clip.name)
        if len(left) == waiting:
            raise RuntimeError(f"nothing could be said over the bot: {caller.outcome}")
        print(f"    {len(clips) - len(left)} of {len(clips)} said over the bot", flush=True)
    tried = sum(map(len, outcomes.values()))
    stopped = outcomes["stopped for good"]
    return {
        "tried": tried,
        "paused": len(outcomes["resumed"]) + len(stopped),
        "resumed": len(outcomes["resumed"]),
        "stopped_for_good": len(stopped),
        "stopped_for_good_percent": percent(len(stopped), tried),
        "which_stopped": {name: stopped.count(name) for name in sorted(set(stopped))},
    }


def _outcome(caller: Caller, turn: Turn, bot: Sequence[Stretch]) -> str:
    """What the bot made of a backchannel within three seconds."""
    onset = turn.said.position(turn.clip.start)
    end = turn.said.position(turn.clip.end - 1)
    until = end + round(WATCHED_SECONDS * RATE_HZ)
    if any(entry.position <= until for entry in caller.decisions(turn)):
        return "stopped for good"
    over = next(stretch for stretch in bot if stretch[0] < onset < stretch[1])
    if over[1] >= until:
        return "went on"
    return "resumed" if any(over[1] < start < until for start, _ in bot) else "stopped for good"


# Noise.


@dataclass(slots=True)
class Endured:
    """What one kind of noise did to the bot.

    Args:
        speech: samples of bot speech that had the noise in it.
        stops: how often the bot stopped.
        resumed: after how many of those it went on.
    """

    speech: int = 0
    stops: int = 0
    resumed: int = 0
    windows: list[tuple[Caller, Stretch]] = field(default_factory=list)


async def noises(network: PhoneNetwork, plan: Plan, ask: Clip, talk: Sequence[Clip]) -> dict[str, Any]:
    """False stops per minute of bot speech, for each kind of noise."""
    undisturbed = await _reply_samples(network, ask)
    turnstile = asyncio.Semaphore(plan.some(_CALLS_AT_ONCE, 3))
    replies = plan.some(8, 1)

    async def one(name: str, surroundings: Surroundings) -> tuple[str, dict[str, Any]]:
        async with turnstile:
            return name, await _endure(network, ask, surroundings, replies, undisturbed)

    return dict(await asyncio.gather(*(one(name, kind) for name, kind in kinds(plan, talk).items())))


def kinds(plan: Plan, talk: Sequence[Clip]) -> dict[str, Surroundings]:
    """What surrounds the caller, by name; recordings where there are some."""
    folder = plan.folder("noise_and_hold_music")
    commands = plan.folder("speech_en_commands_picovoice")
    talkers = list(recordings(commands, "en", 18)) if commands else talk
    dice = plan.chance("echo")
    behind = {
        "white noise 10 dB": sounds.white(plan.seed),
        "music 10 dB": sounds.music(folder, plan.seed),
        "babble 15 dB": sounds.babble(talkers, plan.seed),
    }
    if (shop := sounds.room(folder)) is not None:
        behind["coffee shop 15 dB"] = shop

    def echo(handset: Handset) -> None:
        handset.echo(echo_path(dice.uniform(*ECHO_DELAYS_MS), ECHO_LOSS_DB, plan.seed))

    noisy = {name: partial(Handset.surround, noise=noise) for name, noise in behind.items()}
    everything: dict[str, Surroundings] = {"none": lambda handset: None, "echo -25 dB": echo, **noisy}
    return {name: everything[name] for name in ("echo -25 dB", "babble 15 dB")} if plan.quick else everything


async def _reply_samples(network: PhoneNetwork, ask: Clip) -> int:
    """How much the bot says when nothing disturbs it."""

    async def talk(caller: Caller) -> None:
        await _asked(caller, ask)
        await caller.settled()

    caller = await on_call(network, talk)
    since = caller.turns[0].said.frames[-1]
    return sum(end - start for start, end in caller.bot_stretches(STOP_GAP) if start > since)


async def _endure(
    network: PhoneNetwork, ask: Clip, surroundings: Surroundings, replies: int, undisturbed: int
) -> dict[str, Any]:
    starts: list[int] = []

    async def talk(caller: Caller) -> None:
        for _ in range(replies):
            if not await _asked(caller, ask):
                return
            starts.append(caller.handset.now)
            surroundings(caller.handset)
            await caller.settled(60)
            caller.handset.surround(None)
            caller.handset.echo(None)

    caller = await on_call(network, talk)
    ends = [*(turn.said.frames[0] for turn in caller.turns[1:]), caller.handset.now]
    endured = Endured()
    for start, end in zip(starts, ends, strict=False):
        judge_reply(caller, (start, end), undisturbed, endured)
    minutes = endured.speech / RATE_HZ / 60
    return {
        "bot_speech_minutes": round(minutes, 2),
        "replies": len(starts),
        "false_stops": endured.stops,
        "resumed": endured.resumed,
        "false_stops_per_minute": round(endured.stops / minutes, 2) if minutes else None,
    }


def judge_reply(caller: Caller, window: Stretch, undisturbed: int, endured: Endured) -> None:
    """Follow one reply until all of it was said; every quiet before that is a stop."""
    first = caller.handset.heard.runs
    begin = max((run.start for run in first if run.start <= window[0]), default=window[0])
    bot = audible(caller.bot_track[begin : window[1]], STOP_GAP)
    said = 0
    for number, (start, end) in enumerate(bot):
        said += end - start
        if said >= undisturbed - RATE_HZ:
            break
        endured.stops += 1
        if number + 1 < len(bot):
            between = (begin + end - RATE_HZ // 5, begin + bot[number + 1][0] + RATE_HZ // 10)
            entries = [entry for entry in caller.feed.entries if between[0] <= entry.position <= between[1]]
            endured.resumed += not decided(entries)
    endured.speech += said
