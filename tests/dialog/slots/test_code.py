"""Ids of letters and digits."""

import pytest

from dialog.slots import SlotOptionsInvalid
from dialog.slots.catalogue import slot_type
from tests.dialog.slots.said import context

CODE = slot_type("code", {"pattern": r"[A-Z]{2}\d{4}", "length": 6})


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("A, B, 1, 2, 3, 4", "nb"),
        ("ordrenummeret er a be tolv trettifire", "nb"),
        ("A som i Anna, B som i Bertil, en to tre fire", "nb"),
        ("AB-1234.", "nb"),
        ("alpha bravo twelve thirty-four", "en"),
        ("а бе один два три чотири", "uk"),
    ],
)
def test_a_spelled_code_is_read_back(said, language):
    found = CODE.parse(said, context(language))
    assert (found.value, found.sure) == ("AB1234", False)


def test_a_code_written_whole_is_sure():
    assert CODE.parse("det er AB1234", context()).sure


def test_a_code_in_two_turns():
    partial = CODE.parse("a b en to", context()).partial
    assert CODE.listen(partial) == ("letters", 2)
    assert CODE.parse("tre fire", context(partial=partial)).value == "AB1234"


def test_what_does_not_match_is_no_code():
    assert CODE.parse("hva slags kode", context()).value == ""
    assert CODE.parse("A B C en to tre", context()).fault == "pattern"


def test_its_digits_can_be_mended():
    assert CODE.correct("AB1234", "nei, fem på slutten", context()).value == "AB1235"
    assert CODE.read_back("AB1235", "nb") == "{AB1235|id}"


def test_a_code_needs_a_pattern():
    with pytest.raises(SlotOptionsInvalid):
        slot_type("code", {"length": 6})
