import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from speech.audio import MODEL_RATE_HZ, Samples
from speech.choice_match import fitting
from speech.ear import Ear
from speech.endpointing import UtteranceComplete
from speech.errors import ModelUnavailable, RecognitionFailed
from speech.models import ModelStore
from speech.recogniser import Recogniser, RecogniserSettings
from speech.resampling import resample, to_pcm16
from speech.silence_cache import load_silence_cache
from speech.transcript import Transcript, Utterance
from speech.vad import open_vads
from speech.whisper import Abandoned, Whisper
from speech.whisper_models import WhisperChoice, WhisperModels
from speech.whisper_tuning import Verdict, keep_verdict
from telephony.g711 import decode_ulaw, encode_ulaw

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def whispers(models: ModelStore) -> WhisperModels:
    return WhisperModels(models, WhisperChoice(), workers=1)


@pytest.fixture(scope="module")
def say(models: ModelStore) -> "Voice":
    return Voice(models.folder_of("piper-en-joe"))


class Voice:
    """Sentences by Piper at 16 kHz, cut out as `Ear` does."""

    def __init__(self, folder: Path) -> None:
        from piper import PiperVoice, SynthesisConfig

        self._always_the_same = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
        self._voice = PiperVoice.load(next(folder.glob("*.onnx")))

    def __call__(self, sentence: str) -> Samples:
        lead, trail = MODEL_RATE_HZ * 15 // 100, MODEL_RATE_HZ // 10
        spoken = [
            resample(np.asarray(chunk.audio_float_array, np.float32), chunk.sample_rate, MODEL_RATE_HZ)
            for chunk in self._voice.synthesize(sentence, self._always_the_same)
        ]
        return np.pad(np.concatenate(spoken) * np.float32(0.3), (lead, trail))


def hear(
    whispers: WhisperModels, samples: Samples, languages: Sequence[str] = ("en",), expects: str = "open"
) -> Transcript:
    return whispers.transcribe(Utterance(samples, 0.0, len(samples) / MODEL_RATE_HZ), languages, expects)


def test_a_sentence_by_the_hybrid_rule(whispers: WhisperModels, say: Voice) -> None:
    transcript = hear(whispers, say("Where is my parcel? It should have come on Tuesday."))
    assert "parcel" in transcript.text.lower()
    assert "tuesday" in transcript.text.lower()
    assert transcript.rule == "hybrid"
    assert whispers.rule_of("whisper-base") == "hybrid"
    assert transcript.rejected is None
    assert transcript.confidence > 0.5


def test_no_last_word_falls_to_the_token_limit(whispers: WhisperModels, say: Voice) -> None:
    transcript = hear(whispers, say("one two three four five six seven eight nine ten eleven twelve thirteen fourteen"))
    assert transcript.text.rstrip(".").lower().endswith(("fourteen", "14"))


def test_silence_hybrid_and_padded_agree(models: ModelStore, say: Voice, whispers: WhisperModels) -> None:
    padded = WhisperModels(models, WhisperChoice(hybrid=False), workers=1)
    speech = say("I would like to change my address.")
    assert hear(padded, speech).rule == "padded"
    assert hear(padded, speech).text == hear(whispers, speech).text


@pytest.mark.parametrize("level", [0.0, 0.0005, 0.05])
@pytest.mark.parametrize("language", ["nb", "en", "uk"])
def test_silence_and_noise_give_no_text(whispers: WhisperModels, level: float, language: str) -> None:
    noise = np.random.default_rng(4).normal(0, level, 2 * MODEL_RATE_HZ).astype(np.float32)
    transcript = hear(whispers, noise, (language,))
    assert transcript.rejected is not None
    assert transcript.text == ""


@pytest.mark.parametrize("samples", [0, 1, 399, 401, 1_600])
def test_any_short_piece_is_survived(whispers: WhisperModels, samples: int) -> None:
    hear(whispers, np.zeros(samples, np.float32), ("nb", "en"))


def test_the_longest_utterance_and_one_too_long(whispers: WhisperModels, say: Voice) -> None:
    sentences = (
        "The invoice that came on Monday is wrong, because I have paid it already.",
        "I moved to a new flat in June, and the old one was sold to somebody else.",
        "Please tell me what I have to do, and whom I should write to about the meter.",
        "My neighbour had the same problem last year, and it took him several weeks.",
        "I would rather talk to a person about this, but nobody answers the phone.",
    )
    speech = np.concatenate([say(sentence) for sentence in sentences])
    heard = hear(whispers, speech[: 20 * MODEL_RATE_HZ]).text
    assert "invoice" in heard
    assert "neighbour" in heard or "neighbor" in heard
    with pytest.raises(RecognitionFailed, match="at most"):
        hear(whispers, np.tile(speech, 3)[: 40 * MODEL_RATE_HZ])


