"""Marked values in texts that are spoken: `{92243711|phone}`, and `{name}` places that are filled in."""

import re
from collections.abc import Collection, Iterator, Mapping

KINDS = ("phone", "nok", "date", "time", "id", "email", "url")
"""What a value can be marked as; how each is read out belongs to the voice."""

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
    """The text with its places filled in; marked values stay as they are."""
    return BRACES.sub(lambda match: values.get(match[1], match[0]), text)


def unmarked(text: str) -> str:
    """The text with each marked value as it is written: for searching, not for speaking."""
    return BRACES.sub(lambda match: match[1].rpartition("|")[0] or match[1], text)
