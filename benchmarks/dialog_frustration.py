"""How well the mood of callers is told, and how often a calm sentence is taken for an angry one.

`python -m benchmarks.dialog_frustration DATA` with the folder of the shared data sets. The score is the one that
decides on the phone: `dialog.frustration`, fed with a dialogue's turns in order. In USS three to six people have rated
each turn of a caller. The weights of the small signs come from these ratings; what weights fitted on four fifths of the
dialogues make of the last fifth stands beside it, to show that nothing was learnt by heart.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from dialog.anger import Anger
from dialog.embedding import Embedder
from dialog.frustration import (
    LIMIT,
    UNEASE,
    Mood,
    MoodSigns,
    Signals,
    mood_signs,
    next_mood,
    says_the_same,
    small_signs,
    trigger,
)
from dialog.sensitive import SensitiveSigns, sensitive_signs
from dialog.text import words

TARGET_AUROC, TARGET_ALARMS = 0.85, 0.01
FOLDS = 5
CALM: tuple[tuple[str, str, str, dict[str, str], str, bool], ...] = (
    ("reviews, neutral sentences (NoReC)", "no_sentiment_norec/dev.jsonl", "text", {"label": "Neutral"}, "nb", True),
    ("dialect speech (LIA)", "no_dialect_speech_lia/utterances.jsonl", "text", {}, "nb", True),
    ("reviews, negative sentences (NoReC)", "no_sentiment_norec/dev.jsonl", "text", {"label": "Negative"}, "nb", False),
    ("reviews, positive sentences (NoReC)", "no_sentiment_norec/dev.jsonl", "text", {"label": "Positive"}, "nb", False),
    ("dialect commands (NorSID)", "nlu_norsid_dialects/dev.jsonl", "text", {}, "nb", False),
    ("assistant commands (MASSIVE)", "nlu_massive_nb_subset/data.jsonl", "text_nb", {}, "nb", False),
    ("bank questions, English (BANKING77)", "nlu_banking77/train.jsonl", "text", {}, "en", False),
    ("smart home, Ukrainian", "oos_homeassistant_nb_uk/sentences.jsonl", "text", {"lang": "uk"}, "uk", False),
)


@dataclass(frozen=True, slots=True)
class Rated:
    """One turn of a caller in USS: the mood after it, and what people gave it."""

    dialogue: str
    mood: Mood
    signs: dict[str, float]
    mean: float
    middle: float


@dataclass(frozen=True, slots=True)
class Listener:
    """What the engine listens for moods with."""

    signs: MoodSigns
    anger: Anger

    def next(self, mood: Mood, signals: Signals) -> Mood:
        """The mood after a turn, as the engine makes it."""
        sounding = self.anger.probability(words(signals.words))
        return next_mood(mood, replace(signals, anger=sounding), self.signs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print AUROC and false alarms beside their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args(arguments).data
    listener, sensitive = Listener(mood_signs(), Anger(Embedder(), None)), sensitive_signs()
    _uss(data, listener)
    _calm(data, listener, sensitive)
    _angry(data, listener)
    _speed(data, listener)
    return 0


def _uss(data: Path, listener: Listener) -> None:
    rated = list(_rated(data / "frustration_uss" / "dialogues.jsonl", listener))
    print(f"USS, {len(rated)} turns of {len({turn.dialogue for turn in rated})} dialogues; AUROC per turn:")
    labels: tuple[tuple[str, Callable[[Rated], bool]], ...] = (
        ("most raters dissatisfied (median of ratings <= 2)", lambda turn: turn.middle <= 2),
        ("mean of ratings < 2.5", lambda turn: turn.mean < 2.5),
        ("mean of ratings < 2.75 (often one dissenting rater)", lambda turn: turn.mean < 2.75),
    )
    folds = _scores_by_folds(rated)
    for name, is_bad in labels:
        truth = [is_bad(turn) for turn in rated]
        shown = roc_auc_score(truth, [turn.mood.score for turn in rated])
        held_out = roc_auc_score(truth, folds)
        share = fmean(truth)
        print(f"  {name}, {share:.1%}: {shown:.3f}; weights fitted per fold {held_out:.3f}; target {TARGET_AUROC}")
    offered = {turn.dialogue for turn in rated if turn.mood.score >= LIMIT}
    print(f"  dialogues in which a person would be offered: {len(offered)}")


def _rated(file: Path, listener: Listener) -> Iterator[Rated]:
    for dialogue in _lines(file):
        mood, said, answered = Mood(), list[str](), list[str]()
        for turn in dialogue["turns"]:
            if turn["role"] != "user":
                answered.append(turn["text"])
                continue
            bot = answered[-1] if answered else ""
            signals = Signals(
                turn["text"],
                "en",
                repeated=says_the_same(turn["text"], said),
                bot_repeated=bot in answered[:-1],
                bot_words=bot,
            )
            mood = listener.next(mood, signals)
            said.append(turn["text"])
            if "sat" in turn:
                shown = _as_shown(signals, mood, listener.signs)
                yield Rated(dialogue["id"], mood, shown, fmean(turn["sat"]), median(turn["sat"]))


def _as_shown(signals: Signals, mood: Mood, signs: MoodSigns) -> dict[str, float]:
    small = small_signs(signals, signs, first=mood.turn == 1)
    return {**dict.fromkeys(UNEASE, 0.0), **dict.fromkeys(small, 1.0), "strain": mood.strain}


def _scores_by_folds(rated: Sequence[Rated]) -> list[float]:
    names = sorted({name for turn in rated for name in turn.signs})
    table = np.array([[turn.signs[name] for name in names] for turn in rated])
    truth = np.array([turn.mean < 2.75 for turn in rated])
    fold_of = {dialogue: place % FOLDS for place, dialogue in enumerate(sorted({turn.dialogue for turn in rated}))}
    folds = np.array([fold_of[turn.dialogue] for turn in rated])
    scores = np.zeros(len(rated))
    for fold in range(FOLDS):
        model = LogisticRegression(C=1.0, max_iter=2000).fit(table[folds != fold], truth[folds != fold])
        scores[folds == fold] = model.decision_function(table[folds == fold])
    return list(scores)


def _calm(data: Path, listener: Listener, sensitive: SensitiveSigns) -> None:
    # The bot can use none of these words, as when nothing in its articles is about them: that weighs, too.
    print("calm sentences: a person offered or passed on for the mood | taken for danger | for a question of advice")
    for name, file, field, wanted, language, has_target in CALM:
        texts = [
            line[field] for line in _lines(data / file) if all(line.get(key) == value for key, value in wanted.items())
        ]
        if not texts:
            continue
        counts = Counter[str]()
        for text in texts:
            mood = listener.next(Mood(turn=1), Signals(text, language, no_match=True))
            counts["mood"] += trigger(Mood(turn=1), mood) is not None
            found = sensitive.find(words(text), language)
            counts[type(found).__name__] += 1
        shares = " | ".join(f"{counts[key] / len(texts):.2%}" for key in ("mood", "Danger", "Advice"))
        print(f"  {name}, n={len(texts)}: {shares}" + (f"; target {TARGET_ALARMS:.0%}" if has_target else ""))


def _angry(data: Path, listener: Listener) -> None:
    """Real customers writing to airlines; nobody has rated them, so this only says how much is noticed."""
    dialogues = list(_lines(data / "frustration_twacs" / "labelled.jsonl"))
    reached = Counter[str]()
    for dialogue in dialogues:
        mood, highest = Mood(), 0.0
        for turn in dialogue["turns"]:
            if turn["role"] == "customer":
                mood = listener.next(mood, Signals(turn["text"], "en"))
                highest = max(highest, mood.score)
        reached["one thing that weighs"] += highest >= 1.0
        reached["a person offered"] += highest >= LIMIT
    shares = ", ".join(f"{name} {count / len(dialogues):.1%}" for name, count in reached.items())
    print(f"customers writing to airlines (TwACS), {len(dialogues)} dialogues: {shares}")


def _speed(data: Path, listener: Listener) -> None:
    texts = [line["text"] for line in _lines(data / "no_sentiment_norec" / "dev.jsonl")][:1000]
    began = time.process_time()
    for text in texts:
        listener.next(Mood(), Signals(text, "nb", bot_words=text))
    milliseconds = (time.process_time() - began) / len(texts) * 1000
    print(f"processor time per turn, lists and sentence vector: {milliseconds:.2f} ms")


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


if __name__ == "__main__":
    raise SystemExit(main())
