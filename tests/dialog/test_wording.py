"""The built-in wording is whole in every language, and explained."""

import re
from pathlib import Path

import pytest

from dialog.bot import LANGUAGES
from dialog.markup import faults_of_text, fill, unmarked
from dialog.phrases import built_in_phrases
from dialog.wording import PLACEHOLDERS, WORDING_KEYS, Wording, built_in

DOCS = Path(__file__).parents[2] / "docs" / "wording.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_has_words_in_every_language_with_the_places_it_needs(language: str):
    texts = built_in(language)
    assert set(texts) == set(WORDING_KEYS)
    for key, variants in texts.items():
        assert variants
        for text in variants:
            assert list(faults_of_text(text, PLACEHOLDERS[key])) == [], (key, text)
            assert all(f"{{{place}}}" in text for place in PLACEHOLDERS[key]), (key, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_often_is_not_always_said_the_same_way(language: str):
    assert len(built_in(language)["more"]) >= 3
    assert len(built_in(language)["opening_weekday"]) == 7


def test_every_key_is_explained():
    explained = set(re.findall(r"^\| `(\w+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert explained == set(WORDING_KEYS)


def test_every_negation_of_a_pattern_takes_back_a_pattern():
    patterns = built_in_phrases().patterns
    assert {name.removeprefix("not_") for name in patterns if name.startswith("not_")} <= set(patterns)


def test_a_text_begins_with_a_capital_and_its_parts_do_not():
    wording = Wording({})
    assert wording.say("closed", "nb", department="kundeservice").startswith("Kundeservice")
    assert wording.say_raw("opening_tomorrow", "en", time="{08:00|time}") == "tomorrow at {08:00|time}"


def test_marked_values_stay_marked_when_places_are_filled():
    assert fill("{a} og {12|id}, {b}", {"a": "én"}) == "én og {12|id}, {b}"
    assert unmarked("Ring {22334455|phone} nå, {x}") == "Ring 22334455 nå, x"
