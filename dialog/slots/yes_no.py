"""Yes or no: what callers answer in four languages and their dialects, and when they have not decided."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

from dialog.slots.slot_type import Parsed, SlotContext
from dialog.text import words

LONGEST_ANSWER_WORDS = 12
"""In longer speech a yes at the beginning is a figure of speech ("ja, du skjønner, jeg bestilte ...")."""

SURE_REST_WORDS = 4
"""Words beside the yes or no that leave it as it is ("nei, jeg vil betale")."""

_NEGATIONS = frozenset("ikke ikkje ikkj itj itte ittj not don't doesn't isn't never aldri не".split())
_QUESTION_WORDS = frozenset(
    "hva kva når hvor kor kvar hvordan korleis hvem kven hvorfor kvifor what when where how who why which "
    "як коли де що хто чому скільки".split()
)
_DIALECT = {
    "æ": "jeg", "jæ": "jeg", "ikkj": "ikkje", "itj": "ikkje", "ittj": "ikkje", "itte": "ikke", "trur": "tror",
    "e": "er", "va": "var", "de": "det", "stæmme": "stemmer", "stæmmer": "stemmer", "stemme": "stemmer",
}  # fmt: skip
_DRAWN_OUT = (
    (re.compile(r"j+a{2,}"), "ja"), (re.compile(r"j+o{2,}"), "jo"), (re.compile(r"n+e+i{2,}|n+e{2,}i+"), "nei"),
    (re.compile(r"n+æ+i*"), "næ"), (re.compile(r"y+e+s{2,}|y+e{2,}s+"), "yes"), (re.compile(r"n+o{2,}"), "no"),
    (re.compile(r"та{2,}к"), "так"), (re.compile(r"ні{2,}"), "ні"),
)  # fmt: skip
_SAID: Mapping[str, Mapping[str, str]] = {
    "nb": {"yes": "ja", "no": "nei"},
    "nn": {"yes": "ja", "no": "nei"},
    "en": {"yes": "yes", "no": "no"},
    "uk": {"yes": "так", "no": "ні"},
}


@dataclass(frozen=True, slots=True)
class YesNo:
    """ "yes" or "no"."""

    kind: str = "yes_no"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The answer in a caller's words; nothing when the caller wavers, asks, or says something else."""
        if not context.expected:
            return Parsed()
        spoken = _as_compared(said)
        heard, rest = _hear(spoken, said)
        answers = [kind for kind in heard if kind.startswith(("yes", "no"))]
        if not answers or "undecided" in heard or len(spoken) > LONGEST_ANSWER_WORDS:
            return Parsed()
        # "ja, nei, det går ikke": the last word on it counts; "flott" and "takk" only when there is no other.
        firm = [kind for kind in answers if kind != "yes_polite"]
        value = (firm or answers)[-1].partition("_")[0]
        clear = {"yes", "no"} & set(firm) == set(firm) and len(set(firm)) == 1 and "doubt" not in heard
        return Parsed(value=value, words=said, sure=clear and rest <= SURE_REST_WORDS)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """1 is yes, 2 is no."""
        return Parsed(value={"1": "yes", "2": "no"}.get(pressed.rstrip("#")[-1:], ""))

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """The other answer, when the caller gives it."""
        found = self.parse(said, context)
        return found if found.value and found.value != value else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        """A yes or a no."""
        return "yes_no", None

    def read_back(self, value: str, language: str) -> str:
        """The answer in a word."""
        return _SAID.get(language, _SAID["nb"]).get(value, value)


def yes_no(given: Mapping[str, object]) -> YesNo:
    """Type "yes_no"; it has no options."""
    return YesNo()


def firm_answer(said: str, besides: Collection[str]) -> bool | None:
    """A yes or a no and nothing else; None for one that is hedged, only polite, or stands among other words.

    Args:
        said: the caller's words.
        besides: words that may stand with it, because they say the same.
    """
    phrases, longest = answer_phrases()
    spoken = tuple(word for word in _as_compared(said) if word not in besides)
    kinds: set[str] = set()
    position = 0
    while position < len(spoken):
        fits = (length for length in range(longest, 0, -1) if spoken[position : position + length] in phrases)
        length = next(fits, 0)
        if not length:
            return None
        kinds.add(phrases[spoken[position : position + length]])
        position += length
    kinds -= {"beside", "yes_polite"}
    return kinds == {"yes"} if kinds in ({"yes"}, {"no"}) else None


def _as_compared(text: str) -> tuple[str, ...]:
    return tuple(_plain(word) for word in words(text))


def _plain(word: str) -> str:
    """One form for dialect and for drawn-out vowels ("neeei")."""
    drawn_out = next((short for pattern, short in _DRAWN_OUT if pattern.fullmatch(word)), word)
    return _DIALECT.get(drawn_out, drawn_out)


def _hear(spoken: tuple[str, ...], said: str) -> tuple[list[str], int]:
    """The kinds of phrases an utterance is made of, in order, and how many of its words belong to none.

    A phrase inside other words counts only at the beginning or the end: "adressen er feil" is an answer, "hva er
    feil med den" is not.
    """
    phrases, longest = answer_phrases()
    heard: list[tuple[str, int]] = []
    rest: list[int] = []
    position = 0
    while position < len(spoken):
        for length in range(min(longest, len(spoken) - position), 0, -1):
            kind = phrases.get(spoken[position : position + length])
            if kind is not None:
                heard.append((kind, position))
                position += length
                break
        else:
            rest.append(position)
            position += 1
    if not rest:
        return [kind for kind, _ in heard], 0
    first, last = rest[0], rest[-1]
    asks = "?" in said or any(spoken[place] in _QUESTION_WORDS for place in rest)
    leading = [kind for kind, place in heard if place < first]
    if any(kind.startswith(("yes", "no", "undecided")) for kind in leading):
        return [*leading, "doubt"] if asks else leading, len(rest)
    negated = any(spoken[place] in _NEGATIONS for place in rest)
    if asks or negated or len(rest) > SURE_REST_WORDS:
        return [], len(rest)
    # A polite word at the end answers nothing: "jeg vil betale, takk".
    trailing = [kind for kind, place in heard if place > last and kind in ("yes", "no", "undecided")]
    return trailing, len(rest)


@lru_cache(maxsize=1)
def answer_phrases() -> tuple[Mapping[tuple[str, ...], str], int]:
    """Kind by phrase, of all languages, and the words of the longest; read once.

    Where two languages share a phrase ("no" is "now" in Norwegian), the answer counts.
    """
    file = resources.files("dialog").joinpath("built_in", "yes_no.yaml")
    # The plain loader: to YAML's usual one, yes and no are true and false.
    raw: Mapping[str, Mapping[str, list[str]]] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    found: dict[tuple[str, ...], str] = {}
    for kind in ("beside", "doubt", "yes_polite", "yes_hedged", "no_hedged", "undecided", "yes", "no"):
        for sections in raw.values():
            found.update({_as_compared(phrase): kind for phrase in sections[kind]})
    return found, max(map(len, found))
