"""Does the bot wait until the caller is done? Sentences with hesitations, and numbers said with pauses."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from benchmarks.bench.caller import Caller, Turn, say_all
from benchmarks.bench.clips import Clip, recordings, spoken, with_pause, with_tail
from benchmarks.bench.latency import asked
from benchmarks.bench.plan import BRIEF, NORDLYS, Measured, Plan, percent, service, spread
from benchmarks.bench.tracks import SENTENCE_GAP
from dialog.obeying import UNSURE_CONFIDENCE
from dialog.slots.catalogue import slot_type
from dialog.slots.slot_type import Parsed, SlotContext

PER_CALL = 12
SENTENCES = (
    "I would like to know how much it costs to send a parcel to the north of Norway.",
    "We are moving to a new house and I need to know what to do about my power.",
    "I ordered a lamp last week and it has still not arrived.",
    "Can you tell me when the shop in the town centre opens on Saturdays?",
    "My neighbour says that his bill is much lower than mine for the same house.",
    "I want to send back a jacket that I bought, because it is too small.",
    "The invoice that I got this morning has the wrong address on it.",
    "Is it possible to change the date of my delivery to some day next week?",
    "I paid with my card, but the money was taken from my account two times.",
    "Somebody told me that I can get a discount if I become a member.",
    "I have tried to log in three times and it says my password is wrong.",
    "Do I have to be at home when you come to read the meter?",
)
PAUSED_PER_SENTENCE = 3
HESITATING = 18 / 88
"""Of free turns, the share in which the caller pauses in the middle: the mix of `turns.md`, section 3."""

LANGUAGE_KEYS = {"en": "#", "nb": "*"}


async def measure(plan: Plan) -> Measured:
    """False cut-ins and latency of sentences and numbers, and how many numbers were read right."""
    measured = Measured()
    sets = {**await sentences(plan), **await numbers(plan)}
    async with service(BRIEF, plan) as (_, network):
        expects = _KeyedExpectation()
        pauses = partial(plan.chance("cut-ins pauses").uniform, 0.1, 0.6)
        clips = [clip for chosen in sets.values() for clip in chosen]
        callers = await say_all(network, clips, PER_CALL, before=expects.tell, pause_seconds=pauses)
    requests = await asked_with_pauses(plan)
    async with service(NORDLYS, plan) as (_, network):
        clips = [clip for chosen in requests.values() for clip in chosen]
        callers += await say_all(network, clips, PER_CALL, pause_seconds=pauses)
    measured.figures = {name: figures(callers, chosen) for name, chosen in {**sets, **requests}.items()}
    free = [row for name, row in measured.figures.items() if name.startswith("sentences")]
    digits = [row for name, row in measured.figures.items() if name.startswith("numbers")]
    measured.figures["all_sentences"] = together(free)
    measured.figures["free_turns"] = in_proportion(free, measured.figures["sentences, hesitating"])
    measured.figures["all_numbers"] = together(digits)
    measured.notes.append("free turns: sentences with hesitating ones as often as callers hesitate, 18 in 88")
    measured.notes.append("requests: said to Nordlys, whose dialog ends a turn sooner when it is sure of its answer")
    measured.notes.append("caught: read exactly, or asked for again, or read back because it was not sure")
    measured.notes.append(
        "numbers: the measuring bot is told by keypad how many digits come; read = the bot's transcript of the turn"
    )
    return measured


async def sentences(plan: Plan) -> dict[str, list[Clip]]:
    """Free sentences: hesitating ones of the synthetic voice, and recorded commands."""
    chance = plan.chance("cut-ins")
    plain = [with_tail(clip) for clip in await spoken(SENTENCES, "en", plan.speak)]
    hesitating = [with_pause(clip, chance) for clip in plain for _ in range(PAUSED_PER_SENTENCE)]
    chance.shuffle(hesitating)
    sets = {
        "sentences, fluent": plain[: plan.some(len(plain), 1)],
        "sentences, hesitating": hesitating[: plan.some(len(hesitating), 2)],
    }
    if folder := plan.folder("speech_en_commands_picovoice"):
        found = [with_tail(clip) for clip in recordings(folder, "en")]
        sets["sentences, recorded commands"] = found[: plan.some(len(found), 1)]
    return sets


async def asked_with_pauses(plan: Plan) -> dict[str, list[Clip]]:
    """Requests to Nordlys, fluent and with a hesitation: what the dialog understands has a say in when they end."""
    chance = plan.chance("cut-ins requests")
    plain = await asked(plan, plan.some(20, 1), "cut-ins requests")
    return {"requests, fluent": plain, "requests, hesitating": [with_pause(clip, chance) for clip in plain]}


async def numbers(plan: Plan) -> dict[str, list[Clip]]:
    """Digits said with pauses: recordings, or the synthetic voice where there are none."""
    sets = {}
    for name, language in (("speech_digits_en_fsdd", "en"), ("speech_numbers_nb_gcompris", "nb")):
        if folder := plan.folder(name):
            found = [with_tail(clip) for clip in recordings(folder, language) if (clip.digits or "").isdigit()]
            sets[f"numbers, {language} recorded"] = found[: plan.some(len(found), 1)]
    if not sets:
        chance = plan.chance("numbers")
        strings = ["".join(chance.choices("0123456789", k=6)) for _ in range(plan.some(20, 2))]
        clips = [
            replace(with_pause(with_tail(clip), chance), digits=digits)
            for digits in strings
            for clip in await spoken([f"{', '.join(digits[:3])}, {', '.join(digits[3:])}."], "en", plan.speak)
        ]
        sets["numbers, en synthetic"] = clips
    return sets


class _KeyedExpectation:
    """Tells the measuring bot by keypad what comes next, when it has changed."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[str, str]] = {}

    async def tell(self, caller: Caller, clip: Clip) -> None:
        language = LANGUAGE_KEYS[clip.language]
        expected = str(min(9, len(clip.digits))) if clip.digits else "0"
        told = self._told.get(id(caller))
        if told is None or told[0] != language:
            await caller.press(language)
            told = (language, "0")
        if told[1] != expected:
            await caller.press(expected)
        self._told[id(caller)] = (language, expected)


