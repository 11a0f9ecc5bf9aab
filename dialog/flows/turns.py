"""What the caller's words do to the flow under way: values, a yes, a mistake mended, a way out."""

from dataclasses import replace
from typing import Any

from dialog.callbacks import NUMBERS
from dialog.closing import closing
from dialog.commands import Answer, Correct
from dialog.events import Listen, Prompt
from dialog.flows import proving
from dialog.flows.asking import asked, awaited, slot_of, with_filled, with_question, without
from dialog.flows.flow import Collect, PassOn, Path, Slot, every_step
from dialog.flows.run import answered, done, failed, rewound, without_top
from dialog.flows.texts import flow_prompt
from dialog.handoff import Reachable, find_person
from dialog.identity import CODE
from dialog.scene import Draft, Scene
from dialog.slots.slot_type import Parsed
from dialog.state import (
    Filled,
    Frame,
    InFlow,
    PersonOffered,
    ProofOffered,
    Proving,
    SlotAsked,
    SlotDoubtful,
    StepConfirm,
)
from dialog.topics import after, carry_on, handed_over

ATTEMPTS = 2
"""Failed attempts at a slot that a flow has no other words for, before it gives up."""

PATIENT_ATTEMPTS = 3
"""Answers to a yes-or-no question that were neither, and values read back that were wrong."""

PATIENT_SECONDS = 25.0
"""For who asked for a moment: long enough to fetch a letter, not so long that the line seems dead."""

NUMBER = "number"
"""Why a callback cannot be taken, when the caller may mend it."""

FAULTS = (
    "too_short", "too_long", "checksum", "pattern", "range", "past", "closed", "national_id", "unknown_place",
)  # fmt: skip
"""What can be wrong with a value; each has a key in the wording, behind `slot_`."""


def answer(scene: Scene, command: Answer, sure: bool) -> Draft:
    """Something was said for the slot that is open.

    Args:
        scene: of the turn.
        command: what was found.
        sure: False when the words were heard badly.
    """
    frame = _top(scene)
    slot = _open_slot(scene, frame)
    parsed = command.parsed
    if slot is None or not (parsed or command.others):
        return missed(scene, "no_answer")
    if not parsed:
        # Not what was asked for, but what would have been: kept, and the question asked again.
        return carry_on(scene, (*scene.state.frames[:-1], _with_others(frame, command, sure)), "slot")
    if parsed.fault:
        return missed(scene, parsed.fault, (scene.say(f"slot_{parsed.fault}"),) if parsed.fault in FAULTS else ())
    if parsed.partial:
        return _more(scene, frame, slot, parsed)
    frame = _with_others(with_filled(frame, _filled(frame, slot, parsed, sure)), command, sure)
    return carry_on(scene, (*scene.state.frames[:-1], frame), "slot")


def _with_others(frame: Frame, command: Answer, sure: bool) -> Frame:
    for other, value in command.others:
        if frame.filled(other) is None:
            found = Filled(other, value.value, value.alternatives, value.words, value.sure and sure)
            frame = with_filled(frame, found)
    return frame


def _filled(frame: Frame, slot: Slot, parsed: Parsed, sure: bool) -> Filled:
    """What is known now; a value that was read back or offered, and is said again, is confirmed by that."""
    before = frame.filled(slot.id)
    offered = (before.value, *before.alternatives) if before is not None and _doubted(frame) else ()
    confirmed = bool(parsed.value) and parsed.value in offered
    return Filled(slot.id, parsed.value, parsed.alternatives, parsed.words, parsed.sure and sure, confirmed)


def _doubted(frame: Frame) -> bool:
    return isinstance(frame.question, SlotDoubtful)


def _more(scene: Scene, frame: Frame, slot: Slot, parsed: Parsed) -> Draft:
    """A part of a value: the rest is waited for."""
    attempts = frame.question.attempts if isinstance(frame.question, SlotAsked) else 0
    waiting = with_question(frame, SlotAsked(slot.id, attempts, parsed.partial))
    return _waiting(scene, waiting, "slot_part", (scene.say("slot_rest"),), repeatable=False)


def _waiting(
    scene: Scene, frame: Frame, rule: str, prompts: tuple[Prompt, ...], repeatable: bool = True, misses: int = 0
) -> Draft:
    frames = (*scene.state.frames[:-1], frame)
    action = awaited(scene, frame)
    return Draft(prompts, action, rule, InFlow(), frames=frames, repeatable=repeatable, misses=misses)


