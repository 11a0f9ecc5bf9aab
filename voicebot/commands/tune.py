"""`voicebot models tune`: hybrid or padded, by trial, for each Whisper there is."""

import json
import wave
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from speech.audio import MODEL_RATE_HZ, Samples
from speech.errors import ModelUnavailable
from speech.models import Kind, ModelStore
from speech.resampling import resample, to_samples
from speech.silence_cache import load_silence_cache, open_voice, spoken
from speech.whisper import MAX_SECONDS, Whisper
from speech.whisper_tuning import Sample, Trial, Verdict, compare, judge_trials, keep_verdict, median_ms, speech_seconds

_LINE_HZ = 8_000
_LEAD = MODEL_RATE_HZ * 15 // 100
_TRAIL = MODEL_RATE_HZ // 10
_SENTENCES = {
    "en": (
        "Yes.", "No.", "Okay.", "Stop.", "Monday.", "Seven.", "Invoice.", "Delivery.", "Thank you.", "A person.",
        "Not now.", "My order.", "Four two.", "Nine one six.", "Where is it?", "I don't know.", "Say that again.",
        "Seven one two zero five six.", "The third of May.", "I want to cancel my subscription.",
        "How much does it cost to send a parcel?", "Can I talk to somebody about my bill?",
        "My neighbour says that the power has been out since yesterday evening.",
        "I moved to a new flat in June, and I would like to know what happens to my contract.",
    ),
    "no": (
        "Ja.", "Nei.", "Greit.", "Stopp.", "Mandag.", "Sju.", "Faktura.", "Levering.", "Takk.", "Et menneske.",
        "Ikke nå.", "Min ordre.", "Fire to.", "Ni en seks.", "Hvor er den?", "Jeg vet ikke.", "Si det igjen.",
        "Sju en to null fem seks.", "Tredje mai.", "Jeg vil si opp abonnementet.",
        "Hva koster det å sende en pakke?", "Kan jeg snakke med noen om regningen min?",
        "Naboen sier at strømmen har vært borte siden i går kveld.",
        "Jeg flyttet til en ny leilighet i juni, og lurer på hva som skjer med avtalen min.",
    ),
}  # fmt: skip
_CODES = {"nb": "no", "nn": "no", "no": "no", "en": "en", "uk": "uk"}


def tune(store: ModelStore, model_id: str, voice_id: str, recordings: Path | None, console: Console) -> Verdict:
    """Try a prepared model both ways, print what came of it, and keep the verdict beside the model.

    Args:
        store: has the model and the voice.
        model_id: a Whisper; one without states of silence gets the verdict "padded" at once.
        voice_id: a Piper voice of a language the model hears.
        recordings: a folder with labels.jsonl, or None.
        console: where to print.
    Raises:
        ModelUnavailable: a file is missing or broken, or the verdict cannot be written.
    """
    folder = store.folder_of(model_id)
    silence = load_silence_cache(folder)
    today = date.today().isoformat()
    if silence is None:
        verdict, trials = Verdict("padded", 0.0, today), []
    else:
        whisper = Whisper(folder, silence=silence)
        samples = [*spoken_samples(store.folder_of(voice_id)), *(labelled(recordings) if recordings else ())]
        usable = [sample for sample in samples if whisper.multilingual or sample.code == "en"]
        with console.status(f"{model_id}: {len(usable)} samples, both ways"):
            trials = compare(whisper, usable)
        verdict = judge_trials(trials, today)
    try:
        keep_verdict(folder, verdict)
    except OSError as error:
        raise ModelUnavailable(f"the verdict on {model_id} cannot be written: {error.strerror}") from error
    _show(model_id, verdict, trials, console)
    return verdict


def whispers_in(store: ModelStore) -> list[str]:
    """The Whispers that are here."""
    return [model.id for model in store.catalogue if model.kind is Kind.WHISPER and store.has(model.id)]


def spoken_samples(voice_folder: Path) -> Iterator[Sample]:
    """Sentences of several lengths by a Piper voice, through the band of a telephone.

    Raises:
        ModelUnavailable: the folder holds no voice.
    """
    voice, code = open_voice(voice_folder)
    for text in _SENTENCES[code]:
        narrow = resample(resample(spoken(voice, text), MODEL_RATE_HZ, _LINE_HZ), _LINE_HZ, MODEL_RATE_HZ)
        yield Sample(np.pad(narrow, (_LEAD, _TRAIL)), text, code, speech_seconds(narrow))


def labelled(folder: Path) -> Iterator[Sample]:
    """The recordings of a folder whose words are in its labels.jsonl, as they come over a telephone.

    Each line of labels.jsonl is an object with "file" (a 16-bit WAV), "text", and "lang" (nb, nn, en or uk; English
    when missing). Lines without text, and recordings too long for Whisper, are passed over.

    Raises:
        ModelUnavailable: a file is missing or is not what it should be.
    """
    try:
        for line in (folder / "labels.jsonl").read_text("utf-8").splitlines():
            label = json.loads(line)
            if not label.get("text"):
                continue
            samples = _recording(folder / label["file"])
            if len(samples) <= MAX_SECONDS * MODEL_RATE_HZ:
                yield Sample(samples, label["text"], _CODES[label.get("lang", "en")], speech_seconds(samples))
    except (OSError, ValueError, KeyError, EOFError, wave.Error) as error:
        raise ModelUnavailable(f"{folder} is no folder of recordings with labels.jsonl: {error}") from error


def _recording(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path.name}: 16-bit PCM expected")
        pcm = np.frombuffer(file.readframes(-1), np.int16).reshape(-1, file.getnchannels())
        narrow = resample(to_samples(pcm[:, 0]), file.getframerate(), _LINE_HZ)
    return resample(narrow, _LINE_HZ, MODEL_RATE_HZ)


def _show(model_id: str, verdict: Verdict, trials: Sequence[Trial], console: Console) -> None:
    table = Table(title=model_id)
    for heading in ("speech", "samples", "words right", "ms p50", "times faster", "loops"):
        table.add_column(heading, no_wrap=True)
    for band in verdict.bands:
        low, high = band.seconds
        inside = [trial for trial in trials if low <= trial.seconds < high]
        if inside:
            table.add_row(
                f"{low:.1f}-{high:.1f} s",
                f"{band.samples}",
                f"{band.right[0]} / {band.right[1]} of {band.words}" + (" !" if band.worse else ""),
                f"{median_ms(inside, 0):.0f} / {median_ms(inside, 1):.0f}",
                f"{band.times_faster:.1f}",
                f"{band.loops[0]} / {band.loops[1]}",
            )
    if trials:
        console.print(table)
        console.print("hybrid / padded; ! where hybrid is measurably worse", highlight=False)
    rule = verdict.rule
    if verdict.padded_below_seconds:
        rule += f", padded below {verdict.padded_below_seconds:.1f} s of speech"
    console.print(f"{model_id}: {rule}", highlight=False)
