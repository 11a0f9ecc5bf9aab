"""Names: those that are known, and those that people say themselves ("jeg heter", "my name is", "мене звати")."""

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from dialog.redaction.found import Known
from dialog.redaction.judging import Span
from dialog.redaction.seen import HIDDEN, Seen
from dialog.slots.letters import spelled

MOST_WORDS = 4
SHORTEST_IN_LOWER_CASE = 4
"""A known name of fewer letters is found only where it has its capital: "dag" is a day and "Dag" a man."""

SAME_NAME = 75.0
"""rapidfuzz ratio, 0..100, of letters that are spelled and a name."""

_CUE = re.compile(
    r"\b(?:jeg|eg|æ|e|je|i|ho|hun|han) (?:heter|heiter|hete|heite|hetter)\b"
    r"|\b(?:navnet|namnet) (?:mitt|hennes|hans) (?:er|e)\b|\bmitt (?:(?:fulle|fullt) )?(?:navn|namn) (?:er|e)\b"
    r"|\b(?:fornavn|etternavn|fornamn|etternamn)(?:et)?(?: mitt)? (?:er|e)\b|\b(?:du|dere|de) snakk(?:er|ar) med\b"
    r"|\bmy (?:full |first |last |family )?name(?: is|'s)\b|\b(?:first|last|family) name is\b|\bsurname is\b"
    r"|\b(?:navn|namn|name|ім'я)(?=:)|\byou(?:'re| are) speaking (?:to|with)\b"
    r"|\bмене (?:звати|звуть)\b|\bмоє (?:ім'я|прізвище)\b|\b(?:звати|звуть) мене\b|\bвас турбує\b"
)
_WEAK_CUE = re.compile(
    r"(?:^|[.!?,] ?|\b(?:hei|hallo|goddag|god dag|hello|hi|добрий день|вітаю),? )"
    r"(?:dette er|det er|jeg er|eg er|her er|this is|it's|i'm|i am|це)\b"
)
_ABOUT_CALLING = re.compile(
    r"^,? ?(?:her|som ringer|i telefonen|speaking|here|calling|on the (?:line|phone)|телефонує)\b"
)
_CALLING = re.compile(
    r"(?:^|[.!?] )(?i:(?:hei|hallo|ja|god ?dag|god morgen|hello|hi|yes|вітаю|добрий день|алло),? )*"
    r"(?P<name>(?:[^\W\d_a-zæøåа-яіїєґ][^\W\d_]+(?:['-][^\W\d_]+)*[ ]?){1,4})(?<=\w) "
    r"(?P<here>her\b|som ringer\b|here\b|speaking\b|calling\b|телефонує\b|дзвонить\b)(?P<rest>.{0,2})"
)
"""A name that opens a call: "Kari Nordmann her"."""

