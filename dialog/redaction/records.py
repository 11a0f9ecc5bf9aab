"""Decision records as they may be kept: everything personal cut out, or without a word of anybody."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dialog.bot import Bot
from dialog.record import Record
from dialog.redaction.found import Kind, Known, label_for
from dialog.redaction.redacting import redact
from dialog.state import Frame, SlotAsked, State

PERSONAL_SLOTS: Mapping[str, Kind] = {
    "name": "name", "phone": "phone", "email": "email", "address": "address", "account": "account", "kid": "kid",
}  # fmt: skip
"""Kinds of slots (`dialog.slots.catalogue`) whose values are personal."""

PLAIN_SLOTS = frozenset(("digits", "code", "orgnr", "meter_reading", "number", "amount", "post_code"))
"""Kinds of slots whose values look like telephone numbers at times and are none."""

_NAMES_OF_FIELDS: tuple[tuple[str, Kind], ...] = (
    (r"(?:full_?|first_?|last_?|sur|customer_?|kunde_?|for|etter)?(?:name|navn|namn)", "name"),
    (r"\w*(?:fnr|personnummer|fodselsnummer|national_id|ssn)\w*", "national_id"),
    (r"(?:phone|telefon|mobil|mobile|tlf|phone_number|telefonnummer|number_to_call)", "phone"),
    (r"(?:e_?mail|epost|e_post|mail|email_address)", "email"),
    (r"(?:address|adresse|street|gate|gateadresse)", "address"),
    (r"(?:account|konto|kontonummer|iban)", "account"),
    (r"(?:kid|kid_number)", "kid"),
    (r"(?:birth|birth_?date|fodselsdato|fodt|born)", "birth_date"),
    (r"(?:pin|pin_?code|password|passord|cvc)", "code"),
)
"""What a slot or a field of a result holds, by its name, when no flow says it."""

_FIELDS = tuple((re.compile(rf"(?:^|[._-])(?:{words})(?:$|[._-])"), kind) for words, kind in _NAMES_OF_FIELDS)

_SHORTEST_TEXT = 2
NOTHING = Known()


def redact_record(record: Record, known: Known = NOTHING) -> Record:
    """The record of one turn with everything personal cut out of its words.

    Ids, rules, scores and languages stay. What an article says is read like everything else that was said: a number in
    it is cut out, too, unless it stands in `Known.plain`.

    Args:
        record: from `dialog.record.record_of`.
        known: from `known_of`, of the state after the turn.
    """
    language = str(record.get("language") or "nb")
    known = _with_slots(record, known)
    heard = record.get("heard")
    spoken = str((heard or {}).get("language") or language)
    kept = {**record}
    if isinstance(heard, Mapping):
        kept["heard"] = {**heard, "words": redact(str(heard.get("words", "")), spoken, known).text}
    if "written" in record:
        kept["written"] = redact(str(record["written"]), language, known).text
    if "pressed" in record and str(record["pressed"]).isdecimal() and (known.collecting or record.get("flows")):
        kept["pressed"] = label_for("code", language, 1)
    then = record.get("then")
    if isinstance(then, Mapping):
        told = {key: then[key] for key in ("arguments", "choices", "reason") if key in then}
        kept["then"] = {**then, **_inside(told, language, known, "then")}
    for field in ("reason", "result", "details", "heard_of_it"):
        if record.get(field) is not None:
            kept[field] = _inside(record[field], language, known, field)
    kept["slots"] = [_slot(slot, spoken, known) for slot in record.get("slots", ())]
    kept["said"] = [_said(prompt, known) for prompt in record.get("said", ())]
    return kept


def redact_conversation(records: Iterable[Record], known: Known = NOTHING) -> list[Record]:
    """All turns of a conversation with what became known in any of them cut out of each: run it when the call is over.

    Args:
        records: of one conversation, redacted already or not.
        known: from `known_of`, of its last state.
    """
    return [redact_record(record, known) for record in records]


def facts_of(record: Record) -> Record:
    """The record without a word of anybody: what happened, what decided, with which scores and which article."""
    heard = record.get("heard")
    then: Mapping[str, Any] = record.get("then") or {}
    kept = {**record, "details": {}, "said": [], "slots": [], "heard_of_it": None}
    kept["said"] = [{"text": "", "language": one["language"], "article": one["article"]} for one in record["said"]]
    kept["slots"] = [{"slot": one["slot"], "value": "", "words": "", "state": one["state"]} for one in record["slots"]]
    if isinstance(heard, Mapping):
        kept["heard"] = {
            **{key: value for key, value in heard.items() if not isinstance(value, str)},
            "words": "",
            "language": heard.get("language"),
        }
    for field in ("pressed", "written"):
        if field in record:
            kept[field] = ""
    if "result" in record:
        kept["result"] = {}
    if record.get("event") in ("action_failed", "not_understood") and "reason" in record:
        kept["reason"] = ""
    if record.get("heard_of_it") is not None:
        kept["heard_of_it"] = {"sentences": [], "interrupted": bool(record["heard_of_it"].get("interrupted"))}
    kept["then"] = {key: then[key] for key in ("action", "department", "expects", "name", "ticket") if key in then}
    if then.get("action") in ("hand_off", "hang_up"):
        kept["then"]["reason"] = ""
    return kept


def known_of(state: State, bot: Bot | None = None, names: Sequence[str] = ()) -> Known:
    """What a conversation says of itself: values given, values being given in parts, and numbers that are nobody's.

    Args:
        state: after the turn.
        bot: whose flows say what each slot is; without it the names of the slots do.
        names: more of them: of the agents, of the caller as a system has it.
    """
    found: list[str] = list(names)
    values: list[tuple[Kind, str]] = [("phone", state.number)] if state.number else []
    plain: list[str] = []
    collecting = ""
    for frame in (*state.past, *state.frames):
        for slot, kind, value in _values(frame, bot):
            if kind == "name":
                found.append(value)
            elif kind is not None:
                values.append((kind, value))
            elif _slot_kind(bot, frame, slot) in PLAIN_SLOTS:
                plain.append(value)
        question = frame.question
        if isinstance(question, SlotAsked) and (question.keys or question.partial):
            collecting = question.partial + question.keys
    return Known(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(values)), tuple(dict.fromkeys(plain)), collecting)


def _values(frame: Frame, bot: Bot | None) -> Iterable[tuple[str, Kind | None, str]]:
    """Slot or field, what is personal in it, and each value of it."""
    for filled in frame.slots:
        kind = _kind(bot, frame, filled.slot)
        yield from ((filled.slot, kind, value) for value in (filled.value, *filled.alternatives) if value)
    for field, value in frame.results:
        kind = _kind_by_name(field)
        if kind is not None and value:
            yield field, kind, value
    question = frame.question
    if isinstance(question, SlotAsked):
        kind = _kind(bot, frame, question.slot)
        yield from ((question.slot, kind, part) for part in (question.partial, question.keys) if part)


def _slot_kind(bot: Bot | None, frame: Frame, slot: str) -> str:
    """The kind of a slot in the bot's flows; "" when it is not known."""
    flow = next((one for one in bot.flows if one.id == frame.flow), None) if bot is not None else None
    return flow.slots[slot].type.kind if flow is not None and slot in flow.slots else ""


