"""May this voice be streamed, and how loud is it? Tried once with real sentences; the verdict is kept beside the voice.

A stream cannot be levelled by looking at the whole sentence, so its gain is the voice's: measured here.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
import structlog

from speech.audio import Samples
from speech.loudness import TARGET_DBFS, speech_dbfs
from speech.piper_graph import NotSplittable
from speech.piper_network import CONTEXT_FRAMES, PARTS, PIECES, Delivery, SplitNetwork, WholeNetwork

log = structlog.get_logger(__name__)

VERDICT_FILE = "split.json"

WORST_ERROR = 1e-4
"""Largest difference of any sample from the unsplit network: -80 dBFS. Voices that split well stay below 1e-6."""

_CONTEXTS = (CONTEXT_FRAMES, 2 * CONTEXT_FRAMES, 4 * CONTEXT_FRAMES)
_EVERY_JOIN = (24,)
_PLANS = (PIECES, PARTS, _EVERY_JOIN)

SENTENCES = {
    "en": (
        "Yes, thank you.",
        "Which number does your order have?",
        "Your order has been sent and should arrive tomorrow.",
        "To speak with a person, press zero at any time.",
        "Our office is open from nine to four on weekdays, and it is closed on public holidays.",
    ),
    "nb": (
        "Ja, takk.",
        "Hvilket nummer har bestillingen din?",
        "Bestillingen er sendt og kommer trolig i morgen.",
        "Trykk null for å snakke med et menneske.",
        "Kontoret er åpent fra ni til fire på hverdager, og stengt på helligdager.",
    ),
    "uk": (
        "Так, дякую.",
        "Який номер вашого замовлення?",
        "Замовлення відправлено, воно має прибути завтра.",
        "Щоб поговорити з людиною, натисніть нуль.",
        "Наш офіс працює з дев'ятої до шістнадцятої в будні дні, у свята зачинено.",
    ),
}
"""What a voice is tried with: short and long, a question among them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about a voice.

    Args:
        voice: fingerprint of the model it holds for.
        runtime: version of onnxruntime, likewise.
        context_frames: what the pieces of a stream need of their neighbours; None when the voice cannot be split.
        gain: brings the voice's speech to `TARGET_DBFS` on average.
        worst_error: of any sample, against the unsplit network; None when the voice cannot be split.
    """

    voice: str
    runtime: str
    context_frames: int | None
    gain: float
    worst_error: float | None


def open_network(
    onnx: Path, voice: str, rate_hz: int, sentences: Sequence[Sequence[int]], delivery: Delivery
) -> tuple[WholeNetwork | SplitNetwork, Verdict]:
    """Load a voice the fastest way that is right.

    The first time takes seconds, for trying it out; after that the verdict is read.

    Args:
        onnx: the model; the verdict is kept beside it.
        voice: the voice's fingerprint.
        rate_hz: of the voice.
        sentences: phoneme ids to try it with.
        delivery: how the voice speaks when nobody asks for another way.
    """
    model = onnx.read_bytes()
    verdict = _read(onnx.parent, voice)
    if verdict is None:
        verdict = _judge(model, voice, rate_hz, sentences, delivery)
        _keep(onnx.parent, verdict)
    if verdict.context_frames is None:
        return WholeNetwork(model), verdict
    return SplitNetwork(model, verdict.context_frames), verdict


def _judge(model: bytes, voice: str, rate_hz: int, sentences: Sequence[Sequence[int]], delivery: Delivery) -> Verdict:
    whole = WholeNetwork(model)
    gain = _gain([whole.speak(ids, delivery) for ids in sentences], rate_hz)
    verdict = Verdict(voice, onnxruntime.__version__, None, gain, None)
    try:
        split = SplitNetwork(model)
        for split.context_frames in _CONTEXTS:
            error = max(_error(whole, split, ids, delivery) for ids in sorted(sentences, key=len)[-2:])
            if error <= WORST_ERROR:
                return replace(verdict, context_frames=split.context_frames, worst_error=error)
        why = f"a sample is off by {error:.1g}"
    except NotSplittable as reason:
        why = str(reason)
    except Exception as fault:  # onnxruntime has no common base class for a graph it does not take
        why = type(fault).__name__
    log.warning("voice_not_streamed", voice=voice, reason=why)
    return verdict


def _error(whole: WholeNetwork, split: SplitNetwork, ids: Sequence[int], delivery: Delivery) -> float:
    """The largest difference of any sample: the cut itself (without noise), and every join of every plan."""
    steady = replace(delivery, noise_scale=0.0, noise_w=0.0)
    errors = [_difference(whole.speak(ids, steady), split.decode(split.frames(ids, steady), steady))]
    frames = split.frames(ids, delivery)
    in_one = split.decode(frames, delivery)
    for plan in _PLANS:
        joined = np.concatenate([*split.decode_in_pieces(frames, delivery, plan)])
        errors.append(_difference(in_one, joined))
    return max(errors)


def _difference(one: Samples, other: Samples) -> float:
    return float(np.abs(one - other).max()) if one.shape == other.shape else float("inf")


def _gain(spoken: Sequence[Samples], rate_hz: int) -> float:
    levels = [dbfs for samples in spoken if (dbfs := speech_dbfs(samples, rate_hz)) is not None]
    return float(10 ** ((TARGET_DBFS - np.mean(levels)) / 20)) if levels else 1.0


def _read(folder: Path, voice: str) -> Verdict | None:
    try:
        verdict = Verdict(**json.loads((folder / VERDICT_FILE).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("voice_verdict_broken", file=VERDICT_FILE, folder=str(folder), error=type(error).__name__)
        return None
    current = verdict.voice == voice and verdict.runtime == onnxruntime.__version__
    return verdict if current and _sane(verdict) else None


def _sane(verdict: Verdict) -> bool:
    context = verdict.context_frames
    return isinstance(verdict.gain, float) and 0 < verdict.gain < 100 and (context is None or context in _CONTEXTS)


def _keep(folder: Path, verdict: Verdict) -> None:
    """Written in one step, so that two processes may start at once; a read-only folder only costs time."""
    try:
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".split-", suffix=".json", delete=False) as file:
            try:
                json.dump(asdict(verdict), file, indent=1)
                file.close()
                os.replace(file.name, folder / VERDICT_FILE)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        log.info("voice_verdict_not_kept", folder=str(folder), error=error.strerror)
