"""One of a few named things: by its words, by its place in the row, nearly spelled; both of them, or none."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from dialog.phrases import built_in_phrases
from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid
from dialog.slots.spoken_numbers import Found, numbers
from dialog.text import plain, words

NEARLY = 82.0
"""rapidfuzz ratio, 0..100: "fakktura" for "faktura" is 93, "strøm" for "støm" 89; "retur" for "faktura" is 50."""

SHORTEST_NEARLY = 4
"""Letters; shorter words are too easily near each other."""

MOST_WORDS_BESIDE_PLACE = 3
"""A number is a place ("nummer to") only in a few words; in more of them it counts something."""

MOST_WORDS_WITH_PLACE = 8
"""An ordinal in longer speech belongs to something else."""

_NOT = r"(?:ikke|ikkje|itte|not|no|don't want|never|не|ні)"
_ARTICLE = r"(?:(?:en|ei|et|ein|eit|den|det|på|med|av|til|the|a|by|with|на|за|з) )"
_PLACE_CUE = re.compile(r"\b(?:nummer|nr|alternativ\w*|valg|val|number|option|choice|номер|варіант\w*)\b")
_ENDING = re.compile(
    r"(?<=\w{3})(?:(?:e|a)ne|ens|ets|en|et|er|ar|an|a|e|s|(?:ами|ями|ах|ях|ів|ою|ею|ом|ем|[аяуюеєиіїоьй]))$"
)
_LAST = re.compile(r"\b(?:siste|sist|sistnevnte|sistnemnde|last|latter|остан\w+)\b")
_MIDDLE = re.compile(r"\b(?:midterste|mellomste|i midten|midtre|middle|середн\w+|посередині)\b")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the options, by its id.

    Args:
        choices: words by language by id; the first word of a language is what the bot calls it.
    """

    choices: Mapping[str, Mapping[str, tuple[str, ...]]]
    kind: str = "choice"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The option a caller named; all of them as alternatives for "both", the fault "range" for "none of them"."""
        named = self._named(said)
        if len(named) == 1:
            return Parsed(value=named[0], words=said)
        if len(named) > 1:
            return Parsed(alternatives=named, words=said, sure=False)
        if not context.expected:
            return Parsed()
        heard = built_in_phrases().hear(said)
        if built_in_phrases().matches("none_of_them", heard):
            return Parsed(fault="range", words=said)
        if built_in_phrases().matches("both", heard) and len(self.choices) > 1:
            return Parsed(alternatives=tuple(self.choices), words=said, sure=False)
        place = self._place(said, context.language)
        if place is not None:
            return Parsed(value=place, words=said)
        inflected = self._inflected(said)
        if len(inflected) == 1:
            return Parsed(value=inflected[0], words=said)
        nearly = inflected or self._nearly(said)
        if len(nearly) > 1:
            return Parsed(alternatives=nearly, words=said, sure=False)
        return Parsed(value=nearly[0], words=said, sure=False) if nearly else Parsed()

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """The place in the row: 1 is the first."""
        key = pressed.rstrip("#")[-1:]
        ids = tuple(self.choices)
        if not key or key not in "123456789":
            return Parsed()
        return Parsed(value=ids[int(key) - 1]) if int(key) <= len(ids) else Parsed(fault="range")

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another option than the one that was understood."""
        found = self.parse(said, context)
        others = tuple(each for each in found.alternatives if each != value)
        if len(others) == 1:
            return Parsed(value=others[0], words=said, sure=False)
        return found if found.value and found.value != value else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        """One of the options."""
        return "choice", None

    def read_back(self, value: str, language: str) -> str:
        """What the bot calls the option in that language."""
        return self._title(value, language)

    def titles(self, language: str) -> tuple[str, ...]:
        """What the bot calls its options, in their order: the words of `events.Listen.choices`."""
        return tuple(self._title(each, language) for each in self.choices)

    def _title(self, option: str, language: str) -> str:
        listed = self.choices.get(option, {})
        other = {"nb": "nn", "nn": "nb"}.get(language, "nb")
        for each in (language, other, *listed):
            if listed.get(each):
                return listed[each][0]
        return option

    def _words_of(self, option: str) -> Iterable[str]:
        return (plain(each) for listed in self.choices[option].values() for each in listed)

    def _named(self, said: str) -> tuple[str, ...]:
        """Options whose words stand whole in the utterance and are not denied; longer words hide shorter inside."""
        text = f" {plain(said)} "
        found: list[tuple[str, str]] = []
        for option in self.choices:
            for each in self._words_of(option):
                if each and f" {each} " in text and not re.search(rf" {_NOT} {_ARTICLE}?{re.escape(each)} ", text):
                    found.append((option, each))
        kept = [
            option
            for option, each in found
            if not any(f" {each} " in f" {other} " and each != other for whose, other in found if whose != option)
        ]
        return tuple(dict.fromkeys(kept))

    def _place(self, said: str, language: str) -> str | None:
        ids = tuple(self.choices)
        text = plain(said)
        count = len(words(said))
        if count > MOST_WORDS_WITH_PLACE:
            return None
        if _LAST.search(text):
            return ids[-1]
        if _MIDDLE.search(text) and len(ids) == 3:
            return ids[1]
        found = [each for each in numbers(said, language) if 0 < each.value <= len(ids) and each.value % 1 == 0]
        ordinal = [each for each in found if each.ordinal]
        cue = _PLACE_CUE.search(text) is not None
        placed = ordinal or [each for each in found if _is_place(each, count, cue)]
        values = {int(each.value) for each in placed}
        if len(values) > 1 or not values:
            return None
        return ids[values.pop() - 1]

    def _inflected(self, said: str) -> tuple[str, ...]:
        """Options whose words were said with another ending: "ovnen" for "ovn", "lampa" for "lampe"."""
        stems = [_stem(word) for word in words(said)]
        found: list[str] = []
        for option in self.choices:
            for each in self._words_of(option):
                wanted = [_stem(word) for word in each.split()]
                for start in range(len(stems) - len(wanted) + 1):
                    denied = start > 0 and re.fullmatch(_NOT, words(said)[start - 1]) is not None
                    if stems[start : start + len(wanted)] == wanted and not denied:
                        found.append(option)
        return tuple(dict.fromkeys(found))

    def _nearly(self, said: str) -> tuple[str, ...]:
        """Options whose words are nearly what was said, whole or as a part of it."""
        spoken = words(said)
        scores: dict[str, float] = {}
        for option in self.choices:
            for each in self._words_of(option):
                scores[option] = max(scores.get(option, 0.0), _likeness(each, spoken))
        best = max(scores.values(), default=0.0)
        return tuple(option for option, score in scores.items() if score >= NEARLY and score > best - 5)


