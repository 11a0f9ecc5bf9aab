"""The voice of last resort, and that it gets along with the espeak-ng inside Piper."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from piper.phonemize_espeak import EspeakPhonemizer

from speech.errors import SynthesisFailed
from speech.espeak_voice import EspeakVoice
from speech.loudness import TARGET_DBFS, level, speech_dbfs
from speech.resampling import to_samples
from speech.spoken_forms.languages import rules_for

SENTENCES = {
    "nb": "Hei, du har kommet til Nordlys.",
    "nn": "Hei, du har kome til Nordlys.",
    "en": "Hello, you have reached Nordlys.",
    "uk": "Вітаємо, це Нордліс. П'ять гривень.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_it_speaks_every_language_of_the_bot(language: str) -> None:
    voice = EspeakVoice(language)
    samples = voice.synthesize(SENTENCES[language], slower=False)
    assert samples.dtype == np.float32
    assert 1.0 < len(samples) / voice.rate_hz < 6.0
    assert 0.1 < np.abs(samples).max() <= 1.0


def test_slower_is_slower() -> None:
    voice = EspeakVoice("nb")
    plain, slow = (len(voice.synthesize(SENTENCES["nb"], slower=slower)) for slower in (False, True))
    assert slow > 1.15 * plain


@pytest.mark.parametrize("odd", ["", "...", "\0", "\ud800", "<speak>&amp;", "[[h@]]", "æ" * 3_000])
def test_odd_text_is_no_fault(odd: str) -> None:
    EspeakVoice("nb").synthesize(odd, slower=False)


def test_a_language_without_a_voice_is_refused() -> None:
    with pytest.raises(SynthesisFailed, match="xx"):
        EspeakVoice("xx")


def test_words_it_gets_wrong_are_spelled_as_they_sound() -> None:
    voice = EspeakVoice("nb")
    fixed, sounded = (len(voice.synthesize(text, False)) for text in ("dette og dette", "dette å dette"))
    assert fixed == pytest.approx(sounded, rel=0.02)


@pytest.mark.parametrize(
    ("language", "voice", "own_names"), [("en", "en-us", "wzæøå"), ("nb", "nb", "jz"), ("nn", "nb", "jz")]
)
def test_names_of_letters_sound_like_the_letters(language: str, voice: str, own_names: str) -> None:
    """`own_names`: where we say the letter differently on purpose ("zed"), or espeak stresses it otherwise."""
    phonemizer = EspeakPhonemizer()

    def sound(text: str) -> str:
        return "".join(phonemizer.phonemize(voice, text)[0]).replace("\u02c8", "")

    for letter, name in rules_for(language).letters.items():
        if letter not in own_names:
            assert sound(name) == sound(letter.upper()), letter


def test_voices_of_several_languages_do_not_disturb_each_other() -> None:
    voices = {language: EspeakVoice(language) for language in SENTENCES}
    alone = {language: len(voice.synthesize(SENTENCES[language], False)) for language, voice in voices.items()}
    with ThreadPoolExecutor(4) as pool:
        jobs = [(language, pool.submit(voices[language].synthesize, SENTENCES[language], False)) for language in
                list(SENTENCES) * 5]  # fmt: skip
        for language, job in jobs:
            assert len(job.result()) == pytest.approx(alone[language], rel=0.02)


def test_piper_s_phonemes_stay_right_while_espeak_speaks() -> None:
    phonemizer, voice = EspeakPhonemizer(), EspeakVoice("uk")
    phonemes = phonemizer.phonemize("en-us", SENTENCES["en"])
    alone = len(voice.synthesize(SENTENCES["uk"], False))
    with ThreadPoolExecutor(1) as pool:
        for _ in range(10):
            speaking = pool.submit(voice.synthesize, SENTENCES["uk"], False)
            assert phonemizer.phonemize("en-us", SENTENCES["en"]) == phonemes
            assert len(speaking.result()) == pytest.approx(alone, rel=0.02)


def test_one_language_does_not_rub_off_on_the_next() -> None:
    alone = len(EspeakVoice("en").synthesize(SENTENCES["en"], slower=False))
    EspeakVoice("nb").synthesize(SENTENCES["nb"], slower=True)
    assert len(EspeakVoice("en").synthesize(SENTENCES["en"], slower=False)) == pytest.approx(alone, rel=0.02)


@pytest.mark.parametrize("language", SENTENCES)
def test_it_is_as_loud_as_any_voice_on_the_line(language: str) -> None:
    voice = EspeakVoice(language)
    pcm = level(voice.synthesize(SENTENCES[language], slower=False), voice.rate_hz)
    assert speech_dbfs(to_samples(pcm), voice.rate_hz) == pytest.approx(TARGET_DBFS, abs=1.5)
