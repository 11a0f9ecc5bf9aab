"""JSON Schemas of a bot folder's files, so that editors complete and check them while they are written.

Keys come from the tables that the readers use; this file adds what stands behind them. What only a reader can see (a
department that does not exist, an opening hour that is none) is told by `check_bot`.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from dialog import (
    articles,
    callback_rules,
    departments_source,
    identity_source,
    records_source,
    scripts,
    settings,
    words_file,
)
from dialog.bot import LANGUAGES
from dialog.flows import reading as flows
from dialog.flows import slot_reading
from dialog.hours_source import HOURS_KEYS
from dialog.identity import CODE_DIGITS, LEVELS, NOT_PROVEN, WAYS
from dialog.people import KEYS as PERSON_KEYS
from dialog.rating import BEST, WORST
from dialog.records_rules import KEEPING
from dialog.slots.catalogue import SLOT_KINDS
from dialog.wording import WORDING_KEYS

Schema: TypeAlias = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
E164_OR_SIP = r"^(\+[1-9][\d\s().-]{6,20}|sips?:[^\s@]+@[^\s@]+)$"

TEXT: Schema = {"type": ["string", "number"], "minLength": 1}
"""A number is a text to the readers: a company may be called 1881."""

TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
VALUE: Schema = {"type": ["string", "number", "boolean", "null"]}


def said(text: str, schema: Schema) -> Schema:
    """A schema with the words an editor shows beside it."""
    return {"description": text, **schema}


def each_language(schema: Schema) -> Schema:
    """One of something per language."""
    return {
        "type": "object",
        "properties": dict.fromkeys(LANGUAGES, schema),
        "additionalProperties": False,
        "minProperties": 1,
    }


def keyed(keys: Collection[str], described: Mapping[str, Schema], required: Collection[str] = ()) -> Schema:
    """A mapping with exactly the keys of a reader's table.

    Raises:
        ValueError: a key has no schema, or a schema no key: the two have drifted apart.
    """
    if set(keys) != set(described):
        raise ValueError(f"keys and schemas differ: {sorted(set(keys) ^ set(described))}")
    return {
        "type": "object",
        "properties": {key: described[key] for key in keys},
        "required": [key for key in keys if key in required],
        "additionalProperties": False,
    }


def by_name(schema: Schema) -> Schema:
    """A mapping from names of the author's own choice."""
    return {"type": "object", "additionalProperties": schema}


def hours_schema() -> Schema:
    """Opening hours, of the company or a department."""
    times = said('"08:00-16:00", several with a comma between, or "closed"', TEXTS)
    return keyed(
        HOURS_KEYS,
        {
            "timezone": said("as Europe/Oslo", TEXT),
            "weekly": said("days mon to sun, or spans as mon-fri", by_name(times)),
            "holidays": said('country whose public holidays are closed days: "NO", in quotes', TEXT),
            "closed": said("more closed days", {"type": "array", "items": DAY}),
        },
    )


