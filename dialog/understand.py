"""What the mind makes of one utterance, as data: for evaluation sets and for people who look inside."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dialog.engine import Engine
from dialog.events import CallBegan, CallerSaid, Decision
from dialog.flows.flow import Slot
from dialog.language import NB_ONLY, NN_ONLY, LanguageEvidence
from dialog.phrases import built_in_phrases
from dialog.ranking import Ranked
from dialog.slots.national_id import without_national_ids
from dialog.slots.slot_type import Parsed, SlotContext

BANDS = {"answer": "act", "flow": "act", "choice": "choice", "dont_know": "unknown"}
"""By the decision's rule; every other rule decided by itself, whatever the ranking."""


def understand(
    engine: Engine, text: str, language: str | None = None, slot: str | None = None, now: datetime | None = None
) -> dict[str, object]:
    """What the bot would make of this as the first thing a caller says; JSON-able.

    Args:
        engine: the mind.
        text: the caller's words.
        language: the call's: nb, nn, en or uk; None lets the words decide.
        slot: "flow.slot" that the bot has just asked for, or None.
        now: timezone-aware; None is now.

    Returns:
        language: of the words, "nb", "nn", "en", "uk" or "ru", or None; language_score: 0..1.
        intent: id of the flow, or None; article: id of the article, or None; score: 0..1, how probably it is meant.
        band: "act", "choice", "unknown", or "rule" when an order, a danger or small talk decided.
        rule: of the decision.
        candidates: the first three, each with flow or article and score.
        entities: by slot: value, alternatives, partial or fault, and the words it came from.
        frustration: score, reasons.

    Raises:
        KeyError: no such slot.
    """
    now = now or datetime.now(ZoneInfo(engine.bot.hours.timezone) if engine.bot.hours else UTC)
    kept, refused = without_national_ids(text, language or engine.bot.languages[0])
    heard = built_in_phrases().hear(kept)
    evidence = engine.identifier.evidence(heard.words, None)
    state, _ = engine.respond(engine.new_state(), CallBegan(language), now)
    state, reply = engine.respond(state, CallerSaid(text, language), now)
    ranked = engine.understanding.rank(heard.content or heard.words, state.language)
    context = SlotContext(state.language, now, hours=engine.bot.hours, expected=slot is not None)
    return {
        "language": _written(evidence, heard.words),
        "language_score": round(evidence.probability, 4),
        "answer_language": state.language,
        **_topic(ranked),
        "band": BANDS.get(reply.decision.rule, "rule"),
        "rule": reply.decision.rule,
        "candidates": ranked.details()["candidates"],
        "entities": _entities(_slots(engine, slot), kept, context),
        "national_id": refused,
        "frustration": _mood(reply.decision),
    }


def _written(evidence: LanguageEvidence, said: tuple[str, ...]) -> str | None:
    """The language; Norwegian is nynorsk when more of its words are nynorsk alone than bokmål alone."""
    if evidence.family != "no":
        return evidence.family
    return "nn" if sum(word in NN_ONLY for word in said) > sum(word in NB_ONLY for word in said) else "nb"


def _topic(ranked: Ranked) -> dict[str, object]:
    best = ranked.best
    return {
        "intent": best.flow or None if best else None,
        "article": best.article or None if best else None,
        "score": round(best.score, 4) if best else 0.0,
    }


def _slots(engine: Engine, wanted: str | None) -> Mapping[str, Slot]:
    """Slots by name: the one asked for, or all."""
    found = {f"{flow.id}.{slot.id}": slot for flow in engine.bot.flows for slot in flow.slots.values()}
    return found if wanted is None else {wanted: found[wanted]}


def _entities(slots: Mapping[str, Slot], text: str, context: SlotContext) -> dict[str, object]:
    """What the slots find; None of them is listed that finds nothing."""
    parsed = {name: slot.type.parse(text, context) for name, slot in slots.items()}
    return {name: _found(each) for name, each in parsed.items() if each != Parsed()}


def _found(parsed: Parsed) -> dict[str, object]:
    parts = {
        "value": parsed.value,
        "alternatives": list(parsed.alternatives),
        "partial": parsed.partial,
        "fault": parsed.fault,
        "words": parsed.words,
    }
    return {**{key: part for key, part in parts.items() if part}, "sure": parsed.sure}


def _mood(decision: Decision) -> object:
    return decision.details.get("mood", {})
