"""A person's name: "jeg heter Kari Nordmann", "Kari, K-A-R-I", "my name is …", "мене звати …"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from dialog.slots.letters import letter_names, prepared, spelled
from dialog.slots.options import flag
from dialog.slots.slot_type import Parsed, SlotContext

MOST_WORDS = 5
LONGEST_LETTERS = 60
SIMILAR = 45.0
"""rapidfuzz ratio, 0..100: a spelled word takes the place of the said one from here on ("Cathrine"/"Katrine" 80)."""

_WEAK_CUE = re.compile(r"\b(?:it is|it's|i am|i'm|this is|that's|(?:jeg|eg|det|dette) er|це)\W*$")
"""Before a name, and before anything else."""

_CUE = re.compile(
    r"\b(?:jeg|eg|æ|e|je|ho|han|hun) (?:heter|heiter|hete|heite|hetter)\b|\b(?:heter|heiter)\b"
    r"|\b(?:navnet|namnet|navn|namn)(?: mitt| hennes| hans)? (?:er|e)\b|\bmitt (?:navn|namn) (?:er|e)\b"
    r"|\b(?:jeg|eg|det|dette) er\b|\b(?:du|dere) snakker med\b|\b(?:i|på) (?:navnet|namnet)\b|\bkall(?:e)? meg\b"
    r"|\bmy name(?: is|'s)\b|\bthe name(?: is|'s)\b|\bname(?: is|'s)\b|\b(?:it is|it's|i am|i'm|this is|that's)\b"
    r"|\bunder (?:the )?name(?: of)?\b|\bunder\b|\b(?:for|use) the name(?: of)?\b|\b(?:called|call me)\b"
    r"|\bмене (?:звати|звуть)\b|\bмоє (?:ім'я|прізвище)\b|\b(?:ім'я|прізвище)(?: та прізвище)?\b|\bзвати\b|\bце\b"
)
_SURE_CUE = re.compile(
    r"\b(?:jeg|eg|æ) (?:heter|heiter|hete)\b|\b(?:navnet mitt|mitt navn|namnet mitt|mitt namn) er\b"
    r"|\bmy name(?: is|'s)\b|\bunder (?:the )?name(?: of)?\b|\bмене (?:звати|звуть)\b"
)
_TAIL = re.compile(
    r"\b(?:er (?:navnet|namnet)(?: mitt)?|heter jeg|heiter eg|is (?:my|the) name|звати мене"
    r"|takk|please|thanks|thank you|vær så snill|ver så snill|дякую|будь ласка)\b.*$"
)
_PARTS = re.compile(
    r"\b(?:og )?(?:fornavn|fornamn|etternavn|etternamn|mellomnavn|first name|last name|surname|and|family name"
    r"|ім'я|прізвище)(?:et)?(?: er| is|:)?\b"
)
_NEVER = frozenset(
    "ja jo nei hei hallo ikke ikkje hva hvor hvorfor hvordan kan skal vil må har jeg eg du det vet vent og med for "
    "bare et en bord bestilling ordre time min mitt mine er som til fra greit ok okei riktig feil "
    "yes no hello what where why how can i you it don't know wait not right wrong correct the and booking reservation "
    "table my your is так ні що де чому як я не знаю привіт правильно".split()
)
"""Words that no name has: with one of them it was another answer."""

_SMALL = frozenset("van von de der den af av di da del la le bin ibn ter ten dos el".split())
_FILLERS = frozenset("eh øh ehm uh um er erm altså liksom well so ja jo hi hello hei ну е ем то а".split())
_ENDS_NAME = re.compile(
    r"[,.;!?]|\b(?:og|men|som|fra|jeg|eg|har|vil|ringer|and|but|who|i|from|for|at|on|to|і|та|але|я|з)\b"
)
_SWAPPED: Mapping[str, str] = {
    "c": "ksz", "k": "cq", "z": "s", "s": "cz", "w": "v", "v": "w", "y": "i", "i": "yj", "j": "ig", "q": "k",
    "å": "oa", "o": "å", "æ": "e", "e": "æ", "ø": "o", "t": "d", "d": "t", "f": "v",
    "и": "і", "і": "и", "г": "ґ",
}  # fmt: skip
_WITH_LETTER = re.compile(
    r"\b(?:med|with(?: an?)?|through|з|через)\s+(?P<twice>dobbel|dobbelt|to|double|two)?\s*(?P<letter>\w+)"
)


@dataclass(frozen=True, slots=True)
class NameSlot:
    """A name. Canonical: "Kari Nordmann", as the recogniser or the caller's spelling has it.

    Args:
        full: more than one word is needed; one alone is a partial.
    """

    full: bool = False
    kind: str = "name"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        text = prepared(said)
        letter = _WITH_LETTER.search(text) if context.expected else None
        if letter and letter.start():
            return self._with_letter(text[: letter.start()], letter, context)
        rows = spelled(text, context.language) if context.expected else ()
        plain = text
        for row in reversed(rows):
            plain = f"{plain[: row.start]}, {plain[row.end :]}"
        said_words = _name_words(plain, context.expected)
        written = [one for row in rows for one in row.text.split()]
        if not said_words and not written:
            return Parsed()
        known = re.sub(r"[\d{}|]", "", context.partial).split()
        words = _merged(known, said_words) if known else said_words
        words = _with_spelling(words, written)
        if not words or len(words) > MOST_WORDS or sum(map(len, words)) > LONGEST_LETTERS:
            return Parsed()
        name = " ".join(_capital(word, first=index == 0) for index, word in enumerate(words))
        if self.full and len(words) < 2:
            return Parsed(partial=name, words=said) if context.expected else Parsed()
        return Parsed(name, words=said, sure=bool(written))

    def _with_letter(self, before: str, letter: re.Match[str], context: SlotContext) -> Parsed:
        """ "Cathrine med c": the recogniser may have written the other spelling."""
        found = self.parse(before, context)
        written = letter_names(context.language).get(letter["letter"].lower(), letter["letter"].lower())
        if not found.value or len(written) != 1 or (written in found.value.lower() and not letter["twice"]):
            return found
        return replace(found, value=_mended(found.value, written, bool(letter["twice"])) or found.value)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Nothing: nobody types a name on a keypad."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """The name with a word spelled, a letter mended ("med c", "dobbel n"), or another name."""
        text = prepared(said)
        rows = spelled(text, context.language)
        if rows:
            words = _with_spelling(value.split(), [one for row in rows for one in row.text.split()])
            return _changed(value, " ".join(_capital(word, True) for word in words), said, True)
        match = _WITH_LETTER.search(text.lower())
        if match:
            letter = letter_names(context.language).get(match["letter"], match["letter"])
            mended = _mended(value, letter, bool(match["twice"])) if len(letter) == 1 else ""
            if mended:
                return _changed(value, mended, said, False)
        last = re.search(
            r"\b(?:etternavn\w*|etternamn\w*|surname|last name|прізвище)\b(?: er| is)?(?P<rest>.*)$", text.lower()
        )
        if last:
            words = _name_words(last["rest"], True)
            kept = value.split()[:-1] or value.split()
            if words:
                return _changed(value, " ".join([*kept, *(_capital(word, False) for word in words)]), said, False)
        found = self.parse(re.sub(r"(?i)^\W*(?:nei|no|ні)\b\W*", "", said), SlotContext(context.language, context.now))
        if found.value and " " not in found.value and " " in value:
            # "nei, Karin": one of the names.
            nearest = " ".join(_with_spelling(value.split(), [found.value]))
            return _changed(value, nearest, said, False) if len(nearest.split()) == len(value.split()) else found
        return _changed(value, found.value, said, found.sure) if found.value else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "open", None

    def read_back(self, value: str, language: str) -> str:
        return re.sub(r"[{}|]", "", value)


def _changed(value: str, found: str, said: str, sure: bool) -> Parsed:
    return Parsed(found, words=said, sure=sure) if found != value else Parsed()


def _name_words(text: str, expected: bool) -> list[str]:
    """Words of the name in what was said; nothing when they cannot be one."""
    lowered = text.lower()
    if expected:
        cues = list(_CUE.finditer(lowered))
        start = cues[-1].end() if cues and lowered[cues[-1].end() :].strip(" ,.!?:") else 0
        rest = text[start:]
        tail = _TAIL.search(rest.lower())
        rest = rest[: tail.start()] if tail and tail.start() else rest
        rest = re.sub(r"(?i)" + _PARTS.pattern, " ", rest)
        if cues:
            end = _ENDS_NAME.search(rest.lower().lstrip(" ,.:"))
            stripped = rest.lstrip(" ,.:")
            rest = stripped[: end.start()] if end and end.start() else stripped
            if _WEAK_CUE.search(lowered[:start]) and rest == rest.lower() and text != lowered:
                return []  # "It's silly": the recogniser writes capitals, and this has none
        elif re.search(r"\d", rest):
            rest = rest.partition(",")[0]
    else:
        cue = _SURE_CUE.search(lowered)
        if cue is None:
            return []
        rest = text[cue.end() :].strip(" :")
        end = _ENDS_NAME.search(rest.lower())
        rest = rest[: end.start()] if end else rest
    words = [word for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", rest) if word.lower() not in _FILLERS]
    while len(words) > 1 and words[0] != words[0].lower() and words[-1] == words[-1].lower() not in _SMALL:
        words.pop()  # "Violette Wrenn tomorrow"
    if re.search(r"\d", rest) or len(words) > MOST_WORDS or any(word.lower() in _NEVER for word in words):
        return []
    return words


def _merged(known: Sequence[str], said: Sequence[str]) -> list[str]:
    """A partial name and what was said next; what is said again is not said twice."""
    again = {word.lower() for word in said}
    return [*(word for word in known if word.lower() not in again), *said]


def _with_spelling(words: Sequence[str], written: Sequence[str]) -> list[str]:
    """Each spelled word in the place of the most similar said one, or behind them."""
    found = list(words)
    for spelling in written:
        scores = [fuzz.ratio(spelling.lower(), word.lower()) for word in found]
        best = max(range(len(found)), key=scores.__getitem__, default=None)
        if best is not None and scores[best] >= SIMILAR:
            found[best] = spelling
        else:
            found.append(spelling)
    return found


def _capital(word: str, first: bool) -> str:
    """Upper-case first letters; what the recogniser wrote with capitals stays."""
    if word.lower() in _SMALL and not first:
        return word.lower()
    if word != word.lower() and word != word.upper():
        return word
    return re.sub(r"(^|[-'’])(\w)", lambda match: match[1] + match[2].upper(), word.lower())


def _mended(value: str, letter: str, twice: bool) -> str:
    """The name with one letter changed for a like-sounding one, or doubled; "" when none fits."""
    if twice:
        inside = [found.start() for found in re.finditer(rf"(?i)(?<=\w)(?<!{letter}){letter}(?!{letter})", value)]
        return value[: inside[-1]] + letter + value[inside[-1] :] if inside else ""
    for other in _SWAPPED.get(letter, ""):
        at = value.lower().find(other)
        if at >= 0:
            new = letter.upper() if value[at].isupper() else letter
            return value[:at] + new + value[at + 1 :]
    return ""


def name_slot(options: Mapping[str, object]) -> NameSlot:
    """A slot for a name; `full: true` needs more than one word. Raises SlotOptionsInvalid."""
    return NameSlot(flag(options, "full", False))
