"""Marks in spoken texts: what may be written is what the voice can read out."""

import pytest

from dialog.bot import LANGUAGES
from dialog.markup import KINDS, faults_of_text, fill, unmarked
from speech.spoken_forms import spell_out

EXAMPLES = {
    "phone": "92243711", "date": "2026-12-24", "time": "14:30", "id": "AB1234", "email": "post@nordlys.example",
    "url": "nordlys.example", "day": "2026-11-26", "datetime": "2026-11-26T09:05", "postcode": "0150",
    "orgnr": "987654321", "account": "12345678903", "year": "1998", "spell": "Åse",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_voice_knows_every_kind_in_every_language(kind: str, language: str):
    value = EXAMPLES.get(kind, "123456")
    assert spell_out(f"{{{value}|{kind}}}", language) != spell_out(value, language) or kind in (
        "id",
        "number",
        "digits",
    )


def test_a_place_with_a_kind_becomes_a_marked_value_and_other_marks_stay():
    filled = fill("{order|id} koster {499|nok}, {name}. {found.day|date}", {"order": "402713", "name": "Kari"})
    assert filled == "{402713|id} koster {499|nok}, Kari. {found.day|date}"
    assert unmarked(filled) == "402713 koster 499, Kari. found.day"


def test_a_kind_that_the_voice_does_not_know_is_a_fault():
    assert [what for what, _ in faults_of_text("{59|kr}")] == ["{59|kr}: kr is not a kind"]
    assert list(faults_of_text("{402713|id} {12|kwh} {0150|postcode}")) == []
