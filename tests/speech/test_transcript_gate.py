from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.transcript import VoiceEvidence
from speech.transcript_gate import Rejection, is_loop, judge
from speech.whisper import Decoding

CLEAR = VoiceEvidence(speech_seconds=1.5, mean_probability=0.97, level_dbfs=-25, noise_dbfs=-60)
WEAK = VoiceEvidence(speech_seconds=0.3, mean_probability=0.6, level_dbfs=-35, noise_dbfs=-39)


def decoded(text: str, logprob: float = -0.3, no_speech: float = 0.1, seconds: float = 3.0) -> Decoding:
    return Decoding(
        text=text,
        average_logprob=logprob,
        no_speech_probability=no_speech,
        tokens=len(text) // 3,
        cut_off=False,
        seconds=seconds,
        rule="hybrid",
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hvor er pakken min?", "nb"),
        ("Ja.", "nb"),
        ("Takk!", "nb"),
        ("Kor mykje kostar straumen?", "nn"),
        ("Thank you.", "en"),
        ("No, no, no, no.", "en"),
        ("4 7 1 2 0 5", "en"),
        ("0000 0000", "nb"),
        ("Де моя посилка?", "uk"),
        ("Я чекаю на посилку з IKEA", "uk"),
    ],
)
def test_what_callers_say_passes(text: str, language: str) -> None:
    assert judge(decoded(text), language, CLEAR) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Teksting av Nicolai Winther", "nb"),
        ("Undertekster av Ai-Media", "nb"),
        ("Takk for at du så på!", "nb"),
        ("Thanks for watching!", "en"),
        ("Subtitles by the Amara.org community", "en"),
        ("Дякую за перегляд!", "uk"),
        ("Субтитри зробив DimaTorzok", "uk"),
    ],
)
def test_what_only_subtitles_say_never_passes(text: str, language: str) -> None:
    assert judge(decoded(text), language, CLEAR) is Rejection.INVENTED


@pytest.mark.parametrize(
    ("text", "language"), [("you", "en"), ("Thank you.", "en"), ("Takk.", "nb"), ("Дякую.", "uk"), ("Du.", "nb")]
)
def test_polite_inventions_need_clear_speech(text: str, language: str) -> None:
    assert judge(decoded(text), language, CLEAR) is None
    assert judge(decoded(text), language, WEAK) is Rejection.INVENTED
    assert judge(decoded(text), language, None) is Rejection.INVENTED


def test_whispers_own_doubt_is_outweighed_by_clear_speech_and_likely_words_together() -> None:
    slow_digits = decoded("9 7 2 1 4 3 8 8", logprob=-0.24, no_speech=0.73)
    assert judge(slow_digits, "en", CLEAR) is None
    assert judge(slow_digits, "en", WEAK) is Rejection.NO_SPEECH
    assert judge(slow_digits, "en", None) is Rejection.NO_SPEECH
    assert judge(replace(slow_digits, average_logprob=-0.9), "en", CLEAR) is Rejection.NO_SPEECH
    assert judge(replace(slow_digits, no_speech_probability=0.95), "en", CLEAR) is Rejection.NO_SPEECH


@pytest.mark.parametrize("text", ["", ".", "...", "♪♪", "[Musikk]", "(phone rings)", "♪ la la ♪"])
def test_marks_of_sound_are_no_words(text: str) -> None:
    assert judge(decoded(text), "nb", CLEAR) is Rejection.NO_WORDS


@pytest.mark.parametrize(
    ("text", "language"), [("Привет, как дела", "nb"), ("ご視聴ありがとうございました", "en"), ("Hello there", "uk")]
)
def test_another_script_is_not_what_was_said(text: str, language: str) -> None:
    assert judge(decoded(text), language, CLEAR) is Rejection.WRONG_SCRIPT


@pytest.mark.parametrize(
    "text",
    [
        "Sen i, sen i, sen i, sen i,",
        "veldig veldig veldig veldig veldig veldig veldig",
        "jeg vil gjerne jeg vil gjerne jeg vil gjerne",
        "3, 2, 9, 1, 3, 6, 7, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9",
        "цю " * 30,
    ],
)
def test_loops(text: str) -> None:
    assert is_loop(decoded(text))
    assert judge(decoded(text), "uk" if "ц" in text else "nb", CLEAR) is Rejection.LOOP


def test_running_into_the_token_limit_is_a_loop() -> None:
    assert is_loop(replace(decoded("og så videre"), cut_off=True))


@pytest.mark.parametrize("text", ["no no no", "ja ja ja ja", "1 1 1 1 1 1 1 1", "bla bla bla", "nei nei nei nei nei"])
def test_repetition_that_people_do_is_no_loop(text: str) -> None:
    assert not is_loop(decoded(text, seconds=3.0))


def test_too_little_speech_and_too_unlikely_words() -> None:
    assert judge(decoded("Ja."), "nb", replace(CLEAR, speech_seconds=0.064)) is Rejection.TOO_SHORT
    assert judge(decoded("Nelke er det jo?", logprob=-1.3), "nb", CLEAR) is Rejection.UNLIKELY


@given(st.text(max_size=200), st.sampled_from(["nb", "nn", "en", "uk"]))
def test_no_text_breaks_the_gate(text: str, language: str) -> None:
    judge(decoded(text), language, CLEAR)
