"""One utterance, looked into: everything that evaluation and curious people ask for, as JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog import Engine
from dialog.understand import understand
from tests.dialog.conftest import TUESDAY_MORNING


def seen(engine: Engine, text: str, **more: str) -> dict[str, object]:
    """What is made of it on a working day."""
    found = understand(engine, text, now=TUESDAY_MORNING, **more)
    json.dumps(found)
    return found


def test_a_question_names_its_article_its_language_and_what_would_be_done(engine: Engine):
    found = seen(engine, "Når kommer lampen min?")
    assert found["article"] == "delivery"
    assert found["intent"] is None
    assert found["language"] == "nb"
    assert found["band"] == "act"
    assert isinstance(found["score"], float)
    assert found["score"] > 0.5


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Eg lurer på kva det kostar", "nn"),
        ("when does my parcel arrive", "en"),
        ("коли прийде моя лампа", "uk"),
        ("когда придёт моя лампа", "ru"),
        ("402713", None),
    ],
)
def test_the_language_is_that_of_the_words(engine: Engine, text: str, language: str | None):
    assert seen(engine, text)["language"] == language


def test_a_stranger_and_an_order_are_told_apart(engine: Engine):
    assert seen(engine, "hvem vant kampen i går kveld")["band"] == "unknown"
    assert seen(engine, "jeg vil snakke med et menneske")["band"] == "rule"


def test_anger_shows(engine: Engine):
    calm, angry = (seen(engine, text)["frustration"] for text in ("når har dere åpent", "dette er helt ubrukelig"))
    assert isinstance(calm, dict)
    assert isinstance(angry, dict)
    assert angry["score"] > calm["score"]


def test_a_slot_that_no_flow_has_is_an_error(engine: Engine):
    with pytest.raises(KeyError):
        seen(engine, "402713", slot="nothing.here")


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_any_text_is_understood_somehow(engine: Engine, text: str):
    assert seen(engine, text)["band"] in ("act", "choice", "unknown", "rule")
