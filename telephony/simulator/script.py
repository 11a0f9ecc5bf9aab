"""What a simulated caller does: turns, and what is expected of each. docs/simulator.md describes the YAML form."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from telephony.errors import TelephonyError


class ScriptInvalid(TelephonyError):
    """A script that cannot be run; `faults` holds every fault, each with file and line."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("the script has faults:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Sentence:
    """Said with a synthetic voice."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Recording:
    """Said with a WAV file."""

    path: Path


@dataclass(frozen=True, slots=True)
class Keys:
    """Pressed on the keypad."""

    digits: str


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """The code from the last text message, pressed on the keypad. digits: how many it has."""

    digits: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing for some seconds, and no reply is expected."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing for at most some seconds, until the bot speaks of its own accord."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PutDown:
    """The caller hangs up."""


Act: TypeAlias = Sentence | Recording | Keys | CodeKeys | Wait | Silence | PutDown

REPLY = "reply"
GREETING = "greeting"
IMMEDIATELY = "immediately"
TOGETHER = "together"
CALLER = "+4799999999"
CALLED = "+4721000000"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the bot should make of a turn; None and empty mean that it does not matter.

    Args:
        article, rule: what the bot's decision was.
        said: patterns, each found in something the bot said in its reply.
        transfer: the department the caller is passed on to.
        hung_up: the bot ends the call.
        within_ms: from the caller's last audible sample to the bot's first.
    """

    article: str | None = None
    rule: str | None = None
    said: tuple[str, ...] = ()
    transfer: str | None = None
    hung_up: bool = False
    within_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing the caller does.

    Args:
        act: what.
        after: "reply", "greeting", "immediately", "together" (somebody can be heard who is not the bot), or seconds
            into the bot's speech.
        expect: what the bot should make of it.
        line: where it stands in the file, 0 when it has none.
        pressing: keys pressed half a second into what is said.
    """

    act: Act
    after: str | float = REPLY
    expect: Expectation = Expectation()
    line: int = 0
    pressing: str = ""


@dataclass(frozen=True, slots=True)
class Background:
    """Noise at the caller's end."""

    path: Path
    snr_db: float


@dataclass(frozen=True, slots=True)
class Loudspeaker:
    """The caller has the phone on the table: its microphone hears what its loudspeaker plays, in a small room.

    Args:
        db: how loud, against what is played; below 0.
        delay_ms: how late.
    """

    db: float = -15.0
    delay_ms: float = 80.0


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom the bot may ring, and what they do.

    Args:
        name: for people.
        number: E.164 or SIP address.
        turns: what they do once they have answered; afterwards they stay on the line.
        result: answered, busy, no-answer or failed.
        rings_seconds: for how long it rings first.
    """

    name: str
    number: str
    turns: tuple[Turn, ...] = ()
    result: str = "answered"
    rings_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Script:
    """A whole call from the caller's side.

    Args:
        name: for people.
        turns: what the caller does, in order.
        language: of the sentences.
        caller: who calls, E.164 or anonymous.
        called: the number called.
        noise: at the caller's end.
        loudspeaker: how the bot's voice comes back from the caller's end; None keeps it to the ear.
        seed: where in the noise the call begins.
        people: who may be rung for the caller.
        must_complete: whether turns never reached and replies that never come are faults.
    """

    name: str
    turns: tuple[Turn, ...]
    language: str = "en"
    caller: str = CALLER
    called: str = CALLED
    noise: Background | None = None
    loudspeaker: Loudspeaker | None = None
    seed: int = 0
    people: tuple[Colleague, ...] = ()
    must_complete: bool = True

    @property
    def sentences(self) -> frozenset[Sentence]:
        """Everything that anybody says in it."""
        everybody = (self.turns, *(colleague.turns for colleague in self.people))
        return frozenset(turn.act for turns in everybody for turn in turns if isinstance(turn.act, Sentence))


def script_of(name: str, language: str, acts: list[str | Path]) -> Script:
    """A script that says texts and WAV files one after the other, each after the bot's reply."""
    turns = [
        Turn(Recording(act) if isinstance(act, Path) else Sentence(act, language), GREETING if first else REPLY)
        for first, act in zip([True] + [False] * len(acts), acts, strict=False)
    ]
    return Script(name, tuple(turns), language)