def bot_schema() -> Schema:
    """Of bot.yaml."""
    number = {"type": "string", "pattern": E164_OR_SIP}
    languages = {"type": "array", "items": {"enum": list(LANGUAGES)}, "minItems": 1, "uniqueItems": True}
    department = keyed(
        departments_source.KEYS,
        {
            "name": said("what it is called", each_language(TEXT)),
            "number": said("E.164 with its country, or sip:...", number),
            "default": said('where "a person, please" goes', FLAG),
            "words": said("what callers call it", each_language(TEXTS)),
            "hours": said("when it answers, if not when the company does", hours_schema()),
            "out_of_hours": said("answers when the department is closed", number),
            "people": said(
                "who is rung and briefed before the caller comes; without it `number` is dialled",
                {"type": "array", "items": _person(number)},
            ),
            "ring": said("in_order (the usual), or all at once", {"enum": ["in_order", "all"]}),
            "then": said("departments whose people are rung when none of these came", TEXTS),
        },
        required=("name", "number"),
    )
    limits = {
        "call_seconds": said("hard cap per call", _number(30, 7200)),
        "idle_seconds": said("silence, all reprompts included, before a polite end", _number(10, 600)),
        "no_match": said("questions in a row without an answer before a person takes over; 0: never", _number(0, 20)),
        "no_input": said("silences in a row before a polite end; 0: never", _number(0, 20)),
    }
    described: dict[str, Schema] = {
        "version": said("of this format", {"enum": [settings.FORMAT_VERSION]}),
        "name": said("of the company or service", TEXT),
        "languages": said("the first is the one a call begins in", languages),
        "required": said("languages that everything must be in; without it, all of them", languages),
        "voices": said("a model id from `voicebot models list`", each_language(TEXT)),
        "greeting": said("said first", each_language(TEXT)),
        "disclosure": said("that this is a bot, and how to reach a person; heard to the end", each_language(TEXT)),
        "privacy": said("what happens to the caller's words; heard to the end", each_language(TEXT)),
        "topics": said('what follows "I can answer questions about ..."', each_language(TEXT)),
        "hours": said("of the company; without it somebody always answers", hours_schema()),
        "departments": said("where callers can be passed on to", by_name(department)),
        "limits": keyed(tuple(limits), limits),
        "wording": said("own wording of what the bot says by itself", keyed(WORDING_KEYS, _wording())),
        "thresholds": keyed(
            ("answer", "choice"),
            {
                "answer": said("from here an article is quoted", _number(0, 1)),
                "choice": said('from here the bot asks "did you mean ...?"', _number(0, 1)),
            },
        ),
        "sms": said("links may be offered as a text message", FLAG),
        "records": said("what is kept of a conversation, and for how long", _records()),
        "identity": said("how callers prove who they are: a code by text message, or an app", _identity()),
        "recording": said("calls may be recorded when the caller agrees; without it, none ever is", _recording()),
        "callbacks": said("what callers are offered when no person can be reached", _callbacks()),
        "rating": said("callers who have talked with a person are asked how it was", FLAG),
    }
    needed = ("version", "name", "languages", "greeting", "disclosure", "privacy")
    return _whole("bot.yaml", keyed(settings.KEYS, described, needed))


def _person(number: Schema) -> Schema:
    described: dict[str, Schema] = {
        "name": said("theirs, for records and the console", TEXT),
        "number": said("E.164 with its country, or sip:...", number),
        "languages": said("they answer in; without it, all of the bot", TEXTS),
        "hours": said("when they answer, if not when their department does", hours_schema()),
        "account": said("their sign-in name at the console; without it, their name", TEXT),
    }
    return keyed(PERSON_KEYS, described, required=("name", "number"))


def _callbacks() -> Schema:
    described: dict[str, Schema] = {
        "callback": said("callers may ask to be called back", FLAG),
        "message": said("callers may leave a message", FLAG),
        "deadline_hours": said(
            "until somebody must have dealt with it", _number(1, callback_rules.LONGEST_DEADLINE_HOURS)
        ),
        "sms": said("the caller gets a text message that says what was promised", FLAG),
    }
    return keyed(callback_rules.KEYS, described)


def _identity() -> Schema:
    way = {"enum": list(WAYS)}
    described = {"way": way, "app": said('what callers know the app by: "BankID"', TEXT)}
    return {"anyOf": [way, keyed(identity_source.IDENTITY_KEYS, described, ("way",))]}


def _records() -> Schema:
    days = dict.fromkeys(records_source.DAYS_KEYS, _number(1, records_source.LONGEST_DAYS))
    described: dict[str, Schema] = {
        "keep": said("words without anything personal, facts without words, or nothing", {"enum": list(KEEPING)}),
        "days": said("until deletion, per kind", keyed(records_source.DAYS_KEYS, days)),
        "purpose": said("why conversations are kept, for the record of processing", each_language(TEXT)),
        "basis": said("the legal basis for that", each_language(TEXT)),
        "controller": said("who answers for the personal data: name and organisation number", TEXT),
        "contact": said("an address or a number for questions about privacy", TEXT),
        "page": said("a web page where callers read what is kept", {"type": "string", "pattern": r"^https?://\S+$"}),
        "history": said("who takes a caller over may read earlier conversations of the same caller", FLAG),
    }
    return keyed(records_source.RECORDS_KEYS, described)


def _recording() -> Schema:
    described: dict[str, Schema] = {
        "purpose": said('fits "May we record this call for ...?"', each_language(TEXT)),
        "ask": said("the whole question in your own words", each_language(TEXT)),
        "version": said("of the wording, kept with each answer", TEXT),
        "days": said("until the sound is deleted", _number(1, records_source.LONGEST_DAYS)),
    }
    return keyed(records_source.RECORDING_KEYS, described, ("purpose", "version"))


