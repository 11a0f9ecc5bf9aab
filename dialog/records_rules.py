"""What a bot keeps of its calls, for how long, and whether it may record them: rules of the company, in bot.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

KEEPING = ("redacted", "facts", "nothing")
"""How much of a conversation is kept: its words with everything personal taken out; which rule decided what, without a
single word; or nothing but that there was a call."""

USUAL_DAYS: Mapping[str, int] = MappingProxyType(
    {"conversations": 90, "unanswered": 90, "callbacks": 30, "recordings": 30, "access_log": 730, "identity": 90}
)
"""Days until a record of each kind is deleted, where bot.yaml says nothing else."""

RECORDINGS = "recordings"
"""The kind whose days stand under `recording`, beside what it is about."""


@dataclass(frozen=True, slots=True)
class RecordingRules:
    """Calls may be recorded, each only when its caller has said yes.

    Args:
        purposes: per language, what the sound is for, as words that fit "May we record this call for ...?".
        asks: per language, the company's own question; a language without one gets the built-in one with its purpose.
        version: of the wording, kept with each answer; to be counted up whenever the wording changes.
    """

    purposes: Mapping[str, str]
    asks: Mapping[str, str]
    version: str


@dataclass(frozen=True, slots=True)
class RecordsRules:
    """What is kept of a bot's calls.

    Args:
        keep: one of `KEEPING`.
        days: until deletion, for each kind of `USUAL_DAYS`.
        recording: None when sound is never kept.
        controller: who answers for the personal data, as the law wants it named; "" is the bot's name.
        contact: an address or a number for questions about privacy, or "".
        page: a web page where callers read what is kept and ask for more, or None.
        purposes: per language, why conversations are kept; may be empty.
        bases: per language, the legal basis for keeping them; may be empty.
        history: people who take a caller over may read earlier conversations of the same caller.
    """

    keep: str = "redacted"
    days: Mapping[str, int] = field(default_factory=lambda: dict(USUAL_DAYS))
    recording: RecordingRules | None = None
    controller: str = ""
    contact: str = ""
    page: str | None = None
    purposes: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    history: bool = True
