"""How much of real speech the ears get right at 8 kHz μ-law, how often the gate rejects it, and how long it takes.

    python -m benchmarks.ears_recognition FOLDER [--padded] [--english-model ID] [--models FOLDER] [--json FILE]

FOLDER holds the sets named in `SETS`, each a folder with WAV files and labels.jsonl. Everything goes over the telephone
line, through `Ear` and through the recogniser, twice: in the language it is in, and with the language to be found among
Norwegian (the language of the call), English and Ukrainian.
"""

import argparse
import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from benchmarks.ears_path import hear_all, open_store, over_the_phone, percentiles, read_wav
from speech.recogniser import Recogniser, RecogniserSettings
from speech.transcript import Transcript
from speech.vad import open_vads

BOT_LANGUAGES = ("nb", "en", "uk")

_DIGITS_OF = {
    "en": "zero one two three four five six seven eight nine",
    "nb": "null en to tre fire fem seks sju åtte ni "
    "ti elleve tolv tretten fjorten femten seksten sytten atten nitten tjue",
}
_ALSO = {"oh": "0", "o": "0", "ett": "1", "én": "1", "syv": "7", "tyve": "20"}


@dataclass(frozen=True, slots=True)
class Score:
    """How much of one recording was right: units heard of units spoken."""

    right: int
    of: int


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return re.findall(r"[^\W_]+", text.lower())


def digits_of(text: str, language: str) -> str:
    """Digits written or spelled out, and single letters, joined."""
    names = {name: str(value) for value, name in enumerate(_DIGITS_OF[language].split())} | _ALSO
    words = [names.get(word, word) for word in words_of(text)]
    return "".join(word.upper() for word in words if word.isdigit() or len(word) == 1 or re.search(r"\d", word))


def word_score(label: dict[str, Any], text: str, language: str) -> Score | None:
    """Words of the reference less word errors, not below 0; unlabelled recordings have no score."""
    if not label.get("text") or "?" in str(label["text"]).replace("[?]", "") and language == "uk":
        return None
    reference = words_of(str(label["text"]).replace("[?]", " "))
    return Score(max(0, len(reference) - Levenshtein.distance(reference, words_of(text))), len(reference))


def slot_score(label: dict[str, Any], text: str, language: str) -> Score:
    """Slot values all of whose words were heard."""
    heard = set(words_of(text))
    values = [words_of(value) for value in label["slots"].values()]
    return Score(sum(set(value) <= heard for value in values), len(values))


def number_score(label: dict[str, Any], text: str, language: str) -> Score:
    """1 of 1 when the whole number is exact."""
    return Score(int(digits_of(text, language) == label.get("digits", label.get("value"))), 1)


def keyword_score(label: dict[str, Any], text: str, language: str) -> Score:
    """1 of 1 when the word was heard within two letters."""
    return Score(int(Levenshtein.distance(label["text"].lower(), " ".join(words_of(text))) <= 2), 1)


@dataclass(frozen=True, slots=True)
class SpeechSet:
    """A folder of recordings and how to mark them."""

    folder: str
    language: str
    expects: str
    score: Callable[[dict[str, Any], str, str], Score | None]
    only: str = ""


SETS = (
    SpeechSet("speech_en_commands_picovoice", "en", "open", slot_score),
    SpeechSet("speech_en_misc", "en", "open", word_score),
    SpeechSet("telephony_prompts_asterisk", "en", "open", word_score, only="en_"),
    SpeechSet("speech_digits_en_fsdd", "en", "digits", number_score),
    SpeechSet("speech_numbers_nb_gcompris", "nb", "digits", number_score),
    SpeechSet("speech_words_nb_gcompris", "nb", "choice", keyword_score),
    SpeechSet("speech_nb_sentences", "nb", "open", word_score),
    SpeechSet("speech_uk_clips", "uk", "open", word_score),
)


@dataclass(slots=True)
class Tally:
    """The sums of one set in one mode."""

    right: int = 0
    of: int = 0
    recordings: int = 0
    unheard: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    utterances: int = 0
    compute_ms: list[float] = field(default_factory=list)

    def add(self, transcripts: list[Transcript], score: Score | None) -> None:
        """Count one recording."""
        self.recordings += 1
        self.unheard += not transcripts
        if score is not None:
            self.right, self.of = self.right + score.right, self.of + score.of
        for transcript in transcripts:
            self.utterances += 1
            self.languages[transcript.language] += 1
            self.compute_ms.append(transcript.compute_ms)
            if transcript.rejected:
                self.rejected[transcript.rejected] += 1

    def row(self, name: str, mode: str) -> str:
        """A line for the table."""
        share = f"{self.right}/{self.of} = {100 * self.right / self.of:.1f} %" if self.of else "no reference"
        return (
            f"{name:30} {mode:6} {self.recordings:3} files {self.utterances:3} utterances, right {share:20} "
            f"rejected {dict(self.rejected) or 0}, unheard {self.unheard}, "
            f"languages {dict(self.languages)}, ms {percentiles(self.compute_ms)}"
        )


def labels_in(folder: Path, only: str) -> Iterator[dict[str, Any]]:
    """The labels of the recordings whose names begin with `only`."""
    for line in (folder / "labels.jsonl").read_text().splitlines():
        label: dict[str, Any] = json.loads(line)
        if label["file"].startswith(only):
            yield label


async def measure(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Run all sets; print a line for each and mode; return one row for each utterance."""
    store = open_store(arguments.models)
    vads = open_vads(store)
    models = {"en": arguments.english_model} if arguments.english_model else {}
    if arguments.english_model:
        store.fetch(arguments.english_model)
    recogniser = Recogniser(store, RecogniserSettings(models=models, hybrid=not arguments.padded))
    await recogniser.start()
    rows: list[dict[str, Any]] = []
    everything: list[float] = []
    for speech_set in SETS:
        if arguments.only and arguments.only not in speech_set.folder:
            continue
        for mode, languages in (("fixed", (speech_set.language,)), ("found", BOT_LANGUAGES)):
            tally = Tally()
            for label in labels_in(arguments.folder / speech_set.folder, speech_set.only):
                rate_hz, samples = read_wav(arguments.folder / speech_set.folder / label["file"])
                utterances = list(hear_all(over_the_phone(samples, rate_hz), vads, speech_set.expects))
                heard = [
                    await recogniser.transcribe(utterance, languages, expects=speech_set.expects)
                    for utterance in utterances
                ]
                text = " ".join(transcript.text for transcript in heard)
                tally.add(heard, speech_set.score(label, text, speech_set.language))
                rows += [
                    {"file": label["file"], "set": speech_set.folder, "mode": mode}
                    | (asdict(utterance.evidence) if utterance.evidence else {})
                    | asdict(transcript)
                    for utterance, transcript in zip(utterances, heard, strict=True)
                ]
            everything += tally.compute_ms
            print(tally.row(speech_set.folder, mode), flush=True)
    print(f"all {len(everything)} utterances: compute ms p50 / p95 {percentiles(everything)}")
    await recogniser.close()
    return rows


def main() -> None:
    """Read the arguments, measure, write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--padded", action="store_true", help="without the hybrid rule, for comparison")
    parser.add_argument("--english-model", help="model id for English, such as whisper-tiny-en")
    parser.add_argument("--only", help="only sets whose name contains this")
    parser.add_argument("--models", type=Path, help="model store, ~/.cache/voicebot/models by default")
    parser.add_argument("--json", type=Path, help="where to write one row for each utterance; holds texts")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