def missed(scene: Scene, reason: str, before: tuple[Prompt, ...] = ()) -> Draft:
    """An attempt that failed: the question in other words; after too many of them what the flow says for that.

    Args:
        scene: of the turn.
        reason: for the decision record.
        before: what was wrong, said first; then the question itself follows, which other words would contradict.
    """
    frame = _top(scene)
    match frame.question:
        case SlotAsked(slot=slot, attempts=attempts):
            texts = slot_of(scene, frame, slot).again.get(scene.language, ())
            most = len(texts) or ATTEMPTS
            asking = with_question(frame, SlotAsked(slot, attempts + 1, denied=frame.question.denied))
            named = bool(before) and attempts == 0
            asked_as = with_question(asking, SlotAsked(slot)) if named else asking
            prompts = (*(before or (() if texts else (_pardon(scene, attempts),))), *asked(scene, asked_as))
        case SlotDoubtful(attempts=attempts):
            most = PATIENT_ATTEMPTS
            asking = with_question(frame, replace(frame.question, attempts=attempts + 1))
            prompts = (*before, *asked(scene, asking))
        case StepConfirm(attempts=attempts):
            most = PATIENT_ATTEMPTS
            asking = with_question(frame, StepConfirm(attempts + 1))
            prompts = (*(before or (scene.say("yes_or_no"),)), *asked(scene, asking))
        case ProofOffered(attempts=attempts):
            most = PATIENT_ATTEMPTS
            asking = with_question(frame, ProofOffered(attempts + 1))
            prompts = (scene.say("yes_or_no"), *asked(scene, asking))
        case Proving():
            return proving.still_waiting(scene)
        case _:
            end = closing(scene, "rephrase")
            return Draft((*before, *end.prompts), end.action, "slot_missed", end.question, details={"reason": reason})
    details: dict[str, Any] = {"reason": reason, "attempts": attempts + 1}
    if attempts >= most:
        return replace(give_up(scene), details=details)
    return replace(_waiting(scene, asking, "slot_missed", prompts, misses=scene.state.misses + 1), details=details)


def _pardon(scene: Scene, attempts: int) -> Prompt:
    return scene.say("slot_missed" if attempts == 0 else "slot_again")


def give_up(scene: Scene) -> Draft:
    """The attempts are used up: a person, or the end of the flow, as the flow says."""
    frames = scene.state.frames
    flow = scene.bot.flow(frames[-1].flow)
    if _proves(frames[-1]):
        return proving.not_proven(scene, "refused")
    rest = without_top(frames)
    if isinstance(flow.on_failure, PassOn):
        step = replace(flow.on_failure, reason="flow_failed")
        return handed_over(scene, rest, step, "flow_failed", (scene.say("flow_failed"),), frames[-1])
    return after(scene, rest, "flow_failed", (scene.say("flow_failed"),), frames[-1])


def _proves(frame: Frame) -> bool:
    """Whether a frame still stands before its first step, at the proof of identity."""
    question = frame.question
    return isinstance(question, ProofOffered | Proving) or (isinstance(question, SlotAsked) and question.slot == CODE)


def yes_or_no(scene: Scene, yes: bool) -> Draft:
    """A yes or a no to a value that was read back, or to a question of the flow."""
    frame = _top(scene)
    below = scene.state.frames[:-1]
    match frame.question:
        case StepConfirm():
            return carry_on(scene, (*below, answered(frame, yes)), "confirmed" if yes else "denied")
        case ProofOffered() if yes:
            return proving.begin(scene)
        case Proving() if yes:
            return proving.still_waiting(scene)
        case ProofOffered() | Proving():
            return proving.not_proven(scene, proving.DECLINED)
        case SlotDoubtful(slot=slot, denied=denied):
            known = frame.filled(slot)
            if yes and known is not None and known.value:
                return carry_on(scene, (*below, with_filled(frame, replace(known, confirmed=True))), "confirmed")
            if yes:
                return missed(scene, "which_one")
            if denied >= PATIENT_ATTEMPTS:
                return give_up(scene)
            asking = with_question(without(frame, slot), SlotAsked(slot, denied=denied + 1))
            prompts = (scene.say("slot_anew"), *asked(scene, asking))
            return _waiting(scene, asking, "denied", prompts)
        case _:
            return missed(scene, "no_answer")


def correct(scene: Scene, command: Correct, sure: bool) -> Draft:
    """The caller mends a value: what was just read back is read back again, an earlier one is said and used anew."""
    frame = _top(scene)
    slot = slot_of(scene, frame, command.slot)
    parsed = command.parsed
    if parsed.fault:
        return missed(scene, parsed.fault, (scene.say(f"slot_{parsed.fault}"),) if parsed.fault in FAULTS else ())
    found = Filled(slot.id, parsed.value, parsed.alternatives, parsed.words, parsed.sure and sure)
    below = scene.state.frames[:-1]
    if _open_slot(scene, frame) is slot:
        return carry_on(scene, (*below, with_filled(frame, found)), "corrected")
    if parsed.alternatives:
        at = _asked_at(scene, frame, slot.id)
        asking = replace(with_filled(frame, found), at=at, question=SlotDoubtful(slot.id))
        return carry_on(scene, (*below, asking), "corrected")
    said = scene.say("slot_corrected", value=slot.type.read_back(parsed.value, scene.language))
    mended = rewound(scene, with_filled(frame, replace(found, confirmed=True)), slot.id)
    return carry_on(scene, (*below, mended), "corrected", (said,))


