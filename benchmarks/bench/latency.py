"""How long a caller waits for an answer out of approved text: questions and statements, one call at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.bench.caller import Caller, Turn, say_all
from benchmarks.bench.clips import Clip, spoken, with_tail
from benchmarks.bench.plan import NORDLYS, Measured, Plan, percent, service, spread
from benchmarks.bench.tracks import SENTENCE_GAP
from dialog import load_bot

PER_CALL = 10
STATEMENTS = (
    ("I forgot my password.", "forgotten-password"),
    ("My item was broken when it arrived.", "damaged-item"),
    ("There is no electricity in my house.", "power-outage"),
    ("I want to cancel my order.", "cancel-order"),
    ("I would like to pay by invoice.", "payment-methods"),
    ("My power bill is very high.", "high-bill"),
    ("I am moving to a new house and need power.", "move-power"),
    ("I want to know where my parcel is.", "track-parcel"),
)


async def measure(plan: Plan) -> Measured:
    """Voice to voice, missed answers, answers given twice, and where the time goes."""
    clips = await asked(plan, plan.some(64, 4), "latency")
    chance = plan.chance("latency pauses")
    async with service(NORDLYS, plan) as (_, network):
        callers = await say_all(network, clips, PER_CALL, pause_seconds=lambda: chance.uniform(0.1, 0.9))
    measured = Measured()
    judge(callers, measured)
    measured.notes.append("spoken by Piper at a telephone's level over a clean line; first turns of a call are counted")
    return measured


async def asked(plan: Plan, count: int, part: str) -> list[Clip]:
    """So many things to say to Nordlys: a quarter statements, the rest questions from its articles, one of each.

    Only what is answered from approved text: where a flow takes an article's place, it asks back.
    """
    chance = plan.chance(part)
    bot = load_bot(NORDLYS)
    by_flow = {article for flow in bot.flows for article in flow.articles}
    pairs = [(text, article.id) for article in bot.articles for text in article.questions.get("en", ())[:2]]
    chance.shuffle(pairs)
    statements = [pair for pair in STATEMENTS if pair[1] not in by_flow]
    said = [*statements[: max(1, count // 4)], *(pair for pair in pairs if pair[1] not in by_flow)][:count]
    chance.shuffle(said)
    clips = []
    for text, article in said:
        [clip] = await spoken([text], "en", plan.speak)
        clips.append(replace(with_tail(clip), expected=article))
    return clips


def judge(callers: Sequence[Caller], measured: Measured) -> None:
    """Fill in the figures of turns to which an answer was due."""
    latencies: list[float] = []
    missed = twice = early = right = turns = waits = 0
    stages: dict[str, list[float]] = defaultdict(list)
    for caller in callers:
        bot = caller.bot_stretches(SENTENCE_GAP)
        for turn in caller.turns:
            turns += 1
            outcome = caller.outcome_of(turn, bot)
            decisions = caller.decisions(turn)
            missed += outcome.latency_ms is None
            early += outcome.cut_in
            waits += caller.asked_to_wait(turn)
            twice += len(decisions) > 1 or (outcome.cut_in and outcome.latency_ms is not None)
            right += any(entry.details.get("article") == turn.clip.expected for entry in decisions)
            if outcome.latency_ms is not None and not outcome.cut_in:
                latencies.append(outcome.latency_ms)
            for stage, ms in stages_of(caller, turn).items():
                stages[stage].append(ms)
    measured.figures |= {
        "turns": turns,
        "voice_to_voice_ms": spread(latencies),
        "voice_to_voice_all_ms": sorted(latencies),
        "asked_to_wait": waits,
        "missed_answers": missed,
        "answered_twice": twice,
        "false_cut_ins": early,
        "right_article_percent": percent(right, turns),
        "waterfall_ms": {stage: spread(values) for stage, values in stages.items()},
    }


def stages_of(caller: Caller, turn: Turn) -> dict[str, float]:
    """The bot's own account of a turn: for the waterfall only, never for a latency."""
    found: dict[str, float] = {}
    for entry in caller.entries(turn):
        stages = entry.details.get("stages")
        if isinstance(stages, dict):
            found |= {str(stage): float(ms) for stage, ms in stages.items() if isinstance(ms, int | float)}
    return found
