"""A flow, once its file has been read and found right: immutable values, in the words of the file.

Steps stand in blocks: the flow's own, and those of a branch's cases, of a yes and a no, of a failure. Where a
conversation stands in a flow is a path through them: (2, "sent", 0) is the first step of the case `sent` of the third.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from dialog.slots.slot_type import SlotType

Texts: TypeAlias = Mapping[str, str]
"""One text per language, with places: `{slot}`, `{slot|kind}`, `{result.field}`, `{result.field|kind}`."""

ELSE = "else"
"""The case of a branch that is taken when no other is."""

FAILED = "failed"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Slot:
    """One value that a flow asks for.

    Args:
        id: its key in the flow.
        type: parses, checks and says its values.
        ask: the question.
        again: per language, the question in other words: one text per failed attempt.
        help: where the caller finds the value; may be empty.
        confirm: "always", "unsure" or "never": when the value is read back for a yes.
        required: False when the caller may skip it.
        choices: of a choice: by the id of an option, per language, what callers call it, the usual word first.
        read_back: asked in place of "I heard ..., is that right?"; may be empty.
    """

    id: str
    type: SlotType
    ask: Texts
    again: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    help: Texts = field(default_factory=dict)
    confirm: str = "unsure"
    required: bool = True
    choices: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    read_back: Texts = field(default_factory=dict)

    @property
    def values(self) -> tuple[str, ...]:
        """The only values it can have; empty when there is no end of them."""
        return ("yes", "no") if self.type.kind == "yes_no" else tuple(self.choices)


@dataclass(frozen=True, slots=True)
class Say:
    """Say a text."""

    texts: Texts


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for a slot unless it is known; with `again`, forget what is known first."""

    slot: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class DoAction:
    """Run a function of actions.py.

    Args:
        action: its name.
        arguments: by parameter: a slot, a field of an earlier result ("found.status"), or "=" and a literal.
        result: the name that its result's fields get, or "".
        failed: steps when it cannot be done; None says so and offers a person.
    """

    action: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    result: str = ""
    failed: "Block | None" = None


@dataclass(frozen=True, slots=True)
class Branch:
    """Go on in the case that a value names.

    Args:
        value: a slot or a field of a result.
        cases: steps by value; "else" for all others.
    """

    value: str
    cases: Mapping[str, "Block"]


@dataclass(frozen=True, slots=True)
class Confirm:
    """Ask a question for a yes or a no, and go on in that block."""

    texts: Texts
    yes: "Block" = ()
    no: "Block" = ()


@dataclass(frozen=True, slots=True)
class CallFlow:
    """Run another flow, and come back: slots and results of the same names are shared."""

    flow: str


@dataclass(frozen=True, slots=True)
class PassOn:
    """Pass the caller on to a person.

    Args:
        department: its id, or "" for the default one.
        reason: for the person's screen; "flow" when the file gives none.
    """

    department: str
    reason: str = "flow"


@dataclass(frozen=True, slots=True)
class End:
    """The flow is done."""


Step: TypeAlias = Say | Collect | DoAction | Branch | Confirm | CallFlow | PassOn | End
Block: TypeAlias = tuple[Step, ...]
Path: TypeAlias = tuple[int | str, ...]
"""Alternately the place in a block, from 0, and the name of the block inside that step."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a bot can do, from what starts it to its end.

    Args:
        id: the file name without `.yaml`.
        titles: per language, fits "Did you mean ...?".
        starts: per language, how callers ask for it.
        articles: ids of articles it takes the place of.
        slots: by id, in the order of the file.
        steps: its own block.
        cancelled: what is said when the caller cancels; may be empty.
        on_failure: after too many failed attempts, and for a caller who has not proven who they are.
        requires: the level of identity that must be proven before its first step; "" for none.
        built_in: it comes with the program (`dialog.callbacks`), not with the bot.
    """

    id: str
    titles: Texts
    starts: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, Slot]
    steps: Block
    articles: tuple[str, ...] = ()
    cancelled: Texts = field(default_factory=dict)
    on_failure: PassOn | End = PassOn("")
    requires: str = ""
    built_in: bool = False


def blocks_of(step: Step) -> Mapping[str, Block]:
    """The blocks inside a step, by name."""
    match step:
        case Branch(cases=cases):
            return cases
        case Confirm(yes=yes, no=no):
            return {YES: yes, NO: no}
        case DoAction(failed=failed) if failed is not None:
            return {FAILED: failed}
        case _:
            return {}


def block_at(flow: Flow, path: Path) -> Block:
    """The block that a path's last place counts in.

    Raises:
        LookupError: the flow has no such block.
    """
    block = flow.steps
    for place, name in zip(path[0:-1:2], path[1::2], strict=True):
        block = blocks_of(block[int(place)])[str(name)]
    return block


def step_at(flow: Flow, path: Path) -> Step | None:
    """The step at a path; None behind the last one of its block.

    Raises:
        LookupError: the flow has no such block.
    """
    block, place = block_at(flow, path), int(path[-1])
    return block[place] if 0 <= place < len(block) else None


def behind(path: Path) -> Path:
    """The place behind a step."""
    return (*path[:-1], int(path[-1]) + 1)


def every_step(block: Block, path: Path = ()) -> "list[tuple[Path, Step]]":
    """All steps of a block and of the blocks inside it, with their paths, in the order of the file."""
    found: list[tuple[Path, Step]] = []
    for place, step in enumerate(block):
        here = (*path, place)
        found.append((here, step))
        for name, inner in blocks_of(step).items():
            found += every_step(inner, (*here, name))
    return found