def _kind(bot: Bot | None, frame: Frame, slot: str) -> Kind | None:
    by_name = _kind_by_name(slot)
    kind = _slot_kind(bot, frame, slot)
    if not kind or by_name in ("national_id", "birth_date", "code"):
        return by_name
    return PERSONAL_SLOTS.get(kind)


def _kind_by_name(name: str) -> Kind | None:
    return next((kind for pattern, kind in _FIELDS if pattern.search(name.lower())), None)


def _with_slots(record: Record, known: Known) -> Known:
    """What is known, with the personal values of the record itself."""
    names, values = list(known.names), list(known.values)
    plain = {re.sub(r"\W", "", value) for value in known.plain}
    held = [(slot.get("slot"), slot.get("value")) for slot in record.get("slots", ())]
    held += list((record.get("result") or {}).items())
    held += list(((record.get("then") or {}).get("arguments") or {}).items())
    for name, value in held:
        kind = _kind_by_name(str(name))
        if kind is None or not isinstance(value, str) or re.sub(r"\W", "", value) in plain or value.startswith("["):
            continue
        for one in value.split(" / "):
            names += [one] if kind == "name" else []
            values += [(kind, one)] if kind != "name" else []
    return Known(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(values)), known.plain, known.collecting)


def _slot(slot: Mapping[str, Any], language: str, known: Known) -> Record:
    kept = dict(slot)
    kept["value"] = _value(str(slot.get("slot", "")), str(slot.get("value", "")), language, known)
    kept["words"] = redact(str(slot.get("words", "")), language, known).text
    return kept


def _value(name: str, value: str, language: str, known: Known) -> str:
    """A value that stands alone, without the words that would say what it is."""
    if len(value) < _SHORTEST_TEXT:
        return value
    by_value = next((kind for kind, one in known.values if one == value), None)
    kind = by_value or ("name" if value in known.names else _kind_by_name(name))
    if kind is not None and value not in known.plain:
        return value if value.startswith("[") else label_for(kind, language, len(value))
    return redact(value, language, known).text


def _said(prompt: Mapping[str, Any], known: Known) -> Record:
    language = str(prompt.get("language") or "nb")
    text = str(prompt.get("text", ""))
    return {**prompt, "text": redact(text, language, known).text}


def _inside(value: Any, language: str, known: Known, name: str) -> Any:
    """A part of a record with each of its texts redacted."""
    if isinstance(value, str):
        return _value(name, value, language, known)
    if isinstance(value, Mapping):
        return {key: _inside(item, language, known, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_inside(item, language, known, name) for item in value]
    return value
