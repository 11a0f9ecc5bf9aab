"""Running flows, from where they stand to what must be waited for. Nothing here decides what a caller meant."""

from dataclasses import dataclass, replace

from dialog.callback_rules import ASK_CALLBACK
from dialog.callbacks import told_result
from dialog.events import Prompt
from dialog.flows.asking import arguments_of, slot_of, with_filled, with_question, without
from dialog.flows.flow import (
    ELSE,
    FAILED,
    NO,
    YES,
    Branch,
    CallFlow,
    Collect,
    Confirm,
    DoAction,
    End,
    Flow,
    PassOn,
    Path,
    Say,
    Slot,
    Step,
    behind,
    every_step,
    step_at,
)
from dialog.flows.texts import flow_prompt
from dialog.identity import CODE, PROVE, is_enough
from dialog.scene import Scene
from dialog.state import (
    Acting,
    Filled,
    Frame,
    ProofOffered,
    Proving,
    SlotAsked,
    SlotDoubtful,
    StepConfirm,
)

Frames = tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class ActionWanted:
    """The flow waits for an action. arguments: by parameter."""

    name: str
    arguments: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ended:
    """The flow that the caller had begun is over.

    Args:
        frame: as it stood then.
        handoff: to whom, when it ends with a person; None when it is done.
    """

    frame: Frame
    handoff: PassOn | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the flows have come.

    Args:
        prompts: said on the way.
        frames: as they stand now.
        stop: what has to happen: None is the question of the frame on top.
    """

    prompts: tuple[Prompt, ...]
    frames: Frames
    stop: ActionWanted | Ended | None = None


def advance(scene: Scene, frames: Frames, ticket: int) -> Progress:
    """Run the flow on top until it must wait, or has ended; no step of it without the identity that it requires.

    Args:
        scene: of the turn.
        frames: under way, the one that has the floor last; at least one.
        ticket: for the next act.
    """
    said: list[Prompt] = []
    while True:
        frame = frames[-1]
        flow = scene.bot.flow(frame.flow)
        if not is_enough(scene.state.proof, flow.requires):
            unproven, wanted = _unproven(scene, frame, ticket)
            return Progress(tuple(said), (*frames[:-1], unproven), wanted)
        step = step_at(flow, frame.at)
        if isinstance(step, End) or (step is None and len(frame.at) == 1):
            frames = _returned(frames)
            if not frame.called:
                return Progress(tuple(said), frames, Ended(frame))
            continue
        if isinstance(step, PassOn):
            return Progress(tuple(said), without_top(frames), Ended(frame, step))
        if isinstance(step, Say):
            prompt = flow_prompt(scene, frame, step.texts)
            said += () if prompt is None else (prompt,)
        waiting = _waiting(flow, frame, step, ticket)
        if waiting is not None:
            stop = ActionWanted(step.action, arguments_of(scene, step, frame)) if isinstance(step, DoAction) else None
            return Progress(tuple(said), (*frames[:-1], waiting), stop)
        frames = (*frames[:-1], replace(frame, at=_next(frame, step), question=None))
        if isinstance(step, CallFlow):
            frames = (*frames, _called(scene.bot.flow(step.flow), frames[-1]))


def _unproven(scene: Scene, frame: Frame, ticket: int) -> tuple[Frame, ActionWanted | None]:
    """The frame before its first step: offered a proof, asked for a code, or waiting for what the code proves."""
    code = frame.filled(CODE)
    if code is not None and code.value:
        # Gone from the frame before anything can be kept of it.
        level, language = scene.bot.flow(frame.flow).requires, scene.language
        arguments = {"step": "code", "code": code.value, "level": level, "language": language}
        return with_question(without(frame, CODE), Proving(ticket, "code")), ActionWanted(PROVE, arguments)
    match frame.question:
        case SlotAsked(slot=slot, attempts=attempts) if slot == CODE and code is not None:
            most = len(slot_of(scene, frame, CODE).again[scene.language])
            return with_question(without(frame, CODE), SlotAsked(CODE, min(attempts + 1, most))), None
        case SlotAsked(slot=slot) if slot == CODE:
            return frame, None
        case ProofOffered() | Proving():
            return frame, None
        case _:
            return with_question(frame, ProofOffered()), None


def _waiting(flow: Flow, frame: Frame, step: Step | None, ticket: int) -> Frame | None:
    """The frame with the question it waits with; None when it can go on."""
    match step:
        case Collect(slot=slot, again=again):
            if again and frame.question is None:
                return with_question(without(frame, slot), SlotAsked(slot))
            filled = frame.filled(slot)
            if filled is None:
                return with_question(frame, SlotAsked(slot))
            if not is_doubtful(flow.slots[slot], filled):
                return None
            denied = frame.question.denied if isinstance(frame.question, SlotAsked | SlotDoubtful) else 0
            return with_question(frame, SlotDoubtful(slot, denied=denied))
        case Confirm():
            return with_question(frame, StepConfirm())
        case DoAction():
            return with_question(frame, Acting(ticket))
        case _:
            return None


def is_doubtful(slot: Slot, filled: Filled) -> bool:
    """True when a value must be confirmed before it is used."""
    if filled.alternatives:
        return True
    if filled.confirmed or not filled.value or slot.confirm == "never":
        return False
    return slot.confirm == "always" or not filled.sure


def _next(frame: Frame, step: Step | None) -> Path:
    """Where a flow goes on: into a case, behind a step, or behind the step whose block is at its end."""
    if step is None:
        return behind(frame.at[:-2])
    if isinstance(step, Branch):
        value = frame.value(step.value)
        case = value if value in step.cases else ELSE
        return (*frame.at, case, 0) if case in step.cases else behind(frame.at)
    return behind(frame.at)


def _called(flow: Flow, caller: Frame) -> Frame:
    """A flow begun by another one: it knows what that one knows by the same name."""
    shared = tuple(filled for filled in caller.slots if filled.slot in flow.slots)
    return Frame(flow.id, slots=shared, results=caller.results, called=True)


def _returned(frames: Frames) -> Frames:
    """Without the frame on top; what it learnt is known to the flow that called it."""
    done, rest = frames[-1], frames[:-1]
    if not done.called or not rest:
        return rest
    caller = rest[-1]
    for filled in done.slots:
        caller = with_filled(caller, filled)
    results = {**dict(caller.results), **dict(done.results)}
    return (*rest[:-1], replace(caller, results=tuple(results.items())))


def without_top(frames: Frames) -> Frames:
    """Without the flow that the caller began last, and all that it called."""
    while frames and frames[-1].called:
        frames = frames[:-1]
    return frames[:-1]


def answered(frame: Frame, yes: bool) -> Frame:
    """The frame behind a question of its own: in the block of the answer."""
    return replace(frame, at=(*frame.at, YES if yes else NO, 0), question=None)


def done(scene: Scene, frame: Frame, result: dict[str, str]) -> Frame:
    """The frame behind an action that was done, knowing its result."""
    step = step_at(scene.bot.flow(frame.flow), frame.at)
    name = step.result if isinstance(step, DoAction) else ""
    if isinstance(step, DoAction) and step.action == ASK_CALLBACK:
        result = told_result(scene.bot, result)
    kept = tuple(pair for pair in frame.results if not (name and pair[0].startswith(f"{name}.")))
    known = tuple((f"{name}.{field}", text) for field, text in result.items()) if name else ()
    return replace(frame, at=behind(frame.at), results=kept + known, question=None)


def failed(scene: Scene, frame: Frame) -> Frame | None:
    """The frame in the steps for an action that could not be done; None when the flow has none."""
    step = step_at(scene.bot.flow(frame.flow), frame.at)
    if not isinstance(step, DoAction) or step.failed is None:
        return None
    return replace(frame, at=(*frame.at, FAILED, 0), question=None)


def rewound(scene: Scene, frame: Frame, slot: str) -> Frame:
    """The frame before the first action that used a slot, when the caller has mended it since; else where it was."""
    for path, step in every_step(scene.bot.flow(frame.flow).steps):
        used = isinstance(step, DoAction) and slot in step.arguments.values()
        if used and len(path) == 1 and int(path[0]) < int(frame.at[0]):
            return replace(frame, at=path, question=None)
    return frame
