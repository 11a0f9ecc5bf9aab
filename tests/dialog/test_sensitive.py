"""What a bot must leave to people."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.bot import LANGUAGES
from dialog.own_words import SensitiveTopic, Words
from dialog.sensitive import Advice, Danger, Sensitive, sensitive_signs
from dialog.text import words
from dialog.wording import PLACEHOLDERS

SIGNS = sensitive_signs()
DEATH = SensitiveTopic("bereavement", {"nb": ("dødsfall", "avdøde", "mannen min/er ... død")}, "customer_service")


def found(said: str, language: str) -> Sensitive | None:
    """What is sensitive in a text."""
    return SIGNS.find(words(said), language)


@pytest.mark.parametrize(
    ("said", "language", "service"),
    [
        ("det ryker av sikringsskapet", "nb", "fire"),
        ("ei straumleidning har falle ned på vegen", "nn", "fire"),
        ("there is smoke coming from the heater", "en", "fire"),
        ("у нас горить щиток", "uk", "fire"),
        ("han har fått strøm gjennom kroppen", "nb", "medical"),
        ("barnet har svelget et batteri", "nb", "medical"),
        ("she is not breathing", "en", "medical"),
        ("його вдарило струмом", "uk", "medical"),
        ("noen bryter seg inn", "nb", "police"),
        ("somebody is threatening me", "en", "police"),
        ("jeg orker ikke å leve lenger", "nb", "self_harm"),
        ("eg vil berre døy", "nn", "self_harm"),
        ("I want to kill myself", "en", "self_harm"),
        ("я не хочу жити", "uk", "self_harm"),
        ("there is a gas leak here", "nb", "fire"),  # in need people fall back to their own language
    ],
)
def test_danger_is_heard_in_every_language(said: str, language: str, service: str) -> None:
    assert found(said, language) == Danger(service)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("jeg fikk nesten hjerteinfarkt av strømregningen", "nb"),
        ("the bill gave me a heart attack", "en"),
        ("vil dere brenne inne med varene", "nb"),
        ("selger dere brannvarslere", "nb"),
        ("de spilte In Flames på radioen", "nb"),
        ("strømmen er borte i hele gata", "nb"),
    ],
)
def test_a_figure_of_speech_is_no_danger(said: str, language: str) -> None:
    assert found(said, language) is None


@pytest.mark.parametrize(
    ("said", "language", "field"),
    [
        ("kan jeg ta ibux når jeg er gravid", "nb", "medical"),
        ("kor mykje paracet kan eg ta", "nn", "medical"),
        ("what medicine should I take", "en", "medical"),
        ("які ліки мені пити", "uk", "medical"),
        ("bør jeg skaffe advokat", "nb", "legal"),
        ("is it legal to do this", "en", "legal"),
        ("чи це законно", "uk", "legal"),
        ("bør jeg refinansiere boliglånet", "nb", "financial"),
        ("which stocks should I buy", "en", "financial"),
        ("куди інвестувати гроші", "uk", "financial"),
    ],
)
def test_a_question_for_advice_is_told_by_its_field(said: str, language: str, field: str) -> None:
    assert found(said, language) == Advice(field)


def test_a_bots_own_topic_goes_before_advice_and_behind_danger() -> None:
    signs = sensitive_signs(Words(sensitive=(DEATH,)))
    assert signs.find(words("mannen min er død, har jeg krav på erstatning"), "nb") == DEATH
    assert signs.find(words("etter dødsfallet vil jeg bare dø"), "nb") == Danger("self_harm")


def test_an_own_topic_in_bokmål_is_heard_in_a_nynorsk_call() -> None:
    assert sensitive_signs(Words(sensitive=(DEATH,))).find(words("det gjeld eit dødsfall"), "nn") == DEATH


def test_everything_that_can_be_found_can_be_answered() -> None:
    fields = {f"no_advice_{field}" for field in ("medical", "legal", "financial")}
    services = {f"emergency_{service}" for service in ("fire", "police", "medical", "self_harm")}
    assert fields | services <= set(PLACEHOLDERS)


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_it(said: str, language: str) -> None:
    assert found(said, language) is None or isinstance(found(said, language), Danger | Advice)
