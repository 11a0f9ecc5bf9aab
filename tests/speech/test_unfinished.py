"""What the words tell about the end of a turn: unfinished, whole, dates, digits and letters so far."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.endpointing import EndpointSettings, Expectation, PauseSoFar, patience
from speech.spoken_digits import count_characters, count_digits
from speech.turn_cues import DateSoFar, Reading, answers_choice, answers_yes_no, date_so_far, read


@pytest.mark.parametrize(
    "text",
    [
        "Hei, jeg lurer på når",
        "Jeg vil snakke med",
        "Eg lurer på korleis eg",
        "Jeg heter",
        "My number is",
        "My order number is 4 7",
        "Bestillingsnummeret mitt er 4.",
        "Мій номер",
        "Я хочу змінити адресу для",
        "and the...",
        "Yes, but",
        "I'd like a mocha with",
        "What is the",
    ],
)
def test_unfinished(text: str) -> None:
    assert read(text) is Reading.UNFINISHED


@pytest.mark.parametrize(
    "text",
    [
        "Hvor er pakken min?",
        "Where is my parcel",
        "Kan jeg få snakke med en kundebehandler?",
        "Hei, hva koster det å sende en pakke?",
        "Korleis kan eg betale rekninga?",
        "Коли прийде моя посилка",
        "Nei takk, det var alt.",
    ],
)
def test_whole(text: str) -> None:
    assert read(text) is not Reading.UNFINISHED
    if text != "Nei takk, det var alt.":
        assert read(text) is Reading.WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ja.",
        "Det tror jeg.",
        "I think it is.",
        "6",
        "Order 471205.",
        "My order number is 471205",
        "Jeg venter på pakken min.",
        "Which folder should I save this message to?",
        "Hvem skal jeg snakke med?",
        "Er dere åpne til 18",
    ],
)
def test_unclear(text: str) -> None:
    assert read(text) is Reading.UNCLEAR


@pytest.mark.parametrize(
    "text", ["Ja.", "Ja takk, gjerne!", "Nei, takk.", "No, that's wrong.", "Yes please", "Так, будь ласка.", "Okay."]
)
def test_yes_and_no(text: str) -> None:
    assert answers_yes_no(text)


@pytest.mark.parametrize("text", ["", "Ja, men", "No, I want to", "Nei, det er", "I don't know who", "Nordlys"])
def test_more_or_other_than_yes_and_no(text: str) -> None:
    assert not answers_yes_no(text)


CHOICES = ("Where is my parcel", "Returning a parcel", "Faktura")


@pytest.mark.parametrize(
    "text", ["faktura", "Faktura, takk!", "Returning", "The second one.", "number two", "Den første"]
)
def test_a_choice_named(text: str) -> None:
    assert answers_choice(text, CHOICES)


@pytest.mark.parametrize("text", ["", "parcel", "the", "I think it was the", "faktura og", "my parcel is late again"])
def test_no_choice_named(text: str) -> None:
    assert not answers_choice(text, CHOICES)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("4 7", 2),
        ("47", 2),
        ("fire sju", 2),
        ("førtisju", 2),
        ("syvogførti", 2),
        ("forty-seven", 2),
        ("twenty zero", 3),
        ("double four", 2),
        ("atten fjorten femten", 6),
        ("п’ятнадцять два", 3),
        ("hello", 0),
    ],
)
def test_digits_so_far(text: str, digits: int) -> None:
    assert count_digits(text) == digits


@pytest.mark.parametrize(
    ("text", "characters"),
    [("A B 4 7", 4), ("AB47", 4), ("YI 6940", 6), ("A for Alfa, B, fire sju", 4), ("B som i Bertil", 1), ("hello", 0)],
)
def test_letters_and_digits_so_far(text: str, characters: int) -> None:
    assert count_characters(text) == characters


@pytest.mark.parametrize(
    ("text", "so_far"),
    [
        ("den tredje", DateSoFar.PART),
        ("mai", DateSoFar.PART),
        ("3. mai", DateSoFar.DAY_AND_MONTH),
        ("tredje i femte", DateSoFar.DAY_AND_MONTH),
        ("3.5.1985", DateSoFar.WHOLE),
        ("third of May 1985", DateSoFar.WHOLE),
        ("030585", DateSoFar.WHOLE),
        ("på fredag", DateSoFar.WHOLE),
        ("завтра", DateSoFar.WHOLE),
        ("п’ятого травня", DateSoFar.PART),
        ("5 травня", DateSoFar.DAY_AND_MONTH),
        ("det vet jeg ikke", DateSoFar.NONE),
    ],
)
def test_dates_so_far(text: str, so_far: DateSoFar) -> None:
    assert date_so_far(text) is so_far


@given(st.text())
def test_no_text_breaks_the_cues(text: str) -> None:
    assert read(text) in Reading
    assert date_so_far(text) in DateSoFar
    assert count_digits(text) >= 0
    assert count_characters(text) >= 0
    answers_yes_no(text)
    answers_choice(text, (text, "ja"))


@pytest.mark.parametrize("text", ["Hello.", "Thank you.", "Hei!", "Tusen takk.", "Добрий день.", "Дякую!"])
def test_a_courtesy_alone_is_often_followed_by_more(text: str) -> None:
    assert read(text) is Reading.OPENER


def test_a_courtesy_waits_longer_than_a_question() -> None:
    settings = EndpointSettings()
    waits = [patience(settings, Expectation(), PauseSoFar(text, 0.99)).ms for text in ("Hello.", "When are you open?")]
    assert waits[0] > waits[1]
