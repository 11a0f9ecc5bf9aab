"""Marked values in texts that are spoken: `{92243711|phone}`, and `{name}` places that are filled in."""

import re
from collections.abc import Collection, Iterator, Mapping

KINDS = (
    "phone", "nok", "date", "time", "id", "email", "url",
    "day", "datetime", "digits", "postcode", "kid", "orgnr", "account", "number", "percent", "ordinal", "year", "spell",
    "eur", "usd", "gbp", "sek", "dkk", "uah", "kwh", "kw", "kg", "g", "km", "m", "cm", "l", "m2",
)  # fmt: skip
"""What a value can be marked as; how each is read out belongs to the voice (docs/spoken-forms.md)."""

WORDS_PER_SECOND = 2.3
"""Of Piper's Norwegian voice at its normal speed."""

CHARACTERS_PER_WORD = 2
"""Numbers are read in pairs, ids and letters one by one at about twice the speed of words."""

BRACES = re.compile(r"\{([^{}]*)\}")
MARKDOWN = re.compile(r"^\s*(?:[-*+]\s|\d+\.\s|#|>|\|)|\*\*|__|`|\]\(|https?://", re.MULTILINE)


def faults_of_text(text: str, places: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """What is wrong with the braces of a text, and the cure.

    Args:
        text: to be spoken.
        places: names that may stand in braces to be filled in.
    """
    for content in BRACES.findall(text):
        value, bar, kind = content.rpartition("|")
        if not bar:
            if content not in places:
                known = ", ".join(f"{{{place}}}" for place in places) or "none"
                yield f"{{{content}}} is no value marked with its kind", f"write {{{content}|id}}; places here: {known}"
        elif kind not in KINDS:
            yield f"{{{content}}}: {kind} is not a kind", f"use one of {', '.join(KINDS)}"
        elif not value.strip():
            yield f"{{{content}}} marks nothing", "write the value before the bar"
    if re.search(r"[{}]", BRACES.sub("", text)):
        yield "a brace that is opened and not closed, or the other way round", "write {value|kind}"


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled in: `{place}` with the value, `{place|kind}` with the value so marked.

    Marked values that are no place stay as they are.
    """
    return BRACES.sub(lambda match: _filled(match[1], values), text)


def _filled(content: str, values: Mapping[str, str]) -> str:
    if content in values:
        return values[content]
    place, bar, kind = content.rpartition("|")
    return f"{{{values[place]}|{kind}}}" if bar and place in values else f"{{{content}}}"


def unmarked(text: str) -> str:
    """The text with each marked value as it is written: for searching, not for speaking."""
    return BRACES.sub(lambda match: match[1].rpartition("|")[0] or match[1], text)


def spoken_seconds(text: str) -> float:
    """About how long a text takes to say, marked values included."""
    marked = [match[1].rpartition("|")[0] for match in BRACES.finditer(text)]
    plain = re.findall(r"\w+", BRACES.sub(" ", text))
    characters = sum(len(re.sub(r"\W", "", value)) for value in marked)
    return (len(plain) + characters / CHARACTERS_PER_WORD) / WORDS_PER_SECOND
