"""How well the language of a turn is told: `python -m benchmarks.dialog_language DATA`.

Sentences of the UD treebanks are cut to a few words, without punctuation or capitals, as speech comes; nb and nn are
one spoken language here. Dialect text must count as Norwegian.
"""

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.dialog_sets import CLINC, MASSIVE, NORSID, rows
from dialog.language import LanguageIdentifier, family_of
from dialog.text import words

TREEBANKS = "lid_ud_4lang/dev.jsonl"
LIA = "no_dialect_speech_lia/utterances.jsonl"
LENGTHS = ((1, 3), (4, 6), (7, 12))
CUTS = 3
CLINC_SENTENCES = 2000


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the shares told right, beside their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the sets")
    data = parser.parse_args(arguments).data
    identifier = LanguageIdentifier()
    sentences = rows(data / TREEBANKS)
    for shortest, longest in LENGTHS:
        chance = random.Random(0)
        told: dict[str, list[bool]] = defaultdict(list)
        for row in sentences * CUTS:
            said, size = words(row["text"]), chance.randint(shortest, longest)
            if len(said) >= size:
                start = chance.randint(0, len(said) - size)
                cut = said[start : start + size]
                told[row["lang"]].append(identifier.evidence(cut, None).family == family_of(row["lang"]))
        every = [right for each in told.values() for right in each]
        by_language = ", ".join(f"{language} {_share(each)}" for language, each in told.items())
        target = "; target >= 99 %" if shortest == 4 else ""
        print(f"UD, {shortest}-{longest} words, n={len(every)}: {_share(every)} ({by_language}){target}")
    texts = {
        "NorSID dialects": [row["text"] for row in rows(data / NORSID) if row["dialect"] != "B"],
        "LIA dialect speech": [row["text"] for row in rows(data / LIA)],
        "MASSIVE bokmål": [row["text_nb"] for row in rows(data / MASSIVE)],
    }
    for name, listed in texts.items():
        print(f"{name} as Norwegian, n={len(listed)}: {_share(_as(identifier, listed, 'no'))}; target >= 97 %")
    english = [row["text"] for row in rows(data / CLINC)][:CLINC_SENTENCES]
    print(f"CLINC150 as English, n={len(english)}: {_share(_as(identifier, english, 'en'))}")
    return 0


def _as(identifier: LanguageIdentifier, texts: Iterable[str], family: str) -> list[bool]:
    return [identifier.evidence(words(text), None).family == family for text in texts]


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right) / len(right):.1%}"


if __name__ == "__main__":
    sys.exit(main())
