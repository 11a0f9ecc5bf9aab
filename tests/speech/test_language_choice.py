import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.language_choice import detect, reads_better, reads_well, whisper_code

BOT = ("nb", "en", "uk")


def test_clear_speech_in_another_language_is_that_language() -> None:
    found = detect({"en": 0.97, "cy": 0.02}, BOT, speech_seconds=2.0)
    assert (found.language, found.certain) == ("en", False)
    assert found.probability == pytest.approx(1.0)
    assert detect({"en": 0.97}, BOT, speech_seconds=5.0).certain


def test_a_sure_detector_and_a_good_text_need_no_comparison() -> None:
    sure = detect({"en": 0.97}, BOT, 2.0)
    assert reads_well(sure, -0.3)
    assert not reads_well(sure, -0.7)
    assert not reads_well(detect({"en": 0.6, "ko": 0.4}, BOT, 2.0), -0.3)


def test_the_language_of_the_call_needs_no_second_opinion() -> None:
    assert detect({"no": 0.6, "da": 0.2}, BOT, 2.0).language == "nb"
    assert detect({"no": 0.6, "da": 0.2}, BOT, 2.0).certain


def test_what_whisper_calls_danish_is_norwegian_to_a_norwegian_bot() -> None:
    assert detect({"sv": 0.5, "da": 0.4, "en": 0.1}, ("en", "nb"), 2.0).language == "nb"


def test_short_speech_stays_in_the_language_of_the_call() -> None:
    assert detect({"en": 0.99}, BOT, speech_seconds=0.6).language == "nb"


def test_a_small_share_of_a_strange_language_proves_nothing() -> None:
    assert detect({"ko": 0.67, "en": 0.09, "no": 0.01}, BOT, 2.0).language == "nb"


def test_the_norwegian_named_first_stands_for_both() -> None:
    assert detect({"no": 0.9}, ("en", "nn", "nb"), 3.0).language == "nn"
    assert detect({"nn": 0.9}, ("en", "nb", "nn"), 3.0).language == "nb"


def test_english_read_as_norwegian_needs_no_lead() -> None:
    assert reads_better(-0.14, home_logprob=-0.14)
    assert not reads_better(-0.73, home_logprob=-0.51)


@pytest.mark.parametrize(
    ("language", "nynorsk", "code"), [("nb", True, "no"), ("nn", True, "nn"), ("nn", False, "no"), ("uk", False, "uk")]
)
def test_codes(language: str, nynorsk: bool, code: str) -> None:
    assert whisper_code(language, knows_nynorsk=nynorsk) == code


@given(
    st.dictionaries(st.sampled_from(["no", "nn", "da", "en", "uk", "ru", "ko"]), st.floats(0, 1)),
    st.permutations(["nb", "nn", "en", "uk"]),
    st.integers(1, 4),
    st.floats(0, 30),
)
def test_always_one_of_the_bots_languages(
    probabilities: dict[str, float], languages: list[str], count: int, seconds: float
) -> None:
    found = detect(probabilities, languages[:count], seconds)
    assert found.language in languages[:count]
    assert 0.0 <= found.probability <= 1.0