def _wording() -> dict[str, Schema]:
    return {key: each_language(TEXTS) for key in WORDING_KEYS}


def _number(least: float, most: float) -> Schema:
    return {"type": "number", "minimum": least, "maximum": most}


def article_schema() -> Schema:
    """Of what stands between the --- lines of knowledge/*.md."""
    described: dict[str, Schema] = {
        "title": said('fits "Did you mean ...?"', each_language(TEXT)),
        "questions": said("two to four per language, or more: how callers really ask", each_language(TEXTS)),
        "owner": said("who answers for it", TEXT),
        "review": said("the day the answer must be read again", DAY),
        "link": said("a page to read more", {"type": "string", "pattern": r"^https?://\S+$"}),
    }
    return _whole("knowledge/*.md, front matter", keyed(articles.KEYS, described, ("title",)))


def flow_schema() -> Schema:
    """Of flows/*.yaml."""
    described: dict[str, Schema] = {
        "version": said("of this format", {"enum": [flows.FORMAT_VERSION]}),
        "title": said('fits "Did you mean ...?" and "Back to ..."', each_language(TEXT)),
        "starts": said("three or more per language: how callers ask for it", each_language(TEXTS)),
        "articles": said("articles whose place it takes", TEXTS),
        "requires": said("before its first step the caller proves who they are", {"enum": [identity_source.IDENTITY]}),
        "level": said("how strongly; without it the weakest proof is enough", {"enum": list(LEVELS)}),
        "cancel": said("what is said when the caller cancels", each_language(TEXT)),
        "slots": said("what is asked for", by_name({"$ref": "#/$defs/slot"})),
        "steps": {"$ref": "#/$defs/steps"},
        "on_failure": said("after too many failed attempts", {"$ref": "#/$defs/step"}),
    }
    schema = _whole("flows/*.yaml", keyed(flows.KEYS, described, ("version", "title", "steps")))
    steps = {"type": "array", "items": {"$ref": "#/$defs/step"}}
    return {**schema, "$defs": {"slot": _slot(), "steps": steps, "step": {"anyOf": [{"const": "end"}, *_steps()]}}}


def _slot() -> Schema:
    common: dict[str, Schema] = {
        "type": said("what kind of value it is", {"enum": sorted(SLOT_KINDS)}),
        "ask": said("the question", each_language(TEXT)),
        "again": said("the question in other words, one per failed attempt", each_language(TEXTS)),
        "help": said('where the caller finds it: "hvor finner jeg det?"', each_language(TEXT)),
        "confirm": said("when it is read back for a yes", {"enum": list(slot_reading.CONFIRM_WHEN)}),
        "required": said("false: the caller may skip it", FLAG),
        "read_back": said('asked in place of "I heard ..., is that right?": {slot} is the value', each_language(TEXT)),
    }
    base = keyed(slot_reading.SLOT_KEYS, common, ("type", "ask"))
    every_option: dict[str, Schema] = {option: {} for options in SLOT_KINDS.values() for option in sorted(options)}
    base["properties"] |= every_option
    base["allOf"] = [
        {
            "if": {"properties": {"type": {"const": kind}}},
            "then": {"properties": dict.fromkeys((*slot_reading.SLOT_KEYS, *sorted(options)), True), **_NOTHING_ELSE},
        }
        for kind, options in sorted(SLOT_KINDS.items())
    ]
    return base


_NOTHING_ELSE: Schema = {"additionalProperties": False}


def _steps() -> list[Schema]:
    steps: Schema = {"$ref": "#/$defs/steps"}
    keys: dict[str, Schema] = {
        "say": said("a text with places: {slot}, {slot|kind}, {result.field|kind}", each_language(TEXT)),
        "collect": said("a slot", TEXT),
        "again": said("forget what is known and ask anew", FLAG),
        "action": said("a function of actions.py", TEXT),
        "with": said('per parameter a slot, a result\'s field ("found.status"), or "=" and a literal', by_name(TEXT)),
        "result": said("a name for what comes back", TEXT),
        "failed": said("when it cannot be done", steps),
        "branch": said('a slot, or a result\'s field: "found.status"', TEXT),
        "cases": said("steps per value; `else` for all others", by_name(steps)),
        "confirm": said("a question for a yes or a no", each_language(TEXT)),
        "yes": steps,
        "no": steps,
        "call": said("another flow; comes back after it", TEXT),
        "handoff": said("a department: a person takes over", TEXT),
        "reason": said("for the person's screen", TEXT),
        "end": said("the flow is done", {}),
    }
    return [keyed(each, {key: keys[key] for key in each}, (kind,)) for kind, each in flows.STEP_KEYS.items()]


