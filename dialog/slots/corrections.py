"""How callers mend a number they have given: "nei, sju på slutten", "not five, nine", "det siste er en åtte"."""

import re
from collections.abc import Iterable, Iterator

from dialog.slots.digit_rows import digit_runs, joined_readings
from dialog.slots.number_parts import parts_of
from dialog.slots.spoken_numbers import digit_strings, numbers
from dialog.text import folded

_NOT = re.compile(r"\b(?:ikke|ikkje|itte|ittj|not|isn't|rather than|instead of|i stedet for|i staden for|замість|не)\b")
_SWAP = re.compile(
    r"\b(?:bytt|byt|endre|endra|rett|change|replace|swap|заміни\w*|зміни\w*)\b(?: ut)?(?P<old>.+?)"
    r"\b(?:med|til|with|to|into|for|на)\b(?P<new>.+)"
)
_BETWEEN = re.compile(r"[,;.]|\b(?:men|but|rather|skal (?:det )?(?:være|vere)|should be|it's|it is|det er|а|це)\b")
_NO = re.compile(
    r"\b(?:nei|nope|no|wrong|feil|gale|galt|ikke riktig|stemmer ikke|mente|meinte|meant|jeg sa|eg sa|du sa|i said"
    r"|you said|ви сказали|skal være|skal vere|should be|unnskyld|sorry|wait|vent|rettelse|correction"
    r"|ні|неправильно|невірно|помилка|вибачте)\b"
)
_COUNT = "to|tre|fire|two|three|four|дві|три|чотири|[2-6]"
_LAST_COUNT = re.compile(
    rf"\b(?P<before>{_COUNT})\s+siste\b"
    rf"|\b(?:siste|last|останні)\s+(?P<behind>{_COUNT})\s+(?=(?:er|e|is|are|skal|should|siff\w+|tall\w*|digits?|цифр\w+)\b)"
)
_SHOULD_BE = re.compile(
    r"(?P<old>.+?)\b(?:skal (?:det )?(?:være|vere)|skulle (?:være|vere)|should be|має бути)\b(?P<new>.+)"
)
_SECOND_LAST = re.compile(r"\b(?:nest siste|nestsist\w*|second last|second to last|передостанн\w+)\b")
_LAST = re.compile(
    r"\b(?:(?:helt )?på slutten|til slutt|på enden|bakerst|siste|sist|slutter (?:med|på)|sluttar (?:med|på)|at the end"
    r"|last|final|ends (?:with|in)|в кінці|наприкінці|останн\w+|закінчується(?: на)?)\b"
)
_FIRST = re.compile(
    r"\b(?:først\w*|fyrst\w*|i starten|i begynnelsen|begynner (?:med|på)|byrjar (?:med|på)|starter med|startar med"
    r"|at the (?:start|beginning)|first|starts? with|begins? with|на початку|спочатку|перш\w+|починається з)\b"
)
_DIGIT_NOUN = re.compile(
    r"\b(?:siffer|sifferet|siffera|sifrene|tallet|talet|tall|digit|digits|number|цифр\w+|числ\w+)\b"
)
_WORD_COUNTS = {"to": 2, "two": 2, "дві": 2, "tre": 3, "three": 3, "три": 3, "fire": 4, "four": 4, "чотири": 4}
_MOST_READINGS = 4
_RESTART = re.compile(
    r"\b(?:nei|unnskyld|orsak|rettelse|feil|vent|no|sorry|wait|i mean|correction|rather"
    r"|ні|вибачте|перепрошую|помилка)\b"
)


def mended(value: str, said: str, language: str) -> tuple[str, ...]:
    """What a number may be after a correction, the likeliest first; none when the words are no correction.

    Args:
        value: the digits as they were understood.
        said: the caller's words.
        language: nb, nn, en or uk.
    """
    text = folded(said)
    contrast = tuple(_contrast(value, text, language))
    if contrast:
        return _once(contrast)
    placed = tuple(_placed(value, text, language))
    if placed:
        return _once(placed)
    return _once(_whole_or_part(value, text, language))


def on_the_way(said: str, language: str) -> tuple[str, str] | None:
    """What a caller said before and after the last "nei" or "unnskyld" when there are digits on both sides."""
    text = folded(said)
    marks = list(_RESTART.finditer(text))
    if not marks:
        return None
    before, after = text[: marks[-1].start()], text[marks[-1].end() :]
    return (before, after) if _digits(before, language) and _digits(after, language) else None


def taken_back(value: str, after: str, language: str) -> tuple[str, ...]:
    """What a number may be when its end was taken back in the same breath: "... sju en tre, nei, en fire".

    Args:
        value: the digits before the "nei".
        after: the words behind it.
        language: nb, nn, en or uk.
    """
    text = folded(after)
    found = _once((*_contrast(value, text, language), *_placed(value, text, language)))
    ends = (tail if len(tail) >= len(value) else value[: -len(tail)] + tail for tail in _digits(text, language))
    return found or _once(ends)


def restarted(said: str, language: str, length: int) -> tuple[str, ...]:
    """Numbers a caller may mean who corrected himself on the way: "fire null to, nei, fire null tre sju en tre".

    Args:
        said: one utterance.
        language: nb, nn, en or uk.
        length: how many digits the number has.
    """
    halves = on_the_way(said, language)
    if halves is None:
        return ()
    heads, tails = _digits(halves[0], language), _digits(halves[1], language)
    found = [tail for tail in tails if len(tail) == length]
    for head in heads:
        for tail in tails:
            kept = length - len(tail)
            if 0 < kept < len(head):
                found.append(head[:kept] + tail)
    return _once(found)