_OPENS_OTHERWISE = frozenset(
    "hør høyr se sjå kom kommer kjem vent ta legg sett skriv står bor bur jobber sitter sit fint bra greit godt det er "
    "også hit inne ute mye mykje alltid ofte look come wait right over out not while once whoever someone".split()
)
"""Words that stand before "her" and "here" without being names."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_HESITATION = re.compile(r"(?:[ :,–-]|\b(?:eh|ehm|øh|altså|uh|um|er|е|ем)\b)*")
_LINK = re.compile(r"(?:,? |-)")
_SMALL = frozenset("van von de der den af av di da del la le bin ibn ter ten dos el al".split())
_NO_NAME = frozenset(
    "ja jo nei hei hallo ikke ikkje hvem kven noen nokon alle alt folk hva hvor og men som fra jeg eg æ du det den "
    "har vil ringer ringar er bor kan skal må et en ei min mitt mi så at for i på til med om takk bare vel her da "
    "født fødd kunde yes no hello and but who from on to it is not the a an so my with here calling just what wrong "
    "misspelled spelled incorrect different changed feil stavet stava endret endra skrevet і та але я з у в на до "
    "не так ні це мій моя де що дзвоню телефоную живу народився народилася".split()
)
"""Words that end a name or show that it is none."""


def names_in(text: Seen, language: str, known: Known) -> Iterator[Span]:
    """Names of a text."""
    found = [*_said(text), *_calling(text), *_known(text, known.names)]
    yield from found
    if found or known.names:
        yield from _spelled(text, language, [text.lower[one.start : one.end] for one in found], known.names)


def _said(text: Seen) -> Iterator[Span]:
    for cue in _CUE.finditer(text.lower):
        span = _name_from(text, cue.end(), lower_case=True)
        if span:
            yield span
    for cue in _WEAK_CUE.finditer(text.lower):
        span = _name_from(text, cue.end(), lower_case=False)
        behind = text.lower[span.end :] if span else ""
        whole = span and " " in text.text[span.start : span.end] and (not behind or behind[0] in ".,!" + HIDDEN)
        if span and (whole or _ABOUT_CALLING.match(behind)):
            yield span


def _calling(text: Seen) -> Iterator[Span]:
    for match in _CALLING.finditer(text.text):
        words = match["name"].split()
        alone = len(words) == 1 and not (match["rest"][:1] in ("", ",", ".", "!") or match["rest"] == " f")
        other = any(word.lower() in _NO_NAME or word.lower() in _OPENS_OTHERWISE for word in words)
        if not alone and not other:
            yield Span("name", match.start("name"), match.end("name"))


def _name_from(text: Seen, start: int, lower_case: bool) -> Span | None:
    """The name that begins at a place; of words in lower case only where the whole text has no capitals."""
    skipped = _HESITATION.match(text.lower, start)
    position = skipped.end() if skipped else start
    first = end = position
    words = 0
    capitals = text.text[position : position + 1].isupper()
    if not capitals and not (lower_case and text.text[position : position + 1].isalpha()):
        return None
    while words < MOST_WORDS:
        word = _WORD.match(text.text, position)
        if word is None:
            break
        plain = word[0].lower()
        if plain in _NO_NAME and not (words and word[0][0].isupper() and plain not in ("i", "jeg", "eg")):
            break
        if capitals and not word[0][0].isupper() and plain not in _SMALL:
            break
        end, words = word.end(), words + 1
        link = _LINK.match(text.text, end)
        if link is None or ("," in link[0]):
            break
        position = link.end()
    if words > 2 and not capitals:
        end = _end_of_two(text, first)
    return Span("name", first, end) if end > first else None


def _end_of_two(text: Seen, start: int) -> int:
    """Behind the second word: where nothing has capitals, no more is surely a name."""
    words = list(_WORD.finditer(text.text, start))[:2]
    return words[-1].end()


def _known(text: Seen, names: Sequence[str]) -> Iterator[Span]:
    for name in names:
        words = _WORD.findall(name)
        if not words:
            continue
        whole = r"\W{1,3}".join(map(_stem, words))
        for match in re.finditer(rf"(?<!\w){whole}", text.text, re.IGNORECASE):
            yield Span("name", match.start(), match.end())
        for word in words:
            if word.lower() in _SMALL or len(word) < 2:
                continue
            for match in re.finditer(rf"(?<!\w){_stem(word)}", text.text, re.IGNORECASE):
                if match[0][0].isupper() or len(word) >= SHORTEST_IN_LOWER_CASE:
                    yield Span("name", match.start(), match.end())


def _stem(word: str) -> str:
    """A name with the endings it takes: "Karis", "Kari's", "Марії"."""
    if re.search("[а-яіїєґ]", word.lower()):
        stem = re.sub("[аяйьоеєіїуюи]+$", "", word.lower()) if len(word) > 3 else word.lower()
        return re.escape(stem) + r"[а-яіїєґ']{0,4}(?!\w)"
    return re.escape(word) + r"(?:'?s)?(?!\w)"


def _spelled(text: Seen, language: str, said: Sequence[str], names: Sequence[str]) -> Iterator[Span]:
    """Letters one by one that spell a name of the text, or a known one."""
    whole = [word for name in (*said, *names) for word in _WORD.findall(name.lower())]
    for row in spelled(text.lower, language, fewest=3):
        letters = row.text.replace(" ", "")
        if HIDDEN not in text.lower[row.start : row.end] and any(
            fuzz.ratio(letters, one) >= SAME_NAME for one in whole
        ):
            yield Span("name", row.start, row.end)
