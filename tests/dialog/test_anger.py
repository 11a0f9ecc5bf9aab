"""Anger that no list names."""

import pytest

from dialog.anger import Anger
from dialog.embedding import Embedder
from dialog.frustration import LIMIT, SOUNDS_ANGRY_FROM, Mood, Signals, mood_signs, next_mood
from dialog.text import words


@pytest.fixture(scope="module")
def anger() -> Anger:
    """Learnt from the built-in examples."""
    return Anger(Embedder(), None)


@pytest.mark.parametrize(
    ("angry", "calm"),
    [
        ("jeg har mistet all tillit til dere", "jeg har mistet kvitteringen til varen"),
        ("kvifor må eg forklare dette på nytt kvar gong", "kan du forklare det på nytt"),
        ("why do I have to explain this all over again", "could you explain how this works"),
        ("чому я маю пояснювати все спочатку", "чи можете пояснити цей рахунок"),
    ],
)
def test_a_fed_up_caller_sounds_angrier_than_one_who_asks(anger: Anger, angry: str, calm: str) -> None:
    assert anger.probability(words(angry)) > anger.probability(words(calm)) + 0.1


def test_a_word_or_two_sound_like_nothing(anger: Anger) -> None:
    assert anger.probability(("nei", "takk")) == 0.0


def test_what_sounds_angry_weighs_once_and_only_where_no_phrase_weighs() -> None:
    signs = mood_signs()
    sounding = next_mood(Mood(turn=1), Signals("snakker jeg til en vegg", "nb", anger=SOUNDS_ANGRY_FROM), signs)
    named = next_mood(Mood(turn=1), Signals("dere er helt håpløse", "nb", anger=1.0), signs)
    assert [reason.kind for reason in sounding.reasons] == ["sounds_angry"]
    assert [reason.kind for reason in named.reasons] == ["complaint"]
    assert sounding.score < LIMIT