def words_schema() -> Schema:
    """Of words.yaml."""
    topic = keyed(
        words_file.TOPIC_KEYS,
        {
            "words": said("what callers say", each_language(TEXTS)),
            "department": said("who takes it", TEXT),
            "say": said("an approved sentence before the caller is passed on", each_language(TEXT)),
        },
        required=("words",),
    )
    described: dict[str, Schema] = {
        "version": said("of this format", {"enum": [words_file.VERSION]}),
        "names": said("words that the recogniser should know: products, places, people", TEXTS),
        "pronounce": said("how a word is spelled so that the voice says it right", by_name(each_language(TEXT))),
        "anger": said("phrases that weigh like a complaint", each_language(TEXTS)),
        "innocent": said("phrases whose words count for nothing", each_language(TEXTS)),
        "sensitive": said("matters that are left to people", by_name(topic)),
    }
    return _whole("words.yaml", keyed(words_file.KEYS, described, ("version",)))


def script_schema() -> Schema:
    """Of tests/*.yaml."""
    expected: dict[str, Schema] = {
        "article": said("is quoted", TEXT),
        "flow": said("is under way after the turn, or ended in it", TEXT),
        "asks": said("the slot that is asked for", TEXT),
        "slot": said('canonical values, in quotes: {order: "402713"}', by_name(VALUE)),
        "says": said("parts of what is said", TEXTS),
        "not_says": said("what must not be said", TEXTS),
        "rule": said("any of these decided", TEXTS),
        "hands_off": said("a department, or true for any", {"type": ["string", "boolean"]}),
        "ends": said("the bot hangs up", FLAG),
        "choice": said('what is offered in "did you mean ...?"', TEXTS),
        "language": said("of the call after the turn", {"enum": list(LANGUAGES)}),
        "rings": said("people are being rung for the caller", FLAG),
        "rating": said("that the caller has given", {"type": "integer", "minimum": WORST, "maximum": BEST}),
    }
    turn = keyed(
        scripts.TURN_KEYS,
        {
            "caller": said("what the caller says", TEXT),
            "keys": said("what the caller keys in, in quotes", {"type": ["string", "integer"]}),
            "silence": said("the caller says nothing", {"const": True}),
            "noise": said("sound without words", {"const": True}),
            "then": said("what happens that is not the caller's doing", {"enum": list(scripts.BEFALLS)}),
            "note": said("a person at the console has this said to the caller", TEXT),
            "bot": said("what the bot should do", keyed(scripts.EXPECTED_KEYS, expected)),
        },
    )
    outcome: Schema = {"anyOf": [{"enum": list(scripts.REASONS)}, by_name(VALUE)]}
    outcomes: Schema = {"anyOf": [outcome, {"type": "array", "items": outcome, "minItems": 1}]}
    script: dict[str, Schema] = {
        "name": said("in your own words", TEXT),
        "language": said("the caller's from the start", {"enum": list(LANGUAGES)}),
        "number": said("the caller's own, as +4722123456", {"type": "string", "pattern": E164_OR_SIP}),
        "at": said(f"the clock; else {scripts.DEFAULT_AT}", TEXT),
        "actions": said("results in place of what actions.py does", by_name(outcomes)),
        "identity": said("what comes of proving who calls: an outcome, or the code that is sent", _proofs()),
        "turns": {"type": "array", "items": turn, "minItems": 1},
        "speech": said("also run by voice", FLAG),
    }
    items = keyed(scripts.SCRIPT_KEYS, script, ("name", "turns"))
    return _whole("tests/*.yaml", {"type": "array", "items": items})


def _proofs() -> Schema:
    code = {"type": "string", "pattern": rf"^\d{{{CODE_DIGITS}}}$"}
    return {"anyOf": [{"enum": ["proven", *NOT_PROVEN]}, code]}


def _whole(title: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": title, **schema}


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "bot": bot_schema,
    "article": article_schema,
    "flow": flow_schema,
    "words": words_schema,
    "script": script_schema,
}
"""By name; each is written to `<name>.schema.json`."""
