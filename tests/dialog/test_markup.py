"""Marks in spoken texts: what may be written is what the voice can read out."""

import re
from pathlib import Path

import pytest

from dialog.bot import LANGUAGES
from dialog.markup import KINDS, faults_of_text, fill, unmarked
from speech.spoken_forms import spell_out

DOCS = Path(__file__).parents[2] / "docs" / "spoken-forms.md"
UNITS = ("kwh", "kw", "kg", "g", "km", "m", "cm", "l", "m2")


def test_every_kind_is_one_that_the_voice_is_documented_to_know():
    explained = {
        kind
        for row in re.findall(r"^\| (`.*?) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
        for kind in re.findall(r"`(\w+)`", row)
    }
    assert set(KINDS) - explained - set(UNITS) == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unit", UNITS)
def test_the_voice_knows_every_unit_in_every_language(unit: str, language: str):
    assert spell_out(f"{{12|{unit}}}", language).startswith(spell_out("12", language))
    assert spell_out(f"{{12|{unit}}}", language) != spell_out("12", language)


def test_a_place_with_a_kind_becomes_a_marked_value_and_other_marks_stay():
    filled = fill("{order|id} koster {499|nok}, {name}. {found.day|date}", {"order": "402713", "name": "Kari"})
    assert filled == "{402713|id} koster {499|nok}, Kari. {found.day|date}"
    assert unmarked(filled) == "402713 koster 499, Kari. found.day"


def test_a_kind_that_the_voice_does_not_know_is_a_fault():
    assert [what for what, _ in faults_of_text("{59|kr}")] == ["{59|kr}: kr is not a kind"]
    assert list(faults_of_text("{402713|id} {12|kwh} {0150|postcode}")) == []
