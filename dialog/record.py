"""The decision record: one JSON object per turn that says what was heard, what decided, and what was said.

It holds the caller's words (`heard`, `pressed`, `slots`, `result`, `then.arguments`, `said`): it is personal data, and
belongs where that is kept, never in a log. docs/decision-record.md names every field.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias, assert_never

from dialog.bot import Bot
from dialog.brief import standing
from dialog.events import (
    Act,
    ActionDone,
    ActionFailed,
    AgentNote,
    AgentTyped,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    CallerTypedToAgent,
    Decision,
    Event,
    HandOff,
    HangUp,
    Listen,
    Manner,
    NotUnderstood,
    PersonDone,
    Prompt,
    Reply,
    TransferFailed,
)
from dialog.identity import PROVE
from dialog.identity_code import awaits_code, without_code
from dialog.slots.national_id import IN_ITS_PLACE
from dialog.state import Filled, State

VERSION = 1
Record: TypeAlias = dict[str, Any]
"""One turn, JSON-able."""

TOLD_APART = ("candidates", "margin", "thresholds", "review", "mood")
"""Details of a decision that have a place of their own in a record."""


class RecordInvalid(ValueError):
    """This is no decision record, or one of a later version."""


def record_of(
    bot: Bot, before: State, event: Event, after: State, reply: Reply, at: datetime, call: str = ""
) -> Record:
    """The record of one turn.

    Args:
        bot: who answered.
        before: the state that `Engine.respond` was given; `event` likewise.
        event: what happened on the line.
        after: the state that it gave; `reply` likewise.
        reply: what is said and done.
        at: when; timezone-aware.
        call: names the conversation; "" when there is only one.
    """
    decision = reply.decision
    details = dict(decision.details)
    return {
        "record": VERSION,
        "call": call,
        "turn": after.turn,
        "at": at.isoformat(timespec="milliseconds"),
        "bot": bot.name,
        "content_version": bot.content_version,
        **_event(before, event),
        "language": after.language,
        "language_before": before.language,
        "rule": decision.rule,
        "score": decision.score,
        "article": _article(bot, decision, details),
        "thresholds": details.get("thresholds"),
        "candidates": details.get("candidates", []),
        "margin": details.get("margin"),
        "flows": [frame.flow for frame in after.frames],
        "slots": [_slot(filled) for frame in after.frames for filled in frame.slots],
        "mood": after.mood.details() if after.mood.turn else None,
        "said": [_prompt(prompt) for prompt in reply.prompts],
        "then": _then(reply),
        "details": {key: value for key, value in details.items() if key not in TOLD_APART},
        "heard_of_it": None,
    }


def with_heard(record: Record, heard: Sequence[str], interrupted: bool) -> Record:
    """The record with what the caller heard of the reply.

    Args:
        record: of the turn.
        heard: sentences that were played to their end.
        interrupted: the caller began to talk before the rest.
    """
    return {**record, "heard_of_it": {"sentences": list(heard), "interrupted": interrupted}}


def decision_of(record: Mapping[str, Any]) -> Decision:
    """The decision that a record was made from.

    Raises:
        RecordInvalid: this is no record of a version that is known.
    """
    if record.get("record") != VERSION:
        raise RecordInvalid(f"this is no decision record of version {VERSION}")
    try:
        details = dict(record["details"])
        article = record["article"]
        apart = {**record, "review": article and article["review"]}
        details |= {key: apart[key] for key in TOLD_APART if key != "mood" and apart.get(key) not in (None, [])}
        return Decision(record["rule"], article and article["id"], record["score"], details)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordInvalid(f"a decision record without {error}") from error


def _event(before: State, event: Event) -> Record:
    match event:
        case CallerSaid(text=text, language=language, confidence=confidence, manner=manner):
            words = without_code(before, text)
            heard = {"words": words, "language": language, "confidence": round(confidence, 3), **asdict(manner)}
            return {"event": "said", "heard": heard}
        case CallerPressed(digit=digit):
            return {"event": "pressed", "pressed": IN_ITS_PLACE if awaits_code(before) else digit}
        case CallBegan(resumed=resumed):
            return {"event": "resumed" if resumed else "began"}
        case CallerSilent():
            return {"event": "silent"}
        case NotUnderstood(reason=reason):
            return {"event": "not_understood", "reason": reason}
        case TransferFailed(department=department, outcome=outcome):
            return {"event": "transfer_failed", "reason": department, "outcome": outcome}
        case PersonDone(department=department, outcome=outcome):
            return {"event": "person_done", "reason": department, "outcome": outcome}
        case AgentNote(text=text, agent=agent):
            return {"event": "agent_note", "agent": agent, "written": text}
        case AgentTyped(text=text, agent=agent):
            return {"event": "agent_typed", "agent": agent, "written": text}
        case CallerTypedToAgent(text=text):
            heard = {"words": text, "language": None, "confidence": 1.0, **asdict(Manner())}
            return {"event": "typed_to_agent", "heard": heard}
        case ActionDone(ticket=ticket, result=result):
            return {"event": "action_done", "ticket": ticket, "result": dict(result)}
        case ActionFailed(ticket=ticket, reason=reason):
            return {"event": "action_failed", "ticket": ticket, "reason": reason}
        case _:
            assert_never(event)


def _article(bot: Bot, decision: Decision, details: Mapping[str, Any]) -> Record | None:
    if decision.article is None:
        return None
    found = next((article for article in bot.articles if article.id == decision.article), None)
    review = found.review.isoformat() if found is not None and found.review else details.get("review")
    return {"id": decision.article, "review": review, "owner": found.owner if found is not None else ""}


def _slot(filled: Filled) -> Record:
    shown = filled.value or " / ".join(filled.alternatives)
    return {"slot": filled.slot, "value": shown, "words": filled.words, "state": standing(filled)}


def _prompt(prompt: Prompt) -> Record:
    return {"text": prompt.text, "language": prompt.language, "article": prompt.article}


def _then(reply: Reply) -> Record:
    match reply.action:
        case Listen(expects=expects, choices=choices):
            return {"action": "listen", "expects": expects, "choices": list(choices)}
        case HandOff(department=department, reason=reason):
            return {"action": "hand_off", "department": department, "reason": reason}
        case HangUp(reason=reason):
            return {"action": "hang_up", "reason": reason}
        case Act(name=name, arguments=arguments, ticket=ticket):
            kept = {key: value for key, value in arguments.items() if (name, key) != (PROVE, "code")}
            return {"action": "act", "name": name, "arguments": kept, "ticket": ticket}
        case _:
            assert_never(reply.action)


def records_of_lines(lines: Iterable[str]) -> list[Record]:
    """Records from JSON lines; empty lines are passed over.

    Raises:
        RecordInvalid: a line is no record; the message has its number.
    """
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            decision_of(record)
        except (ValueError, AttributeError) as error:
            raise RecordInvalid(f"line {number}: {error}") from error
        found.append(record)
    return found
