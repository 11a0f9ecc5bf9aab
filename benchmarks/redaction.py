"""How well personal data is found: `python -m benchmarks.redaction [DATA]`.

First sentences made up here: values with check digits, telephone numbers and e-mail addresses, said the ways people say
them and written the ways recognisers write them, and sentences full of numbers that are nobody's. Then, with DATA,
texts that people wrote or said: as they are for false alarms, and with one value planted in each for recall.

A value is found when every letter and digit of it is cut out. Precision counts pieces cut out: of those that touch no
planted value, each is a false alarm. `--held-out` takes carriers and ways that the rules were not written with.
"""

import argparse
import random
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import redaction_carriers as carriers
from benchmarks.dialog_sets import rows
from benchmarks.redaction_values import DIGITS, HELD_OUT_WAYS, WAYS, email, in_words
from dialog.bot import LANGUAGES
from dialog.redaction import redact
from dialog.slots.number_words import meanings

TARGET_RECALL, TARGET_PRECISION = 0.99, 0.97
SENTENCES_PER_SET = 2000
FEW_TEXTS, TIMES_FEW = 1000, 5
"""A language with few texts has several values planted in each, one at a time."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_PLACE = re.compile(r"\{(\w+)\}")


class Case(NamedTuple):
    """A text with at most one personal value in it; start and end are 0 without. way: how it is said."""

    text: str
    language: str
    kind: str
    way: str
    start: int
    end: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Print recall and precision per language and kind; 1 when one of them is below its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="folder with the sets of real texts")
    parser.add_argument("-n", type=int, default=300, help="made-up values per language and kind")
    parser.add_argument("--held-out", action="store_true", help="carriers and ways the rules were not written with")
    parser.add_argument("--show", type=int, default=0, help="print so many misses and false alarms of each language")
    chosen = parser.parse_args(arguments)
    print("made up")
    good = _measured(made_up(chosen.n, chosen.held_out), chosen.show)
    if chosen.data:
        texts = list(real_texts(chosen.data))
        print("real texts as they are")
        _measured((Case(text, language, "", "", 0, 0) for language, text in texts), chosen.show)
        print("real texts with one value planted in each")
        good = _measured(planted(texts, chosen.held_out), chosen.show) and good
        _speed(texts)
    return 0 if good else 1


def made_up(count: int, held_out: bool, seed: int = 5) -> Iterator[Case]:
    """Values in carrier sentences, and as many sentences without one as there are values of two kinds."""
    chance = random.Random(seed)
    ways = HELD_OUT_WAYS if held_out else WAYS
    sentences = carriers.HELD_OUT_CARRIERS if held_out else carriers.CARRIERS
    impersonal = carriers.HELD_OUT_IMPERSONAL if held_out else carriers.IMPERSONAL
    for language in LANGUAGES:
        for kind in (*DIGITS, "email"):
            for _ in range(count):
                way, said = _value(kind, language, ways, held_out, chance)
                own = sentences[language][kind]
                bare = () if kind in ("kid", "email") else sentences[language][""]
                before, after = chance.choice((*own, *bare)).split("{}")
                yield Case(f"{before}{said}{after}", language, kind, way, len(before), len(before) + len(said))
        for _ in range(2 * count):
            yield Case(_filled(chance.choice(impersonal[language]), language, chance), language, "", "", 0, 0)


def _filled(sentence: str, language: str, chance: random.Random) -> str:
    return _PLACE.sub(lambda match: _nobodys(match[1], language, chance), sentence)


def _value(
    kind: str, language: str, ways: Mapping[str, object], held_out: bool, chance: random.Random
) -> tuple[str, str]:
    if kind == "email":
        return email(language, chance, held_out)
    way = chance.choice(tuple(ways))
    known = HELD_OUT_WAYS if held_out else WAYS
    return way, known[way](DIGITS[kind](language, chance), language, chance)


def _nobodys(name: str, language: str, chance: random.Random) -> str:
    """A number that is nobody's, for a place of an impersonal sentence."""
    hour, minute, day, month = (
        chance.randrange(24),
        chance.choice((0, 15, 30, 45)),
        chance.randint(1, 28),
        chance.randint(1, 12),
    )
    match name:
        case "order":
            return str(chance.randint(10**5, 10**6 - 1))
        case "order8":
            return str(chance.randint(2 * 10**7, 10**8 - 1))
        case "order8_said":
            digits = str(chance.randint(2 * 10**7, 10**8 - 1))
            return " ".join(in_words(int(digit), language) for digit in digits)
        case "meter":
            return str(chance.randint(10**3, 10**6))
        case "amount":
            return chance.choice(
                (
                    f"{chance.randint(1, 99)} {chance.randrange(1000):03}",
                    str(chance.randint(10, 9999)),
                    f"{chance.randint(1, 999)},{chance.randrange(100):02}",
                )
            )
        case "amount_said":
            return in_words(chance.randint(10, 99999), language)
        case "date":
            return chance.choice(
                (
                    f"{day}.{month}.2026",
                    f"{day:02}.{month:02}.26",
                    f"{day}/{month}",
                    f"2026-{month:02}-{day:02}",
                    f"{day:02} {month:02} 2026",
                )
            )
        case "clock":
            return chance.choice((f"{hour}.{minute:02}", f"{hour:02}:{minute:02}", str(hour)))
        case "clock_said":
            return in_words(hour, language)
        case "hours":
            return chance.choice(("8-16", "08.00-16.00", "10:00 - 18:00", "9 til 17"))
        case "post":
            return f"{chance.randint(1, 9991):04}"
        case "year":
            return str(chance.randint(1950, 2030))
        case "small":
            return str(chance.randint(2, 99))
        case "tracking":
            return "37" + "".join(str(chance.randrange(10)) for _ in range(16))
        case "orgnr":
            return f"9{chance.randint(10, 99)} {chance.randint(100, 999)} {chance.randint(100, 999)}"
        case _:
            return f"{chance.randint(1, 99)},{chance.randint(1, 9)}"