def figures(callers: Sequence[Caller], clips: Sequence[Clip]) -> dict[str, Any]:
    """The figures of one set of clips."""
    mine = {id(clip) for clip in clips}
    latencies: list[float] = []
    count: Counter[str] = Counter()
    for caller in callers:
        bot = caller.bot_stretches(SENTENCE_GAP)
        for turn in (turn for turn in caller.turns if id(turn.clip) in mine):
            outcome = caller.outcome_of(turn, bot)
            count["turns"] += 1
            count["cut_ins"] += outcome.cut_in
            count["missed"] += outcome.latency_ms is None
            if outcome.latency_ms is not None and not outcome.cut_in:
                latencies.append(outcome.latency_ms)
            if turn.clip.digits:
                count["numbers"] += 1
                count["exact"] += (exact := number_is_exact(caller, turn))
                count["caught"] += exact or not taken_as_it_is(caller, turn)
    row = {
        "turns": count["turns"],
        "cut_ins": count["cut_ins"],
        "cut_in_percent": percent(count["cut_ins"], count["turns"]),
        "missed": count["missed"],
        "latency_ms": spread(latencies),
        "latency_all_ms": latencies,
    }
    if count["numbers"]:
        row |= {"numbers": count["numbers"], "exact": count["exact"], "caught": count["caught"]}
        row["caught_percent"] = percent(count["caught"], count["numbers"])
        row["exact_percent"] = percent(count["exact"], count["numbers"])
    return row


def together(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several sets as one."""
    total = {key: sum(row[key] for row in rows) for key in ("turns", "cut_ins", "missed")}
    numbers = sum(row.get("numbers", 0) for row in rows)
    exact, caught = (sum(row.get(key, 0) for row in rows) for key in ("exact", "caught"))
    read = {"numbers": numbers, "exact": exact, "exact_percent": percent(exact, numbers)}
    read |= {"caught": caught, "caught_percent": percent(caught, numbers)}
    return {
        **total,
        "cut_in_percent": percent(total["cut_ins"], total["turns"]),
        "latency_ms": spread([ms for row in rows for ms in row["latency_all_ms"]]),
        **(read if numbers else {}),
    }


def in_proportion(free: Sequence[dict[str, Any]], hesitating: dict[str, Any]) -> dict[str, Any]:
    """Cut-ins as often as they would be if callers hesitated as often as in `turns.md`, section 3."""
    others = [row for row in free if row is not hesitating]
    turns, cut_ins = (sum(row[key] for row in others) for key in ("turns", "cut_ins"))
    if not (turns and hesitating["turns"]):
        return {"cut_in_percent": None}
    share = (1 - HESITATING) * cut_ins / turns + HESITATING * hesitating["cut_ins"] / hesitating["turns"]
    return {"cut_in_percent": round(100 * share, 1)}


def number_is_exact(caller: Caller, turn: Turn) -> bool:
    """Whether the digits in what the bot heard are those that were said."""
    return _number(caller, turn).value == turn.clip.digits


def taken_as_it_is(caller: Caller, turn: Turn) -> bool:
    """Whether a flow would use the number that was heard without reading it back."""
    heard = [entry for entry in caller.entries(turn) if entry.kind == "caller"]
    sure = all(float(str(entry.details.get("confidence", 1.0))) >= UNSURE_CONFIDENCE for entry in heard)
    number = _number(caller, turn)
    return bool(number.value) and number.sure and sure


def _number(caller: Caller, turn: Turn) -> Parsed:
    """What a slot for so many digits makes of what was heard."""
    digits = slot_type("digits", {"length": len(turn.clip.digits or "")})
    return digits.parse(words_heard(caller, turn), SlotContext(turn.clip.language, datetime.now(UTC)))


def words_heard(caller: Caller, turn: Turn) -> str:
    """What the bot says it heard in a turn, all parts of it."""
    return " ".join(entry.text for entry in caller.entries(turn) if entry.kind == "caller")