def _is_place(found: Found, count: int, cue: bool) -> bool:
    """ "to", "nummer to" and "den ene, nummer én"; not the "en" of "en av dem"."""
    beside = count - (found.end - found.start)
    return cue or (beside < MOST_WORDS_BESIDE_PLACE and not (found.doubtful and beside))


def _stem(word: str) -> str:
    """A word without one ending of its kind; three letters are left of it."""
    return _ENDING.sub("", word)


def _likeness(option: str, spoken: tuple[str, ...]) -> float:
    """How alike an option's words are to the nearest stretch of an utterance that has as many."""
    size = len(option.split())
    stretches = [" ".join(spoken[start : start + size]) for start in range(max(len(spoken) - size + 1, 1))]
    if len(option) < SHORTEST_NEARLY:
        return 0.0
    return max((fuzz.ratio(option, stretch) for stretch in stretches), default=0.0)


def choice(given: Mapping[str, object]) -> Choice:
    """Type "choice": `choices` {id: {language: [words]}}. Raises SlotOptionsInvalid."""
    raw = given.get("choices")
    if not isinstance(raw, Mapping) or not raw:
        raise SlotOptionsInvalid("a choice has no choices", "write choices: {card: {nb: [kort, bankkort]}}")
    return Choice({str(option): _by_language(str(option), listed) for option, listed in raw.items()})


def _by_language(option: str, listed: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(listed, Mapping) or not listed:
        raise SlotOptionsInvalid(f"choices: {option} has no words", f"write {option}: {{nb: [kort, bankkort]}}")
    found: dict[str, tuple[str, ...]] = {}
    for language, each in listed.items():
        named = [each] if isinstance(each, str) else each
        if not isinstance(named, list | tuple) or not named or not all(isinstance(word, str) for word in named):
            raise SlotOptionsInvalid(
                f"choices: {option} has no list of words in {language}", f"write {language}: [kort]"
            )
        found[str(language)] = tuple(named)
    return found