def latest(said: str, language: str) -> str:
    """What stands behind the last "nei" or "unnskyld" of an utterance when it holds a number; else all of it."""
    text = folded(said)
    marks = list(_RESTART.finditer(text))
    if marks and numbers(text[marks[-1].end() :], language):
        return text[marks[-1].end() :]
    return said


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def _digits(text: str, language: str) -> list[str]:
    return digit_strings(text, language)[:_MOST_READINGS]


def _contrast(value: str, text: str, language: str) -> Iterator[str]:
    """ "not five, nine"; "31, ikke 13"; "bytt ut fem med ni"."""
    for old, new in _contrasted(text, language):
        if old and new and len(old) <= len(value):
            place = value.find(old)
            while place >= 0:
                yield value[:place] + new + value[place + len(old) :]
                place = value.find(old, place + 1)


def _contrasted(text: str, language: str) -> Iterator[tuple[str, str]]:
    swap = _SWAP.search(text)
    if swap:
        yield from _pairs(_digits(swap["old"], language), _digits(swap["new"], language))
        return
    negation = _NOT.search(text)
    if negation is None:
        should = _SHOULD_BE.search(text)
        if should and not any(cue.search(text) for cue in (_LAST, _FIRST, _DIGIT_NOUN)):
            yield from _pairs(_digits(should["old"], language), _digits(should["new"], language))
        return
    before, after = text[: negation.start()], text[negation.end() :]
    pieces = [found for piece in _BETWEEN.split(after) if (found := _digits(piece, language))]
    if len(pieces) >= 2:
        yield from _pairs(pieces[0], pieces[1])
    elif pieces and (right := _digits(before, language)):
        yield from _pairs(pieces[0], right)
    elif pieces:
        # "not five nine": nothing but the order tells them apart.
        for digits in pieces[0]:
            if len(digits) % 2 == 0:
                yield digits[: len(digits) // 2], digits[len(digits) // 2 :]


def _pairs(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[str, str]]:
    rights = tuple(new)
    return ((wrong, right) for wrong in old for right in rights if wrong != right)


def _placed(value: str, text: str, language: str) -> Iterator[str]:
    """ "sju på slutten", "de to siste er en tre", "det tredje sifferet er fem"."""
    counted = _LAST_COUNT.search(text)
    count = 0
    if counted:
        word = counted["before"] or counted["behind"]
        count = _WORD_COUNTS.get(word) or int(word)
        text = text[: counted.start()] + " siste " + text[counted.end() :]
    if _SECOND_LAST.search(text):
        for digits in _digits(_SECOND_LAST.sub(" , ", text), language):
            if len(digits) == 1 and len(value) > 1:
                yield value[:-2] + digits + value[-1]
        return
    for pattern, at_end in ((_LAST, True), (_FIRST, False)):
        if not pattern.search(text):
            continue
        rest = _DIGIT_NOUN.sub(" ", pattern.sub(" , ", text))
        # Without the "nei", a lone "en" is a digit and no article.
        found = _digits(rest, language) or _digits(_NO.sub(" ", rest), language)
        for digits in (_named_digit(rest, language) if not count else ()) or found:
            if 0 < len(digits) < len(value) and count in (0, len(digits)):
                yield value[: -len(digits)] + digits if at_end else digits + value[len(digits) :]
        return
    yield from _numbered(value, text, language)


def _named_digit(text: str, language: str) -> tuple[str, ...]:
    """The 8 of "en åtte": an article and a digit, which is no 18."""
    parts = [part for part in parts_of(text, language)[0] if part.sort not in ("other", "filler", "and")]
    if len(parts) == 2 and parts[0].doubt == 1 and parts[1].sort in ("digit", "noun"):
        return (str(parts[1].value),)
    return ()


def _numbered(value: str, text: str, language: str) -> Iterator[str]:
    if not _DIGIT_NOUN.search(text):
        return
    parts, folded_text = parts_of(text, language)
    places = [part for part in parts if part.sort == "ordinal" and 0 < part.value <= len(value)]
    if len(places) != 1:
        return
    place = places[0]
    rest = _DIGIT_NOUN.sub(" ", f"{folded_text[: place.start]} , {folded_text[place.end :]}")
    for digits in _named_digit(rest, language) or _digits(rest, language):
        if len(digits) == 1:
            yield value[: place.value - 1] + digits + value[place.value :]


def _whole_or_part(value: str, text: str, language: str) -> Iterator[str]:
    """The number anew, or the part of it that is nearest to what was said: "nei, syv en fire" in 402713."""
    runs = digit_runs(text, language)
    if not runs or not (_NO.search(text) or runs[0].other_words == 0):
        return
    anew = [run.readings[0].digits for run in runs if len(run.readings[0].digits) == len(value)]
    yield from reversed([digits for digits in anew if digits != value])
    for reading in joined_readings(runs)[:_MOST_READINGS] if not anew else ():
        digits = reading.digits
        if digits.startswith(value) and len(digits) == 2 * len(value):
            yield digits[len(value) :]  # "du sa 402713, det er 402714"
        elif len(digits) >= len(value):
            yield digits
        elif len(digits) >= 2:
            yield from _nearest(value, digits)


def _nearest(value: str, digits: str) -> Iterator[str]:
    """The value with its one closest stretch replaced; nothing when two stretches are as close, or all are far."""
    size = len(digits)
    distances = [
        (sum(a != b for a, b in zip(value[place : place + size], digits, strict=True)), place)
        for place in range(len(value) - size + 1)
    ]
    distance, place = min(distances)
    if 0 < distance <= size // 2 and sum(each == distance for each, _ in distances) == 1:
        yield value[:place] + digits + value[place + size :]