def _asked_at(scene: Scene, frame: Frame, slot: str) -> Path:
    for path, step in every_step(scene.bot.flow(frame.flow).steps):
        if isinstance(step, Collect) and step.slot == slot and len(path) == 1:
            return path
    return frame.at


def skip(scene: Scene) -> Draft:
    """The caller does not have it, or will not say it."""
    frame = _top(scene)
    slot = _open_slot(scene, frame)
    if slot is None:
        return missed(scene, "skip")
    if not slot.required:
        skipped = with_question(with_filled(frame, Filled(slot.id)), SlotAsked(slot.id))
        return carry_on(scene, (*scene.state.frames[:-1], skipped), "skipped", (scene.say("slot_skipped"),))
    where = flow_prompt(scene, frame, slot.help)
    needed = (scene.say("slot_needed"), *(() if where is None else (where,)))
    return missed(scene, "skip", needed)


def where_is_it(scene: Scene) -> Draft:
    """Where the caller finds what is asked for; it costs no attempt."""
    frame = _top(scene)
    slot = _open_slot(scene, frame)
    where = flow_prompt(scene, frame, slot.help) if slot is not None else None
    said = where or scene.say("slot_no_help")
    return _waiting(scene, frame, "slot_help", (said, *asked(scene, frame)))


def cancel(scene: Scene) -> Draft:
    """Leave the flow that the caller began last."""
    frames = scene.state.frames
    rest = without_top(frames)
    flow = scene.bot.flow(frames[len(rest)].flow)
    said = flow_prompt(scene, frames[len(rest)], flow.cancelled) or scene.say("flow_cancelled")
    return after(scene, rest, "cancelled", (said,), frames[len(rest)])


def take_time(scene: Scene) -> Draft:
    """The caller wants a moment to look something up."""
    draft = _waiting(scene, _top(scene), "wait", (scene.say("take_your_time"),), repeatable=False)
    action = draft.action
    if not isinstance(action, Listen):
        return draft
    return replace(draft, action=replace(action, timeout_seconds=PATIENT_SECONDS))


def acted(scene: Scene, result: dict[str, str]) -> Draft:
    """What the flow had asked for was done."""
    frame = done(scene, _top(scene), result)
    return carry_on(scene, (*scene.state.frames[:-1], frame), "acted")


def not_acted(scene: Scene, reason: str) -> Draft:
    """What the flow had asked for could not be done: its own steps for that, or an apology and a person offered."""
    if reason == NUMBER and _top(scene).flow in NUMBERS:
        return _another_number(scene)
    below, frame = scene.state.frames[:-1], failed(scene, _top(scene))
    details: dict[str, Any] = {"reason": reason}
    if frame is not None:
        draft = carry_on(scene, (*below, frame), "act_failed")
        return replace(draft, details={**draft.details, **details})
    rest = without_top(scene.state.frames)
    sorry = scene.say("act_failed")
    found = find_person(scene.bot, None, scene.now)
    if not isinstance(found, Reachable):
        return after(scene, rest, "act_failed", (sorry,), scene.state.frames[-1])
    offer = scene.say("offer_person", department=scene.department(found.answering.id))
    question = PersonOffered(found.answering.id, "act_failed")
    ears = Listen("yes_no", scene.wait_seconds())
    return Draft(
        (sorry, offer), ears, "act_failed", question, details=details, frames=rest, ended=scene.state.frames[-1]
    )


def _another_number(scene: Scene) -> Draft:
    """The number may not be called (abroad, dear, or none at all): another one, and on from there."""
    frame = _top(scene)
    slot = NUMBERS[frame.flow]
    asking = replace(without(frame, slot), at=_asked_at(scene, frame, slot), question=None)
    draft = carry_on(scene, (*scene.state.frames[:-1], asking), "act_failed", (scene.say("number_refused"),))
    return replace(draft, details={**draft.details, "reason": NUMBER})


def _top(scene: Scene) -> Frame:
    return scene.state.frames[-1]


def _open_slot(scene: Scene, frame: Frame) -> Slot | None:
    """The slot that is asked for, or read back."""
    match frame.question:
        case SlotAsked(slot=slot) | SlotDoubtful(slot=slot):
            return slot_of(scene, frame, slot)
        case _:
            return None
