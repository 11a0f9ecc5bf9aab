"""How well numbers, amounts and ids are heard: `python -m benchmarks.dialog_slots DATA`.

First the phrases of other projects (`dates_numbers_nb_nn_uk/pairs.jsonl`): numbers, ordinals and money, each asked for
by its own kind of slot. Then phone numbers and ids made up here, said the ways people say them: digit by digit, in
pairs, in threes, counted the old way, with fillers and doubles, with and without pauses, and in figures as recognisers
group them.

"asks" is an answer that holds the right value among several: the bot asks which, and nothing is wrong yet.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from num2words import num2words

from dialog.slots.catalogue import slot_type
from dialog.slots.slot_type import Parsed, SlotContext, SlotType

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
KINDS = {"number": "number", "ordinal": "number", "money": "amount", "currency": "amount"}
OUTCOMES = ("exact", "asks", "wrong", "none")
CURRENCIES = {"Pound": "GBP", "Dollar": "USD"}
DIGITS = {
    "nb": "null en to tre fire fem seks sju åtte ni",
    "nn": "null ein to tre fire fem seks sju åtte ni",
    "en": "zero one two three four five six seven eight nine",
    "uk": "нуль один два три чотири п'ять шість сім вісім дев'ять",
}
FILLERS = {"nb": ("eh", "altså", "så"), "nn": ("eh", "altså", "så"), "en": ("uh", "then"), "uk": ("е", "потім")}
DOUBLE = {"nb": "dobbel", "nn": "dobbel", "en": "double", "uk": "подвійний"}
OLD_TENS = {2: "tyve", 3: "tredve", 4: "førti", 5: "femti", 6: "seksti", 7: "sytti", 8: "åtti", 9: "nitti"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print exact, asks, wrong and none, per language and kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder that holds dates_numbers_nb_nn_uk")
    parser.add_argument("-n", type=int, default=500, help="made-up numbers per language and kind")
    parser.add_argument("--show", action="store_true", help="print what was not heard exactly")
    chosen = parser.parse_args(arguments)
    print(f"{'set':34} {'n':>5} " + " ".join(f"{name:>7}" for name in OUTCOMES))
    _print(_of_others(chosen.data / "dates_numbers_nb_nn_uk" / "pairs.jsonl", chosen.show))
    _print(_made_up(chosen.n, chosen.show))
    return 0


def _print(counts: dict[str, Counter[str]]) -> None:
    for name, count in sorted(counts.items()):
        total = sum(count.values())
        print(f"{name:34} {total:5} " + " ".join(f"{count[outcome] / total:7.1%}" for outcome in OUTCOMES))


def _outcome(found: Parsed, wanted: str) -> str:
    if found.value:
        return "exact" if found.value == wanted else "wrong"
    if found.alternatives:
        return "asks" if wanted in found.alternatives else "wrong"
    return "none"


def _of_others(file: Path, show: bool) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        kind = KINDS.get(row["expect"].get("type"))
        if kind is None or "value" not in row["expect"]:
            continue
        found = slot_type(kind, {}).parse(row["text"], SlotContext(row["lang"], NOW))
        outcome = _outcome(found, _wanted(kind, row["expect"], found))
        for name in (f"phrases, {kind}, {row['lang']}", "phrases, all"):
            counts.setdefault(name, Counter())[outcome] += 1
        if show and outcome != "exact":
            print(f"  {outcome}: {row['lang']} {row['text']} {row['expect']} -> {found.value or found.alternatives}")
    return counts


def _wanted(kind: str, expect: dict[str, Any], found: Parsed) -> str:
    """The canonical value of the set's own form. Its "Cent" is a hundredth of a currency that is not named."""
    value = Decimal(str(expect["value"]))
    if kind == "number":
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    unit = CURRENCIES.get(expect.get("unit", "NOK"), expect.get("unit", "NOK"))
    if unit == "Cent":
        heard = found.value or (found.alternatives or ("",))[0]
        unit, value = heard.partition(" ")[2] or "NOK", value / 100
    amount = f"{value:.2f}"
    return amount if unit == "NOK" else f"{amount} {unit}"


def _made_up(size: int, show: bool) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    chance = random.Random(20261123)
    for language in DIGITS:
        for name, length, kind in (
            ("phone", 8, slot_type("phone", {})),
            ("id of six", 6, slot_type("digits", {"length": 6})),
        ):
            for digits, said in _sayings(chance, language, length, size):
                outcome, found = _heard(kind, digits, said, language)
                for each in (f"made up, {name}, {language}", "made up, all"):
                    counts.setdefault(each, Counter())[outcome] += 1
                if show and outcome != "exact":
                    print(f"  {outcome}: {language} {said} [{digits}] -> {found.value or found.alternatives or found}")
    return counts


def _heard(kind: SlotType, digits: str, said: str, language: str) -> tuple[str, Parsed]:
    found = kind.parse(said, SlotContext(language, NOW))
    return _outcome(found, f"+47{digits}" if kind.kind == "phone" else digits), found


def _sayings(chance: random.Random, language: str, length: int, size: int) -> Iterator[tuple[str, str]]:
    for _ in range(size):
        digits = str(chance.randint(2, 9)) + "".join(chance.choices("0123456789", k=length - 1))
        yield digits, _say(chance, digits, language)


def _say(chance: random.Random, digits: str, language: str) -> str:
    sizes = chance.choice(((1,), (2,), (3,), (1, 2), (2, 3), (1, 2, 3)))
    groups, place = [], 0
    while place < len(digits):
        size = chance.choice(sizes)
        groups.append(digits[place : place + size])
        place += size
    in_figures = chance.random() < 0.3
    pause = chance.choice((" ", ", ", ", "))
    said = [group if in_figures else _group(chance, group, language) for group in groups]
    if chance.random() < 0.3:
        said.insert(chance.randrange(len(said) + 1), chance.choice(FILLERS[language]))
    return pause.join(said)


def _group(chance: random.Random, group: str, language: str) -> str:
    names = DIGITS[language].split()
    if len(group) == 2 and group[0] == group[1] and chance.random() < 0.5:
        return f"{DOUBLE[language]} {names[int(group[0])]}"
    if group[0] == "0" or len(group) == 1 or chance.random() < 0.2:
        return " ".join(names[int(digit)] for digit in group)
    if language in ("nb", "nn"):
        if len(group) == 2 and group[0] > "1" and group[1] > "0" and chance.random() < 0.2:
            return f"{names[int(group[1])]}og{OLD_TENS[int(group[0])]}"
        return str(num2words(int(group), lang="no"))
    return str(num2words(int(group), lang=language))


if __name__ == "__main__":
    sys.exit(main())
