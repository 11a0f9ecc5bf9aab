"""What the text cues are worth: how often they stop at the end of a whole text, and in the middle of one.

Middles are real requests and questions cut behind a random word, by seed, their punctuation taken off: as a recogniser
would see a caller who hesitates there. Real people hesitate less evenly: see Switchboard's abandoned utterances.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speech.turn_cues import Reading, read


@dataclass(frozen=True, slots=True)
class CueRow:
    """Percent of texts of one set that read as unfinished, and as a whole question or farewell.

    Args:
        name: of the set.
        count: how many texts.
        unfinished: percent.
        whole: percent.
    """

    name: str
    count: int
    unfinished: float
    whole: float


def cue_rows(folder: Path, seed: int = 5) -> list[CueRow]:
    """One row for whole texts and one for cut ones, for each language, and Switchboard's turns by what they were."""
    chance = random.Random(seed)
    rows: list[CueRow] = []
    for name, texts in _texts(folder).items():
        rows.append(_row(f"{name}, whole", texts))
        cut = [_cut(text, chance) for text in texts if len(text.split()) > 3]
        rows.append(_row(f"{name}, cut behind a word", cut))
    return rows + [_row(name, texts) for name, texts in _switchboard(folder).items()]


def _row(name: str, texts: list[str]) -> CueRow:
    readings = [read(text) for text in texts]
    percent = 100 / len(readings)
    return CueRow(
        name, len(readings), readings.count(Reading.UNFINISHED) * percent, readings.count(Reading.WHOLE) * percent
    )


def _cut(text: str, chance: random.Random) -> str:
    words = text.rstrip(".?! ").split()
    return " ".join(words[: chance.randint(2, len(words) - 1)]).rstrip(",.?!:;")


def _texts(folder: Path) -> dict[str, list[str]]:
    requests = list(_lines(folder / "nlu_massive_nb_subset" / "data.jsonl"))
    questions = _lines(folder / "no_questions_norquad" / "validation_questions.jsonl")
    texts = {
        "nb questions": [line["question"] for line in questions],
        "nb requests": [line["text_nb"] for line in requests],
        "en requests": [line["text_en"] for line in requests],
    }
    for line in _lines(folder / "oos_homeassistant_nb_uk" / "sentences.jsonl"):
        if line["lang"] == "uk":
            texts.setdefault("uk requests", []).append(line["text"])
    for line in _lines(folder / "lid_ud_4lang" / "dev.jsonl"):
        texts.setdefault(f"{line['lang']} news", []).append(line["text"])
    return {name: [text for text in found if len(text.split()) > 2] for name, found in texts.items()}


def _switchboard(folder: Path) -> dict[str, list[str]]:
    """English telephone talk; the transcribers' commas at the end are taken off, they would give it away."""
    found: dict[str, list[str]] = {}
    for dialogue in _lines(folder / "turns_switchboard_text" / "val.jsonl"):
        for utterance in dialogue["utts"]:
            text = utterance["text"].rstrip(" ,.-")
            if len(text.split()) < 3:
                continue
            if utterance["da"] == "%":
                found.setdefault("en telephone, abandoned", []).append(text)
            elif utterance["turn_end"]:
                found.setdefault("en telephone, turn ends", []).append(text)
            else:
                found.setdefault("en telephone, speaker goes on", []).append(text)
    return found


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text().splitlines():
        yield json.loads(line)
