"""Yes, no, and neither."""

import pytest

from dialog.slots.catalogue import slot_type
from tests.dialog.slots.said import context

YES_NO = slot_type("yes_no", {})


@pytest.mark.parametrize(
    "said",
    ["ja", "Ja takk.", "jau", "stemmer det, ja", "det er riktig", "ja, send den til meg", "jo gjerne", "æ e enig"]
    + [
        "hei, ja",
        "yes please",
        "that's correct",
        "uh-huh",
        "так, все правильно",
        "ага",
        "да, конечно",
        "Ja tack",
        "jaaa",
        "de stæmme",
    ],
)
def test_yes(said):
    found = YES_NO.parse(said, context())
    assert (found.value, found.sure) == ("yes", True)


@pytest.mark.parametrize(
    "said",
    ["nei", "nei takk", "nei, ikke det", "det stemmer ikke", "næ", "ikkje no", "nei, adressen er feil", "niks"]
    + [
        "adressen er feil",
        "no thanks",
        "that's not right",
        "ні, не треба",
        "не хочу",
        "det e feil",
        "neeei",
        "nei, det er ok",
        "no please",
    ],
)
def test_no(said):
    found = YES_NO.parse(said, context())
    assert (found.value, found.sure) == ("no", True)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("ja, det tror jeg", "yes"),
        ("takk", "yes"),
        ("ja, men hvor lang tid tar det?", "yes"),
        ("jeg tror ikke det", "no"),
        ("ja, nei, det går ikke", "no"),
        ("not really", "no"),
        ("думаю, що ні", "no"),
    ],
)
def test_a_hedged_answer_is_read_back(said, value):
    found = YES_NO.parse(said, context())
    assert (found.value, found.sure) == (value, False)


@pytest.mark.parametrize(
    "said",
    ["kanskje", "tja", "vet ikke", "hva er feil med den?", "hva sa du", "jeg vil betale, takk", "не знаю"]
    + ["I'm not sure", "det er ikke feil", "hvor lang tid tar det", ""],
)
def test_neither(said):
    assert not YES_NO.parse(said, context())


def test_keys_and_change_of_mind():
    assert [YES_NO.keys(key, context()).value for key in "123"] == ["yes", "no", ""]
    assert YES_NO.correct("yes", "nei", context()).value == "no"
    assert not YES_NO.correct("yes", "ja", context())
    assert not YES_NO.parse("ja", context(expected=False))
