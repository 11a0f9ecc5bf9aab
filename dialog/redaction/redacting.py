"""Personal data cut out of a text before it is kept: every rule, until nothing more is found."""

import re
from collections.abc import Iterable, Iterator

from dialog.bot import LANGUAGES
from dialog.markup import BRACES
from dialog.redaction.cues import cues_of
from dialog.redaction.emails import emails_in
from dialog.redaction.found import ANY_LABEL, KINDS, Found, Kind, Known, Redacted, label_for
from dialog.redaction.judging import Span
from dialog.redaction.names import names_in
from dialog.redaction.numbers import numbers_in
from dialog.redaction.places import addresses_in, birth_dates_in, secrets_in
from dialog.redaction.seen import Seen, seen
from dialog.slots.number_words import meanings

SURE_NUMBER_WORDS = 3
"""So many words of another language's numbers, and the text is read for that language too: callers mix them."""

MOST_ROUNDS = 20
_MARKS: dict[str, Kind] = {"phone": "phone", "email": "email", "account": "account", "kid": "kid", "spell": "email"}
"""Marks of prompts that hold personal values (`dialog.markup`)."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_WEIGHT = {kind: place for place, kind in enumerate(KINDS)}
_NOTHING = Known()


def redact(text: str, language: str, known: Known = _NOTHING) -> Redacted:
    """The text with a label in the place of each piece of personal data; the rest stays as it is, letter by letter.

    Redacting again changes nothing, and the text is never more than twice as long.

    Args:
        text: what a caller said or typed, or what the bot said, marks and all; of any length.
        language: of the call: nb, nn, en or uk. Numbers are found in the others' words as well.
        known: what else is known of the conversation.
    """
    labels = [(match.start(), match.end()) for match in ANY_LABEL.finditer(text)]
    found: list[Found] = []
    for _ in range(MOST_ROUNDS):
        hidden = sorted([*labels, *((one.start, one.end) for one in found)])
        new = _new_in(seen(text, hidden), language, known)
        if not new:
            break
        found = sorted([*found, *new], key=lambda one: one.start)
    pieces, position = [], 0
    for one in found:
        pieces += [text[position : one.start], label_for(one.kind, language, one.end - one.start)]
        position = one.end
    return Redacted("".join([*pieces, text[position:]]), tuple(found))


def _new_in(text: Seen, language: str, known: Known) -> list[Found]:
    """Pieces that are not hidden yet, as offsets in the original."""
    found = []
    for span in _apart(_spans(text, language, known)):
        start, end = text.original(span.start, span.end)
        found.append(Found(span.kind, start, end))
    return found


def _spans(text: Seen, language: str, known: Known) -> Iterator[Span]:
    lower = text.lower
    yield from _marked(text)
    yield from emails_in(lower, language)
    yield from secrets_in(lower)
    yield from names_in(text, language, known)
    yield from addresses_in(text, language)
    yield from birth_dates_in(lower, language)
    languages = _languages(lower, language)
    if languages:
        named = cues_of(lower)
        for one in languages:
            yield from numbers_in(lower, one, named, known)
    yield from _known_words(lower, known)


def _languages(lower: str, language: str) -> list[str]:
    """Languages whose numbers may stand in the text; none when it has neither figures nor number words enough."""
    figures = any(character.isdecimal() for character in lower)
    words = _WORD.findall(lower)
    found = []
    for one in dict.fromkeys((language, *(other for other in LANGUAGES if other != "nn"))):
        if one == "nb" and language == "nn":
            continue
        enough = sum(
            1 for word in words if any(part.doubt == 0 and part.sort in _NUMBERS for part in meanings(word, one))
        )
        if enough >= (1 if one == language else SURE_NUMBER_WORDS):
            found.append(one)
    if figures and language not in found:
        found.insert(0, language)
    return found


_NUMBERS = frozenset(("digit", "teen", "tens", "hundred", "hundreds", "noun"))


def _marked(text: Seen) -> Iterator[Span]:
    for match in BRACES.finditer(text.text):
        kind = _MARKS.get(match[1].rpartition("|")[2])
        if kind:
            yield Span(kind, match.start(), match.end())


def _known_words(lower: str, known: Known) -> Iterator[Span]:
    """Known values that are not digits alone: an e-mail address, a street."""
    for kind, value in known.values:
        plain = value.lower().strip()
        if len(plain) < 3 or not any(character.isalpha() for character in plain):
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(plain)}(?!\w)", lower):
            yield Span(kind, match.start(), match.end())


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans without overlaps: those that do are one, of the weightier kind."""
    current: Span | None = None
    for span in sorted(spans, key=lambda one: one.start):
        if current is not None and span.start < current.end:
            kind = min(current.kind, span.kind, key=_WEIGHT.__getitem__)
            current = Span(kind, current.start, max(current.end, span.end))
        else:
            if current is not None:
                yield current
            current = span
    if current is not None:
        yield current
