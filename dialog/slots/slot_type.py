"""What a slot type is: it finds its value in a caller's words, takes keys, mends mistakes, and says the value back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialog.hours import Hours


class SlotOptionsInvalid(ValueError):
    """A slot asks for a kind that does not exist, or for options that its kind cannot have.

    Args:
        what: what is wrong, in plain words, naming the option.
        cure: what to do about it.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} -> {cure}")
        self.what = what
        self.cure = cure


@dataclass(frozen=True, slots=True)
class SlotContext:
    """What a slot type may depend on.

    Args:
        language: nb, nn, en or uk.
        now: timezone-aware.
        partial: what is known so far of a value said in parts (digits, letters).
        hours: opening hours, to choose between 02:00 and 14:00.
        expected: the bot has just asked for it; False when it is looked for in passing, and then only what is
            unmistakable counts.
    """

    language: str
    now: datetime
    partial: str = ""
    hours: Hours | None = None
    expected: bool = True


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was found for a slot in the caller's words; all empty when nothing was.

    At most one of value, alternatives, partial and fault says something.

    Args:
        value: in its canonical form (docs/slots.md).
        alternatives: equally good readings, two or more: the bot asks which.
        partial: so far; more is needed.
        fault: "too_short", "too_long", "checksum", "pattern", "range", "past", "closed", "national_id" or
            "unknown_place".
        words: the caller's words it came from.
        sure: False when it should be read back before it is used.
    """

    value: str = ""
    alternatives: tuple[str, ...] = ()
    partial: str = ""
    fault: str = ""
    words: str = ""
    sure: bool = True

    def __bool__(self) -> bool:
        """True when anything was found, be it only a fault."""
        return bool(self.value or self.alternatives or self.partial or self.fault)


class SlotType(Protocol):
    """One kind of value. Nothing here raises, whatever the caller says."""

    @property
    def kind(self) -> str:
        """The `type:` in a flow file: "digits", "phone", "date" ..."""
        ...

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The value in a caller's words, joined to `context.partial` when there is one."""
        ...

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """The value typed so far on the keypad; "#" at the end means done. A type without keys finds nothing."""
        ...

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """The value mended ("nei, sju på slutten", "not five, nine"); empty when the words are no correction."""
        ...

    def listen(self, partial: str) -> tuple[str, int | None]:
        """What `events.Listen` should expect, and how many characters are still to come when that is known."""
        ...

    def read_back(self, value: str, language: str) -> str:
        """The value with its mark (`{92243711|phone}`) and the words around it, to be said to the caller."""
        ...
