"""Kinds by name, and options that cannot be."""

import re
from pathlib import Path

import pytest

from dialog.slots import SlotOptionsInvalid
from dialog.slots.catalogue import SLOT_KINDS, slot_type

DOCS = Path(__file__).parents[3] / "docs" / "slots.md"


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("colour", {}, "colour"),
        ("digits", {"size": 6}, "size"),
        ("digits", {"length": 0}, "length"),
        ("digits", {"length": True}, "length"),
        ("digits", {"length": 6, "max_length": 8}, "length"),
        ("digits", {"min_length": 8, "max_length": 6}, "min_length"),
        ("digits", {"pattern": "("}, "pattern"),
        ("amount", {"min": "much"}, "min"),
        ("number", {"min": 5, "max": 1}, "min"),
        ("kid", {"modulus": 12}, "modulus"),
        ("choice", {}, "choices"),
        ("choice", {"choices": {"card": {}}}, "card"),
        ("choice", {"choices": {"card": {"nb": [1]}}}, "card"),
        ("text", {"max_length": 1}, "max_length"),
    ],
)
def test_a_fault_names_the_option_and_the_cure(kind, options, said):
    with pytest.raises(SlotOptionsInvalid) as raised:
        slot_type(kind, options)
    assert said in raised.value.what
    assert raised.value.cure


def test_every_kind_is_described_for_those_who_write_flows():
    described = set(re.findall(r"^### `(\w+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert described == set(SLOT_KINDS)