def real_texts(data: Path) -> Iterator[tuple[str, str]]:
    """(language, text) of the sets, at most SENTENCES_PER_SET of each."""
    chance = random.Random(0)
    for texts in _sets(data):
        kept = list(texts)
        chance.shuffle(kept)
        yield from kept[:SENTENCES_PER_SET]


def _sets(data: Path) -> Iterator[Iterable[tuple[str, str]]]:
    def of(name: str, text: str = "text", language: str = "nb") -> Iterable[tuple[str, str]]:
        return ((row.get("lang", language), row[text]) for row in rows(data / name) if row[text])

    yield of("no_dialect_speech_lia/utterances.jsonl")
    yield of("no_questions_norquad/validation_questions.jsonl", "question")
    yield of("nlu_massive_nb_subset/data.jsonl", "text_nb")
    yield of("nlu_banking77/train.jsonl", language="en")
    yield of("lid_ud_4lang/dev.jsonl")
    yield of("oos_homeassistant_nb_uk/sentences.jsonl")
    yield of("dates_numbers_nb_nn_uk/pairs.jsonl")
    yield of("nlu_nlupp/dev.jsonl", language="en")
    yield of("slots_restaurant8k/train_part.jsonl", language="en")
    yield (("en", one["text"]) for row in rows(data / "turns_switchboard_text/val.jsonl") for one in row["utts"])
    contexts = rows(data / "no_questions_norquad/validation_contexts.jsonl")
    yield (("nb", line) for row in contexts for line in _SENTENCE.split(row["text"]) if line.strip())


def planted(texts: Sequence[tuple[str, str]], held_out: bool, seed: int = 7) -> Iterator[Case]:
    """Each text with one value where a clause begins or ends, half of them with the words that name it."""
    chance = random.Random(seed)
    few = Counter(language for language, _ in texts)
    for language, text in (one for one in texts for _ in range(1 if few[one[0]] > FEW_TEXTS else TIMES_FEW)):
        if language not in LANGUAGES:
            continue
        kind = chance.choice(("national_id", "account", "card", "phone", "email"))
        way, said = _value(kind, language, HELD_OUT_WAYS if held_out else WAYS, held_out, chance)
        own = (carriers.HELD_OUT_CARRIERS if held_out else carriers.CARRIERS)[language][kind]
        before, after = chance.choice(own).split("{}") if chance.random() < 0.5 else ("", "")
        words = text.split(" ")
        place = chance.choice(_places(words, language))
        first = " ".join(words[:place])
        start = f"{first} {before}" if first else before
        rest = " ".join(words[place:])
        yield Case(f"{start}{said}{after} {rest}".rstrip(), language, kind, way, len(start), len(start) + len(said))


