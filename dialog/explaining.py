"""Decision records told in words, for the people who own the content. The words: `built_in/explain.<language>.yaml`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from dialog.frustration import reason_text
from dialog.markup import fill, unmarked
from dialog.record import RecordInvalid

TOLD_IN: Mapping[str, str] = {"nb": "nb", "nn": "nb", "en": "en", "uk": "en"}
"""The file that a reader of a language gets."""

SURE_ENOUGH = 0.95
"""From here on it is not said how surely the words were heard; typed words are 1.0."""

RUNNERS_TOLD = 2
MOOD_REASONS_TOLD = 3
MOOD_WORTH_TELLING = 0.5
LABEL_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is told of a turn.

    Args:
        kind: "caller", "bot", "why", "article", "flow", "mood", "heard" or "then".
        label: what kind it is, in the reader's language.
        text: in the reader's language; what was said is in the caller's.
    """

    kind: str
    label: str
    text: str


def told(record: Mapping[str, Any], language: str = "nb") -> tuple[Line, ...]:
    """One turn in words, in the order it is read; nothing is told of what a turn does not have.

    Args:
        record: of the turn.
        language: of the reader.

    Raises:
        RecordInvalid: it is no record.
    """
    texts = _texts(TOLD_IN[language])
    try:
        return tuple(_lines(record, texts, TOLD_IN[language]))
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordInvalid(f"a decision record without {error}") from error


def explain(records: Iterable[Mapping[str, Any]], language: str = "nb") -> str:
    """Records as text: a heading per conversation, a paragraph per turn.

    Args:
        records: in the order of the turns.
        language: of the reader.

    Raises:
        RecordInvalid: one of them is no record.
    """
    texts = _texts(TOLD_IN[language])
    paragraphs: list[str] = []
    call: str | None = None
    for record in records:
        try:
            if record["call"] != call:
                call = record["call"]
                paragraphs.append(_heading(record, texts))
            paragraphs.append("\n".join(_turn(record, texts, TOLD_IN[language])))
        except (KeyError, TypeError) as error:
            raise RecordInvalid(f"a decision record without {error}") from error
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


