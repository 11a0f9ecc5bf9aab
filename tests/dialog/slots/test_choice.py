"""One of a few named things."""

import pytest

from dialog.slots.catalogue import slot_type
from tests.dialog.slots.said import context

PAYMENT = slot_type(
    "choice",
    {
        "choices": {
            "card": {"nb": ["kort", "bankkort"], "en": ["card"], "uk": ["картка", "карткою"]},
            "invoice": {"nb": ["faktura", "regning"], "en": ["invoice", "bill"], "uk": ["рахунок"]},
            "vipps": {"nb": ["Vipps"]},
        }
    },
)


@pytest.mark.parametrize(
    ("said", "language", "option"),
    [
        ("kort takk", "nb", "card"),
        ("jeg vil helst ha faktura", "nb", "invoice"),
        ("den første", "nb", "card"),
        ("nummer to", "nb", "invoice"),
        ("den andre", "nb", "invoice"),
        ("den siste", "nb", "vipps"),
        ("den i midten", "nb", "invoice"),
        ("fakturaen", "nb", "invoice"),
        ("картки", "uk", "card"),
        ("ikke faktura, kort", "nb", "card"),
        ("the second one please", "en", "invoice"),
        ("карткою", "uk", "card"),
        ("перший варіант", "uk", "card"),
        ("3", "nb", "vipps"),
    ],
)
def test_an_option(said, language, option):
    assert PAYMENT.parse(said, context(language)).value == option


def test_a_misspelled_option_is_read_back():
    found = PAYMENT.parse("fakktura", context())
    assert (found.value, found.sure) == ("invoice", False)


def test_both_and_none():
    assert PAYMENT.parse("begge deler", context()).alternatives == ("card", "invoice", "vipps")
    assert PAYMENT.parse("kort eller vipps", context()).alternatives == ("card", "vipps")
    assert PAYMENT.parse("ingen av dem", context()).fault == "range"


@pytest.mark.parametrize("said", ["hva betyr det", "en av dem", "ja", "jeg har to barn og fire hunder og en katt til"])
def test_no_option(said):
    assert not PAYMENT.parse(said, context())


def test_keys_and_words():
    assert PAYMENT.keys("2", context()).value == "invoice"
    assert PAYMENT.keys("9", context()).fault == "range"
    assert PAYMENT.read_back("invoice", "nn") == "faktura"
    assert PAYMENT.correct("card", "nei, faktura", context()).value == "invoice"
