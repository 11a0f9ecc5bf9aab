"""Which language the caller speaks: slow to doubt, quick where there is no doubt."""

import pytest

from dialog.language import LanguageIdentifier, LanguageSense, next_sense
from dialog.text import words

ALL = ("nb", "en", "nn", "uk")


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    """The real one: it is small."""
    return LanguageIdentifier()


def after(
    identifier: LanguageIdentifier,
    *texts: str,
    languages: tuple[str, ...] = ALL,
    recogniser: str | None = None,
    sense: LanguageSense | None = None,
) -> LanguageSense:
    """What is known after these utterances."""
    sense = sense or LanguageSense(languages[0])
    for text in texts:
        said = words(text)
        sense = next_sense(sense, identifier.evidence(said, recogniser), said, languages)
    return sense


SETTLED = LanguageSense("nb", settled=True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I would like to know when my parcel arrives", "en"),
        ("Jeg lurer på når pakken min kommer", "nb"),
        ("Коли прийде моя посилка?", "uk"),
        ("так", "uk"),
        ("Jag undrar när mitt paket kommer fram", "nb"),
        ("Jeg vil gerne vide hvornår min pakke kommer", "nb"),
        ("e lure på koffor regninga e så høy", "nb"),
        ("", "nb"),
        ("12345", "nb"),
    ],
)
def test_one_long_turn_or_another_script_is_enough(identifier: LanguageIdentifier, text: str, language: str):
    assert after(identifier, text, sense=SETTLED).current == language


def test_a_few_words_are_not_enough_alone_but_twice(identifier: LanguageIdentifier):
    assert after(identifier, "opening hours", sense=SETTLED).current == "nb"
    assert after(identifier, "opening hours", "the opening hours", sense=SETTLED).current == "en"
    assert after(identifier, "opening hours", "åpningstidene takk", "opening hours", sense=SETTLED).current == "nb"


def test_the_first_words_of_a_call_choose_its_language_when_the_recogniser_agrees(identifier: LanguageIdentifier):
    assert after(identifier, "opening hours", recogniser="en").current == "en"
    assert after(identifier, "opening hours", recogniser="nb").current == "nb"


def test_nynorsk_is_heard_by_words_that_only_it_has(identifier: LanguageIdentifier):
    assert after(identifier, "Eg lurer på kva det kostar").current == "nn"
    assert after(identifier, "kor mykje kostar det").current == "nb"
    assert after(identifier, "kor mykje kostar det", "eg vil ha det heim").current == "nn"
    back = after(identifier, "Eg lurer på kva det kostar", "jeg vet ikke hva jeg gjør", "hvordan får jeg noe mer")
    assert back.current == "nb"


def test_a_bot_without_nynorsk_answers_nynorsk_in_bokmaal_and_the_other_way_round(identifier: LanguageIdentifier):
    assert after(identifier, "Eg lurer på kva det kostar", languages=("nb", "en")).current == "nb"
    assert after(identifier, "Jeg lurer på hva det koster å sende", languages=("en", "nn")).current == "nn"


def test_a_language_the_bot_does_not_have_changes_nothing(identifier: LanguageIdentifier):
    assert after(identifier, "I would like to know when my parcel arrives", languages=("nb",)).current == "nb"


def test_russian_is_told_from_ukrainian(identifier: LanguageIdentifier):
    assert identifier.evidence(words("мы хотели бы вернуть это"), None).family == "ru"
    assert identifier.evidence(words("ми хотіли б це повернути"), None).family == "uk"
    assert identifier.evidence(words("коли прийде моя посилка"), None).family == "uk"
    assert identifier.evidence(words("где мой заказ"), None).family == "ru"
    assert identifier.evidence(words("я хочу скасувати замовлення"), None).family == "uk"


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("ka film hus vise flower and snake", "no"),
        ("hvor er Nordlys Power and Light", "no"),
        ("can you play a song by Grieg", "en"),
        ("замовлення Sony Bluetooth", "uk"),
        ("tracking number", "en"),
        ("sporingsnummer", "no"),
    ],
)
def test_names_of_another_language_do_not_make_a_sentence_of_it(identifier: LanguageIdentifier, text: str, family: str):
    assert identifier.evidence(words(text), None).family == family
