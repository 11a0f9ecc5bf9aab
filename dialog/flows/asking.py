"""The open question of a flow, as it is asked: in its own words, in other words after each failed attempt."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from dialog.callback_rules import ASK_CALLBACK
from dialog.callbacks import act_arguments, hours_of
from dialog.events import STILL_WORKING, Act, Listen, Prompt
from dialog.flows.flow import Confirm, DoAction, Slot, step_at
from dialog.flows.texts import flow_prompt
from dialog.identity import CODE, PROVE
from dialog.identity_code import CODE_TYPE
from dialog.markup import unmarked
from dialog.scene import Scene, nearest_language
from dialog.slots.callback_time import was_moved
from dialog.slots.slot_type import SlotContext
from dialog.state import (
    Acting,
    Filled,
    FlowQuestion,
    Frame,
    ProofOffered,
    Proving,
    SlotAsked,
    SlotDoubtful,
    StepConfirm,
)

LONGER_WAIT_SECONDS = 3.0
"""Added to the first wait for what callers must look up: numbers, dates, addresses."""

KEYPAD_SECONDS = 4.0
"""From one key to the next; after it, what was typed is all there is."""

CHOICES = ("choice_one", "choice_two", "choice_three")


def slot_of(scene: Scene, frame: Frame, slot_id: str) -> Slot:
    """A slot of the flow of a frame, or the one for a code that every bot has."""
    if slot_id == CODE:
        return _code_slot(scene)
    return scene.bot.flow(frame.flow).slots[slot_id]


def _code_slot(scene: Scene) -> Slot:
    """A code sent by text message. It is never read back: what is said is kept, and the code must not be."""
    language = scene.language
    again = tuple(scene.wording.variants("identity_code_again", language))
    ask, where = scene.wording.say("identity_code", language), scene.wording.say("identity_code_help", language)
    return Slot(CODE, CODE_TYPE, {language: ask}, {language: again}, {language: where}, confirm="never")


def context_of(scene: Scene, partial: str = "", expected: bool = True) -> SlotContext:
    """What slot types may depend on now."""
    now = scene.now if scene.bot.hours is None else scene.now.astimezone(ZoneInfo(scene.bot.hours.timezone))
    return SlotContext(scene.language, now, partial, hours_of(scene.bot, scene.state), expected)


def asked(scene: Scene, frame: Frame) -> tuple[Prompt, ...]:
    """The question that a frame waits with, in the words of the number of its failed attempts."""
    match frame.question:
        case SlotAsked(slot=slot, attempts=attempts):
            return _slot_asked(scene, frame, slot_of(scene, frame, slot), attempts)
        case SlotDoubtful(slot=slot, attempts=attempts):
            return (_doubted(scene, frame, slot_of(scene, frame, slot), attempts),)
        case StepConfirm():
            step = step_at(scene.bot.flow(frame.flow), frame.at)
            prompt = flow_prompt(scene, frame, step.texts) if isinstance(step, Confirm) else None
            return () if prompt is None else (prompt,)
        case ProofOffered():
            return (scene.say(f"identity_offer_{scene.bot.identity.way or 'sms'}", **_app(scene)),)
        case Acting() | Proving(step="begin" | "again" | "code"):
            return (scene.say("one_moment"),)
        case Proving():
            return (scene.say("identity_waiting", app=scene.bot.identity.app),)
        case None:
            return ()


def _app(scene: Scene) -> dict[str, str]:
    return {"app": scene.bot.identity.app} if scene.bot.identity.way == "ciba" else {}


def _slot_asked(scene: Scene, frame: Frame, slot: Slot, attempts: int) -> tuple[Prompt, ...]:
    other = None
    if attempts:
        in_other_words = {
            language: texts[min(attempts, len(texts)) - 1] for language, texts in slot.again.items() if texts
        }
        other = flow_prompt(scene, frame, in_other_words)
    prompt = other or flow_prompt(scene, frame, slot.ask)
    return () if prompt is None else (prompt,)


def _doubted(scene: Scene, frame: Frame, slot: Slot, attempts: int) -> Prompt:
    filled = frame.filled(slot.id) or Filled(slot.id)
    if filled.alternatives:
        names = [slot.type.read_back(value, scene.language) for value in filled.alternatives[:3]]
        places = dict(zip(("first", "second", "third"), names, strict=False))
        return scene.say(f"slot_{CHOICES[len(names) - 1]}", **places)
    value = slot.type.read_back(filled.value, scene.language)
    if was_moved(filled.value):
        return scene.say("slot_nearest", value=value)
    own = flow_prompt(scene, frame, slot.read_back)
    if own is not None:
        return own
    return scene.say("slot_confirm_again" if attempts else "slot_confirm", value=value)


def ears(scene: Scene, frame: Frame) -> Listen:
    """What to listen for after the question of a frame."""
    wait = scene.wait_seconds()
    match frame.question:
        case SlotAsked(slot=slot, partial=partial, keys=keys):
            expects, length = slot_of(scene, frame, slot).type.listen(partial)
            longer = wait if scene.state.silences else wait + LONGER_WAIT_SECONDS
            return Listen(expects, KEYPAD_SECONDS if keys else longer, _words(scene, frame, slot), length)
        case SlotDoubtful(slot=slot):
            filled = frame.filled(slot)
            if filled is not None and filled.alternatives:
                kind = slot_of(scene, frame, slot).type
                said = tuple(unmarked(kind.read_back(value, scene.language)) for value in filled.alternatives)
                return Listen("choice", wait, said)
            return Listen("yes_no", wait)
        case StepConfirm() | ProofOffered():
            return Listen("yes_no", wait)
        case _:
            return Listen("open", wait)


def _words(scene: Scene, frame: Frame, slot_id: str) -> tuple[str, ...]:
    """The options of a choice as the caller may say them: the recogniser listens for them."""
    options = slot_of(scene, frame, slot_id).choices.values()
    return tuple(
        word for option in options for word in option.get(nearest_language(scene.bot, option, scene.language), ())
    )


def awaited(scene: Scene, frame: Frame) -> Listen | Act:
    """What happens after the question of a frame: listening, or going on to wait for an act."""
    step = step_at(scene.bot.flow(frame.flow), frame.at)
    if isinstance(frame.question, Acting) and isinstance(step, DoAction):
        return Act(step.action, arguments_of(scene, step, frame), frame.question.ticket)
    if isinstance(frame.question, Proving):
        level = scene.bot.flow(frame.flow).requires
        arguments = {"step": frame.question.step, "level": level, "language": scene.language}
        company = "identity_waiting" if frame.question.step == "wait" else STILL_WORKING
        return Act(PROVE, arguments, frame.question.ticket, company)
    return ears(scene, frame)


def arguments_of(scene: Scene, step: DoAction, frame: Frame) -> dict[str, str]:
    """Texts by parameter, from slots, earlier results and literals."""
    arguments = {
        parameter: source[1:] if source.startswith("=") else frame.value(source)
        for parameter, source in step.arguments.items()
    }
    if step.action != ASK_CALLBACK:
        return arguments
    return act_arguments(scene.bot, {**arguments, "language": scene.language})


def with_question(frame: Frame, question: FlowQuestion | None) -> Frame:
    """The frame, waiting for this."""
    return replace(frame, question=question)


def with_filled(frame: Frame, filled: Filled) -> Frame:
    """The frame, knowing this of a slot; what it knew of it before is forgotten."""
    return replace(frame, slots=(*(known for known in frame.slots if known.slot != filled.slot), filled))


def without(frame: Frame, slot: str) -> Frame:
    """The frame, knowing nothing of a slot."""
    return replace(frame, slots=tuple(known for known in frame.slots if known.slot != slot))