def _heading(record: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    named = fill(texts["call"], {"call": record["call"]}) if record["call"] else record["bot"]
    content = fill(texts["content"], {"version": record["content_version"]})
    return f"{named} · {record['at'][:10]} · {content}"


def _turn(record: Mapping[str, Any], texts: Mapping[str, Any], told_in: str) -> Iterator[str]:
    clock = datetime.fromisoformat(record["at"]).strftime("%H:%M:%S")
    language = texts["languages"].get(record["language"], record["language"])
    yield f"{fill(texts['turn'], {'turn': str(record['turn'])})} · {clock} · {language}"
    for line in _lines(record, texts, told_in):
        yield f"  {line.label + ':':<{LABEL_WIDTH}} {line.text}"


def _lines(record: Mapping[str, Any], texts: Mapping[str, Any], told_in: str) -> Iterator[Line]:
    for kind, text in (
        ("caller", _caller(record, texts)),
        ("bot", " ".join(unmarked(prompt["text"]) for prompt in record["said"])),
        ("why", _why(record, texts)),
        ("article", _article(record, texts)),
        ("flow", _flow(record, texts)),
        ("mood", _mood(record, texts, told_in)),
        ("heard", _heard(record, texts)),
        ("then", _then(record, texts)),
    ):
        if text:
            yield Line(kind, texts["labels"][kind], text)


def _caller(record: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    event = record["event"]
    if event in ("said", "typed_to_agent"):
        heard = record["heard"]
        sure = heard["confidence"] >= SURE_ENOUGH
        percent = str(round(heard["confidence"] * 100))
        told = event if event != "said" else "said" if sure else "said_unsure"
        return _filled(texts["events"][told], words=heard["words"], percent=percent)
    result = ", ".join(f"{name} {value}" for name, value in record.get("result", {}).items())
    places = {"digit": record.get("pressed", ""), "reason": record.get("reason", ""), "result": result or "–"}
    return _filled(texts["events"][event], **places)


def _filled(text: str, **places: str) -> str:
    """Like `fill`, for words that may have braces of their own: each place is filled once, from left to right."""
    return re.sub(r"\{(\w+)\}", lambda match: places.get(match[1], match[0]), text)


def _why(record: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    article = record["article"]["id"] if record["article"] else ""
    rule = texts["rules"].get(record["rule"])
    told = [_filled(rule, article=article) if rule else _filled(texts["other_rule"], rule=record["rule"])]
    if record["score"] is not None:
        threshold = (record["thresholds"] or {}).get("answer")
        key = "score_alone" if threshold is None else "score"
        told.append(_filled(texts[key], score=_number(record["score"], texts), threshold=_number(threshold, texts)))
    won = article or "".join(record["flows"][-1:])
    named = [(one.get("flow") or one["article"], one["score"]) for one in record["candidates"]]
    others = [f"{name} ({_number(score, texts)})" for name, score in named if name != won]
    if others:
        told.append(_filled(texts["runners" if won else "nearest"], candidates=", ".join(others[:RUNNERS_TOLD])))
    before, after = record["language_before"], record["language"]
    if before != after:
        names = texts["languages"]
        told.append(_filled(texts["changed_language"], before=names[before], after=names[after]))
    return " ".join(told)


def _number(value: float | None, texts: Mapping[str, Any], digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}".replace(".", texts["decimal"])


def _article(record: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    article = record["article"]
    if not article:
        return ""
    told = [article["id"]]
    if article["owner"]:
        told.append(_filled(texts["owner"], owner=article["owner"]))
    if article["review"]:
        told.append(_filled(texts["review"], day=article["review"]))
    return ", ".join(told)


def _flow(record: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    if not record["flows"]:
        return ""
    slots = [f"{slot['slot']} {slot['value'] or '–'} ({texts['states'][slot['state']]})" for slot in record["slots"]]
    flow = " > ".join(record["flows"])
    return _filled(texts["flow_slots" if slots else "flow"], flow=flow, slots=", ".join(slots))


def _mood(record: Mapping[str, Any], texts: Mapping[str, Any], told_in: str) -> str:
    mood = record["mood"]
    if mood is None or mood["score"] < MOOD_WORTH_TELLING:
        return ""
    now = [reason for reason in mood["reasons"] if reason["turn"] == mood["turn"]]
    told = [
        f"{reason_text(one['kind'], told_in)} (+{_number(one['points'], texts, 1)})" for one in now[-MOOD_REASONS_TOLD:]
    ]
    score, limit = (_number(mood[name], texts, 1) for name in ("score", "limit"))
    return _filled(texts["mood" if told else "mood_calm"], score=score, limit=limit, reasons=", ".join(told))


def _heard(record: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    heard = record["heard_of_it"]
    if heard is None or not heard["interrupted"]:
        return ""
    if not heard["sentences"]:
        return str(texts["interrupted_at_once"])
    return _filled(texts["interrupted"], heard=unmarked(heard["sentences"][-1]))


def _then(record: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    then = record["then"]
    key = then["action"]
    if key == "listen":
        named = f"listen_{then['expects']}"
        return str(texts["then"].get(named, texts["then"]["listen"]))
    places = {name: str(then.get(name, "")) for name in ("department", "reason", "name")}
    return _filled(texts["then"][key], **places)


@lru_cache(maxsize=4)
def _texts(language: str) -> Mapping[str, Any]:
    file = resources.files("dialog").joinpath("built_in", f"explain.{language}.yaml")
    # The plain loader: to YAML's usual one, `no` is false.
    found: Mapping[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return found


def rules_told(language: str = "nb") -> Mapping[str, str]:
    """What each rule means that has a sentence of its own, by the rule's name. language: of the reader."""
    rules: Mapping[str, str] = _texts(TOLD_IN[language])["rules"]
    return {rule: _filled(sentence, article="…") for rule, sentence in rules.items()}
