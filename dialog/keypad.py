"""What keys mean: digits for a slot, places in a choice, yes and no, a person, the last thing again."""

from dataclasses import replace

from dialog import passing, repairs, what_now
from dialog.closing import plain
from dialog.commands import (
    Answer,
    AnswerConsent,
    AskCallback,
    AskPerson,
    Command,
    Continue,
    Goodbye,
    KeepRinging,
    Pick,
    Rate,
    RejectChoice,
    StayHere,
    YesNo,
)
from dialog.flows import turns
from dialog.flows.asking import awaited, context_of, slot_of, with_question
from dialog.obeying import Utterance, obey
from dialog.rating import BEST, WORST
from dialog.scene import Draft, Scene
from dialog.slots.slot_type import Parsed
from dialog.state import (
    AnythingElse,
    InFlow,
    LinkOffered,
    NowOrLater,
    PersonOffered,
    ProofOffered,
    RatingAsked,
    RecordingAsked,
    SlotAsked,
    SlotDoubtful,
    StepConfirm,
    WhatNow,
    WhichTopic,
)

DONE = "#"
KEYS = "0123456789*#"


def key(scene: Scene, digit: str, heard_out: bool = True) -> Draft:
    """The reply to one key. heard_out: the caller had heard what was asked before they pressed it."""
    if digit == DONE and scene.state.typed:
        return _swallowed(scene)
    typed = _for_slot(scene, digit)
    if typed is not None:
        return typed
    if digit == "0":
        return replace(passing.person(scene, None, "key_0"), rule="key_0")
    if digit == "*":
        return repairs.again(scene, "repeat")
    command = _command(scene, digit)
    if command is not None:
        return obey(scene, command, Utterance(heard_out=heard_out))
    return replace(plain(scene, "unknown_key", "unknown_key", "", scene.state.question), question=scene.state.question)


def _swallowed(scene: Scene) -> Draft:
    """A "#" behind a number that was complete without it."""
    state = scene.state
    action = awaited(scene, state.frames[-1]) if isinstance(state.question, InFlow) and state.frames else state.listened
    return Draft((), action, "keys", state.question, details={"keys": True}, repeatable=False)


def _command(scene: Scene, digit: str) -> Command | None:
    question = scene.state.question
    place = "123".find(digit) if len(digit) == 1 else -1
    if isinstance(question, WhichTopic) and len(question.topics) > 1 and 0 <= place < len(question.topics):
        return Pick(question.topics[place])
    if isinstance(question, WhatNow):
        kind = what_now.kind_at(scene, place) if place >= 0 else None
        return None if kind is None else AskCallback(kind) if kind else StayHere()
    if isinstance(question, RatingAsked) and digit.isdecimal() and WORST <= int(digit) <= BEST:
        return Rate(int(digit))
    if place not in (0, 1):
        return None
    yes = place == 0
    match question:
        case WhichTopic(topics=topics):
            return Pick(topics[0]) if yes else RejectChoice()
        case PersonOffered(department=department, reason=reason):
            return AskPerson(department, reason) if yes else Continue()
        case AnythingElse():
            return Continue() if yes else KeepRinging() if scene.state.ringing else Goodbye()
        case NowOrLater() | LinkOffered():
            return YesNo(yes)
        case RecordingAsked():
            return AnswerConsent(yes)
        case InFlow() if scene.state.frames:
            return _in_flow(scene, place)
        case _:
            return None


def _in_flow(scene: Scene, place: int) -> Command | None:
    frame = scene.state.frames[-1]
    if isinstance(frame.question, SlotDoubtful):
        known = frame.filled(frame.question.slot)
        if known is not None and place < len(known.alternatives):
            return Answer(Parsed(value=known.alternatives[place]))
    return YesNo(place == 0) if isinstance(frame.question, SlotDoubtful | StepConfirm | ProofOffered) else None


def _for_slot(scene: Scene, digit: str) -> Draft | None:
    """A key for a slot that takes keys; None when none is open, or it has no use for this one."""
    asked = _asked(scene)
    if asked is None or len(digit) != 1 or digit not in KEYS:
        return None
    frame, question = scene.state.frames[-1], asked
    if digit == DONE and not question.keys:
        return None
    if digit == DONE and question.keys == "0":
        return replace(passing.person(scene, None, "key_0"), rule="key_0")
    slot = slot_of(scene, frame, question.slot)
    pressed = question.keys + digit
    parsed = slot.type.keys(pressed, context_of(scene, question.partial))
    if parsed.value or parsed.alternatives or parsed.fault:
        cleared = scene.with_frames((*scene.state.frames[:-1], with_question(frame, replace(question, keys=""))))
        draft = turns.answer(cleared, Answer(parsed), sure=True)
        return replace(draft, details={**draft.details, "keys": True})
    if not parsed.partial:
        # A star begins anew; a type without keys leaves them their usual meaning.
        return _waiting(scene, replace(question, keys="")) if digit == "*" and question.keys else None
    return _waiting(scene, replace(question, keys=pressed))


def _waiting(scene: Scene, question: SlotAsked) -> Draft:
    """Nothing is said between two keys."""
    waiting = with_question(scene.state.frames[-1], question)
    frames = (*scene.state.frames[:-1], waiting)
    return Draft((), awaited(scene, waiting), "keys", InFlow(), frames=frames, repeatable=False)


def typed_out(scene: Scene) -> Draft | None:
    """No further key came: what was typed is all there is; None when nothing was."""
    asked = _asked(scene)
    if asked is None or not asked.keys:
        return None
    finished = _for_slot(scene, DONE)
    return finished or turns.missed(scene, "keys")


def _asked(scene: Scene) -> SlotAsked | None:
    """The slot that keys may be for."""
    frames = scene.state.frames
    if not frames or not isinstance(scene.state.question, InFlow):
        return None
    question = frames[-1].question
    return question if isinstance(question, SlotAsked) else None