def _places(words: Sequence[str], language: str) -> list[int]:
    """Where a clause begins or ends and no other number stands: of two that touch nobody could tell which is which."""
    ends = [0, *(at for at, word in enumerate(words, start=1) if word[-1:] in ".,!?"), len(words)]
    free = [at for at in ends if not any(_is_number(word, language) for word in words[max(0, at - 1) : at + 1])]
    return free or [len(words)]


def _is_number(word: str, language: str) -> bool:
    return any(character.isdecimal() for character in word) or bool(meanings(word.strip(".,!?").lower(), language))


def _measured(cases: Iterable[Case], show: int) -> bool:
    """Print the counts of some cases; True when every language reaches the targets."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    shown: Counter[tuple[str, str]] = Counter()
    for case in cases:
        spans = redact(case.text, case.language).found
        cut = {index for span in spans for index in range(span.start, span.end)}
        value = range(case.start, case.end)
        false = [span for span in spans if not case.kind or span.end <= case.start or span.start >= case.end]
        whole = all(index in cut for index in value if case.text[index].isalnum())
        here = found[case.language]
        here["texts"] += 1
        here["letters"] += sum(character.isalnum() for character in case.text)
        beside = "".join(case.text[index] for index in sorted(cut - set(value)))
        here["beside"] += sum(character.isalnum() for character in beside)
        if case.kind and not false and len(beside.split()) > 1 and shown[case.language, "beside"] < show:
            shown[case.language, "beside"] += 1
            print(f"  cut beside {case.kind}: {beside!r} of {case.text!r}")
        here["true"] += len(spans) - len(false)
        here["false"] += len(false)
        if case.kind:
            ways[f"{case.language} {case.kind}"]["n"] += 1
            ways[f"{case.language} {case.kind}"]["found"] += whole
            ways[f"way: {case.way}"]["n"] += 1
            ways[f"way: {case.way}"]["found"] += whole
            if not whole and shown[case.language, "miss"] < show:
                shown[case.language, "miss"] += 1
                print(f"  missed {case.kind} ({case.way}): {case.text!r}")
        for span in false:
            here[f"false {span.kind}"] += 1
            if shown[case.language, "false"] < show:
                shown[case.language, "false"] += 1
                print(f"  false {span.kind}: {case.text[span.start : span.end]!r} in {case.text!r}")
    return _printed(found, ways)


def _printed(found: Mapping[str, Counter[str]], ways: Mapping[str, Counter[str]]) -> bool:
    good = True
    for name, counts in sorted(ways.items()):
        recall = counts["found"] / counts["n"]
        good = good and (name.startswith("way") or recall >= TARGET_RECALL)
        print(f"  {name:34} n {counts['n']:5}   recall {recall:7.2%}")
    for language, counts in found.items():
        cut = counts["true"] + counts["false"]
        precision = f"{counts['true'] / cut:7.2%}" if counts["true"] else "      –"
        good = good and (not counts["true"] or counts["true"] / cut >= TARGET_PRECISION)
        kinds = ", ".join(
            f"{kind.removeprefix('false ')} {n}" for kind, n in counts.items() if kind.startswith("false ")
        )
        beside = counts["beside"] / counts["letters"]
        print(
            f"  {language}: {counts['texts']} texts, precision {precision}, false alarms {counts['false']} ({kinds}), "
            f"letters cut beside the values {beside:.2%}"
        )
    return good


def _speed(texts: Sequence[tuple[str, str]]) -> None:
    """How long a text takes, of the real ones."""
    taken = []
    for language, text in texts:
        began = time.perf_counter()
        redact(text, language)
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    high = taken[int(len(taken) * 0.95)]
    median = statistics.median(taken)
    print(f"a text: median {median:.3f} ms, 95 % {high:.3f} ms, longest {taken[-1]:.1f} ms, n {len(taken)}")


if __name__ == "__main__":
    raise SystemExit(main())