def test_the_language_is_found_among_those_of_the_bot(whispers: WhisperModels, say: Voice) -> None:
    transcript = hear(
        whispers, say("Hello, where can I see how much power I have used this month?"), ("nb", "en", "uk")
    )
    assert transcript.language == "en"
    assert "power" in transcript.text


def test_words_stay_words_where_digits_are_expected(whispers: WhisperModels, say: Voice) -> None:
    assert "person" in hear(whispers, say("Let me talk to a person, please."), expects="digits").text.lower()
    digits = hear(whispers, say("Seven, one, two, zero, five, six."), expects="digits").text
    assert [character for character in digits if character.isdigit()] == list("712056")


def test_an_expected_answer_fits_its_own_sound_best(models: ModelStore, say: Voice) -> None:
    folder = models.folder_of("whisper-base")
    whisper = Whisper(folder, silence=load_silence_cache(folder))
    encoding = whisper.encode(say("Invoice."))
    fits = whisper.likelihoods(encoding, "en", ("Delivery", "Invoice", "A person"))
    assert fitting(("Delivery", "Invoice", "A person"), fits) == "Invoice"
    with pytest.raises(Abandoned):
        whisper.likelihoods(encoding, "en", ("Invoice",), abandoned=lambda: True)


def test_choices_leave_other_words_alone(whispers: WhisperModels, say: Voice) -> None:
    sound = say("Let me talk to a person.")
    utterance = Utterance(sound, 0.0, len(sound) / MODEL_RATE_HZ)
    heard = whispers.transcribe(utterance, ("en",), "choice", choices=("Delivery", "Invoice"))
    assert "person" in heard.text.lower()


def test_the_verdict_beside_a_model_is_obeyed(models: ModelStore, tmp_path: Path, say: Voice) -> None:
    folder = tmp_path / "whisper-tiny-en"
    shutil.copytree(models.folder_of("whisper-tiny-en"), folder)
    (tmp_path / "whisper-base").symlink_to(models.folder_of("whisper-base"))
    store = ModelStore(tmp_path)
    choice = WhisperChoice(models={"en": "whisper-tiny-en"})
    short, long = say("Yes."), say("Where is my parcel? It should have come on Tuesday.")

    keep_verdict(folder, Verdict("hybrid", 1.5, "2026-01-01"))
    tuned = WhisperModels(store, choice, workers=1)
    assert [hear(tuned, sound).rule for sound in (short, long)] == ["padded", "hybrid"]
    assert tuned.rule_of("whisper-tiny-en") == "hybrid"

    keep_verdict(folder, Verdict("padded", 0.0, "2026-01-01"))
    assert WhisperModels(store, choice, workers=1).rule_of("whisper-tiny-en") == "padded"


def test_between_steps_it_notices_that_nobody_waits(whispers: WhisperModels) -> None:
    asked = iter([False, True])
    with pytest.raises(Abandoned):
        whispers.transcribe(
            Utterance(np.zeros(16_000, np.float32), 0.0, 1.0), ("nb", "en"), abandoned=lambda: next(asked)
        )


@pytest.mark.parametrize("languages", [(), ("tlh",), ("nb", "de")])
def test_languages_must_be_ours(whispers: WhisperModels, languages: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="languages"):
        hear(whispers, np.zeros(16_000, np.float32), languages)


def test_an_english_model_serves_english_only(models: ModelStore, say: Voice) -> None:
    both = WhisperModels(models, WhisperChoice(models={"en": "whisper-tiny-en"}), workers=1)
    transcript = hear(both, say("My order has not arrived."), ("nb", "en"))
    assert (transcript.model, transcript.language) == ("whisper-tiny-en", "en")
    with pytest.raises(ModelUnavailable, match="English only"):
        WhisperModels(models, WhisperChoice(models={"nb": "whisper-tiny-en"}), workers=1)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        Whisper(tmp_path)


async def test_a_sentence_through_line_ear_and_recogniser(models: ModelStore, say: Voice) -> None:
    recogniser = Recogniser(models, RecogniserSettings(workers=1))
    await recogniser.start()
    try:
        speech = to_pcm16(resample(say("How do I return a jacket that is too small?"), MODEL_RATE_HZ, 8_000))
        line = decode_ulaw(encode_ulaw(np.pad(speech, (4_000, 12_000))))
        ear = Ear(open_vads(models)(), 8_000)
        complete = [
            event
            for start in range(0, len(line), 160)
            for event in ear.hear(line[start : start + 160])
            if isinstance(event, UtteranceComplete)
        ]
        assert len(complete) == 1
        transcript = await recogniser.transcribe(complete[0].utterance, ["en"])
        assert "jacket" in transcript.text
        assert transcript.rejected is None
    finally:
        await recogniser.close()
