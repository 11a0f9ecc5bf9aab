"""When is the caller done: how soon each rule ends real turns, and how often it cuts people off.

    python -m benchmarks.turns FOLDER [--traces FILE] [--models FOLDER] [--svg FILE]

FOLDER holds sets of recordings with known ends (see `turns_material`). Every pause of every turn is heard once by the
real detector, Whisper and smart-turn (about ten minutes on two cores; kept in --traces, which holds texts). Then each
rule goes through the real `Ear` on the audio clock: words come 110 ms after a pause, smart-turn's answer after 90.
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.ears_path import LINE_HZ, open_store
from benchmarks.turns_curve import Point, curve_svg
from benchmarks.turns_material import SHARES, Turn, turns_in
from benchmarks.turns_replay import Result, Rule, run
from benchmarks.turns_text import cue_rows
from benchmarks.turns_traces import TurnTrace, load, save, trace
from speech.audio import MODEL_RATE_HZ, Samples
from speech.endpointing import EndpointSettings
from speech.resampling import resample
from speech.smart_turn import SmartTurn
from speech.transcript import Utterance
from speech.vad import open_vads
from speech.whisper_models import WhisperChoice, WhisperModels

FREE = ("sentence", "short", "hesitation", "several")
DEFAULTS = EndpointSettings()


def fixed(ms: int) -> EndpointSettings:
    """The same silence for everything."""
    return EndpointSettings(open_ms=ms, untranscribed_ms=ms, wordless_ms=ms, digits_ms=ms)


RULES = (
    *(Rule(f"fixed {ms} ms", fixed(ms)) for ms in (300, 448, 640, 1000)),
    Rule("slot", DEFAULTS, slot=True),
    Rule("text", DEFAULTS, text=True),
    Rule("slot + text", DEFAULTS, slot=True, text=True),
    *(Rule(f"slot + text + smart-turn, asked {n}x", DEFAULTS, slot=True, text=True, probes=n) for n in (1, 2, 3)),
    Rule("the same, words after 300 ms", DEFAULTS, slot=True, text=True, probes=1, text_after_ms=300),
    Rule("smart-turn without slot", DEFAULTS, text=True, probes=1),
)


def scaled(settings: EndpointSettings, by: float) -> EndpointSettings:
    """The same settings, more or less patient where no slot decides."""
    return replace(
        settings,
        open_ms=round(settings.open_ms * by),
        question_ms=round(settings.question_ms * by),
        unfinished_ms=round(settings.unfinished_ms * by),
        wordless_ms=round(settings.wordless_ms * by),
        untranscribed_ms=round(settings.untranscribed_ms * by),
        model_ms=tuple((least, round(unclear * by), round(whole * by)) for least, unclear, whole in settings.model_ms),
    )


def curves(turns: list[Turn], traces: dict[str, TurnTrace]) -> dict[str, list[Point]]:
    """Delay of fluent sentences and cut-ins of free turns, for three families of rules and growing patience."""
    factors = (0.6, 0.8, 1.0, 1.25, 1.5, 2.0)
    families = {
        "fixed silence": [Rule("", fixed(ms)) for ms in (224, 320, 448, 640, 832, 1024)],
        "slot + text": [Rule("", scaled(DEFAULTS, by), slot=True, text=True) for by in factors],
        "slot + text + smart-turn": [Rule("", scaled(DEFAULTS, by), slot=True, text=True, probes=1) for by in factors],
    }
    return {name: [_point(run(rule, turns, traces)) for rule in rules] for name, rules in families.items()}


def _point(result: Result) -> Point:
    return Point(result.delays("sentence")[0], result.cut_ins(*FREE))


def row(result: Result) -> str:
    """A line of the table: cut-ins in percent, and median / p90 in ms, for free turns and for each kind."""
    columns = [FREE, *((kind,) for kind in SHARES)]
    cells = []
    for kinds in columns:
        median, p90 = result.delays(*kinds)
        cells.append(f"{result.cut_ins(*kinds):.1f} %, {median:.0f} / {p90:.0f}")
    return f"| {result.rule.name} | " + " | ".join(cells) + " |"


def hear(folder: Path, models: Path | None, kept: Path | None) -> tuple[list[Turn], dict[str, TurnTrace]]:
    """The turns, and what the ears know of their pauses; turns whose end the detector disputes are left out."""
    store = open_store(models)
    store.fetch("smart-turn")
    vads, smart_turn = open_vads(store), SmartTurn.open(store)
    whispers = WhisperModels(store, WhisperChoice(), workers=1)
    if smart_turn is None:
        raise SystemExit("smart-turn is missing")

    def transcribe(utterance: Utterance, language: str, expects: str) -> str:
        return whispers.transcribe(utterance, (language,), "digits" if expects == "digits" else "open").text

    def transcribe_samples(samples: Samples, language: str) -> str:
        whole = resample(samples, LINE_HZ, MODEL_RATE_HZ)
        return transcribe(Utterance(whole, 0.0, len(whole) / MODEL_RATE_HZ), language, "open")

    turns = turns_in(folder, transcribe_samples)
    if kept is not None and kept.exists():
        traces = load(kept)
    else:
        traces = [trace(turn, vads(), transcribe, smart_turn) for turn in turns]
        if kept is not None:
            save(traces, kept)
    by_name = {one.name: one for one in traces}
    agreed = [turn for turn in turns if by_name[turn.name].agrees_with(turn)]
    return agreed, by_name


def main() -> None:
    """Read the arguments, measure, print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--traces", type=Path, help="where to keep what the models said; holds texts")
    parser.add_argument("--models", type=Path, help="model store, ~/.cache/voicebot/models by default")
    parser.add_argument("--svg", type=Path, help="where to draw the curve")
    arguments = parser.parse_args()
    print("| texts | n | unfinished % | whole % |\n|---|---|---|---|")
    for cues in cue_rows(arguments.folder):
        print(f"| {cues.name} | {cues.count} | {cues.unfinished:.1f} | {cues.whole:.1f} |")
    turns, traces = hear(arguments.folder, arguments.models, arguments.traces)
    print(f"\n{len(turns)} turns: {dict(Counter((turn.kind, turn.language) for turn in turns))}\n")
    print("| rule | free turns | " + " | ".join(SHARES) + " |\n|" + "---|" * (len(SHARES) + 2))
    for rule in RULES:
        print(row(run(rule, turns, traces)), flush=True)
    found = curves(turns, traces)
    for name, points in found.items():
        print(name, " ".join(f"({point.delay_ms:.0f} ms, {point.cut_ins:.1f} %)" for point in points))
    if arguments.svg:
        arguments.svg.write_text(curve_svg(found))


if __name__ == "__main__":
    main()
