"""What the caller's words mean to the question of the flow under way: a producer of commands like the others."""

from dataclasses import dataclass

from dialog.commands import (
    Answer,
    AskWhere,
    CancelFlow,
    Command,
    Correct,
    NoAnswer,
    SendAgain,
    SkipSlot,
    YesNo,
)
from dialog.flows.asking import context_of, slot_of
from dialog.flows.flow import Confirm, Flow, Slot, step_at
from dialog.identity import CODE
from dialog.phrases import Heard, Phrases
from dialog.scene import Scene
from dialog.slots.free_text import FreeText
from dialog.slots.slot_type import Parsed
from dialog.slots.yes_no import yes_no
from dialog.state import Filled, Frame, ProofOffered, Proving, SlotAsked, SlotDoubtful, StepConfirm
from dialog.text import words

LONGEST_YES_WORDS = 5
"""Words that an utterance beginning with yes or no may have and still be no more than that."""

LEAST_QUESTION_WORDS = 3
"""A question of the caller's own has so many words besides the value that was found in it."""

OPEN = "open"
_YES_NO = yes_no({})


@dataclass(frozen=True, slots=True)
class Understood:
    """What a flow makes of an utterance.

    Args:
        commands: at most one; none for small talk, and for what only the knowledge may understand.
        doubtful: it may be a question of the caller's own just as well: the knowledge decides.
    """

    commands: tuple[Command, ...]
    doubtful: bool = False


def by_flow(scene: Scene, said: str, heard: Heard, phrases: Phrases) -> Understood:
    """Commands for the flow on top of a scene.

    Args:
        scene: with at least one flow under way.
        said: the caller's words as they came.
        heard: the same, taken apart.
        phrases: how callers say it.
    """
    frame = scene.state.frames[-1]
    if not heard.content and "goodbye" in heard.talk:
        return Understood(())
    if phrases.matches("where", heard) or _asks_what_it_is(scene, frame, heard, phrases):
        return Understood((AskWhere(),))
    if phrases.matches("cancel", heard) and not _is_an_option(scene, frame, said):
        return Understood((CancelFlow(),))
    match frame.question:
        case SlotAsked(slot=slot, partial=partial):
            return _for_slot(scene, frame, slot_of(scene, frame, slot), partial, said, heard, phrases)
        case SlotDoubtful(slot=slot):
            return _for_doubtful(scene, frame, slot_of(scene, frame, slot), said, heard, phrases)
        case StepConfirm() | ProofOffered():
            return _for_yes_or_no(scene, frame, said, heard, phrases)
        case Proving():
            return _for_proof(heard)
        case _:
            return Understood((), doubtful=True)


def _asks_what_it_is(scene: Scene, frame: Frame, heard: Heard, phrases: Phrases) -> bool:
    """True for "what is a KID?" where a KID is asked for."""
    if not isinstance(frame.question, SlotAsked) or not phrases.matches("what_is", heard):
        return False
    slot = slot_of(scene, frame, frame.question.slot)
    asked = {word for word in words(slot.ask.get(scene.language, "")) if len(word) > 2}
    return any(word in asked for word in heard.words[2:])


def _is_an_option(scene: Scene, frame: Frame, said: str) -> bool:
    """True when the flow offers these very words ("changed my mind" as the reason of a return)."""
    if not isinstance(frame.question, SlotAsked):
        return False
    slot = slot_of(scene, frame, frame.question.slot)
    return bool(slot.choices) and bool(slot.type.parse(said, context_of(scene)).value)


def _for_slot(
    scene: Scene, frame: Frame, slot: Slot, partial: str, said: str, heard: Heard, phrases: Phrases
) -> Understood:
    if not slot.required and _takes_anything(slot) and (phrases.matches("says_nothing", heard) or _only_no(heard)):
        return Understood((SkipSlot(),))
    parsed = slot.type.parse(said, context_of(scene, partial))
    if slot.id == CODE and not parsed.value and phrases.matches("send_again", heard):
        return Understood((SendAgain(),))
    if not parsed.value:
        mended = _mended(scene, frame, said, heard, phrases)
        if mended is not None:
            return Understood((mended,))
    if not parsed.value and (phrases.matches("skip", heard) or _only_no(heard)):
        return Understood((SkipSlot(),))
    if _is_question(slot, parsed, said, heard, phrases):
        # Taken when no topic is sure: "is Monday free?" may well be the answer.
        taken = parsed.value and (_takes_anything(slot) or slot.type.listen("")[0] != OPEN)
        return Understood((Answer(parsed),) if taken else (), doubtful=True)
    if parsed.value or parsed.alternatives or parsed.partial:
        return Understood((Answer(parsed, _others(scene, frame, slot, parsed, said)),))
    if parsed.fault:
        return Understood((Answer(parsed),), doubtful=bool(heard.content) and parsed.fault != "national_id")
    others = _in_passing(scene, frame, slot, said)
    return Understood((Answer(parsed, others),)) if others else Understood((), doubtful=bool(heard.content))


def _only_no(heard: Heard) -> bool:
    """ "No" to a question for a value, and no goodbye."""
    return heard.opening == "no" and not heard.content and not {"done", "goodbye"} & set(heard.talk)


def _takes_anything(slot: Slot) -> bool:
    """True for a slot whose value is the caller's words, whatever they are."""
    return slot.type.kind == "text"


def _is_question(slot: Slot, parsed: Parsed, said: str, heard: Heard, phrases: Phrases) -> bool:
    """True when the words ask something themselves: a value in them may belong to that ("open on Saturday?")."""
    if not phrases.asks(said, heard) or (isinstance(slot.type, FreeText) and slot.type.anything):
        return False
    free = slot.type.listen("")[0] == OPEN
    rest = len(heard.words) - (0 if free else len(words(parsed.words)))
    return rest >= LEAST_QUESTION_WORDS


def _others(scene: Scene, frame: Frame, slot: Slot, parsed: Parsed, said: str) -> tuple[tuple[str, Parsed], ...]:
    """Values for other slots of the flow in the same words; a part of the value just found is none."""
    found = _in_passing(scene, frame, slot, said)
    return tuple((other, value) for other, value in found if not _overlap(value.value, parsed.value))


def _overlap(one: str, other: str) -> bool:
    return bool(other) and (one in other or other in one)


def _in_passing(scene: Scene, frame: Frame, slot: Slot, said: str) -> tuple[tuple[str, Parsed], ...]:
    """Values for slots of the flow that nobody has asked for yet; beside a code there are none."""
    if slot.id == CODE:
        return ()
    found: list[tuple[str, Parsed]] = []
    context = context_of(scene, expected=False)
    flow = scene.bot.flow(frame.flow)
    for other in flow.slots.values():
        if other.id == slot.id or frame.filled(other.id) is not None:
            continue
        if flow.built_in and other.choices:  # "the number" is what is to be changed only where that is asked
            continue
        value = other.type.parse(said, context)
        if value.value and value.value not in [known.value for _, known in found]:
            found.append((other.id, value))
    return tuple(found)


def _for_doubtful(scene: Scene, frame: Frame, slot: Slot, said: str, heard: Heard, phrases: Phrases) -> Understood:
    known = frame.filled(slot.id)
    alternatives = known.alternatives if known is not None else ()
    if not heard.content and heard.opening in ("yes", "no"):
        return Understood((YesNo(heard.opening == "yes"),))
    parsed = slot.type.parse(said, context_of(scene))
    if alternatives:
        picked = _picked(alternatives, parsed, heard, phrases)
        if picked:
            return Understood((Answer(Parsed(value=picked, words=said)),))
    mended = _mended(scene, frame, said, heard, phrases)
    if mended is not None and not (parsed.value and mended.slot != slot.id):
        return Understood((mended,))
    if (parsed.value or parsed.alternatives) and not _is_question(slot, parsed, said, heard, phrases):
        return Understood((Answer(parsed),))
    if not slot.required and not parsed.value and phrases.matches("skip", heard):
        return Understood((SkipSlot(),))
    return _yes_or_no(scene, said, heard)


def _picked(alternatives: tuple[str, ...], parsed: Parsed, heard: Heard, phrases: Phrases) -> str:
    """One of the values offered: said again, or by its place."""
    if parsed.value in alternatives:
        return parsed.value
    both = [value for value in alternatives if value in parsed.alternatives]
    if len(both) == 1:
        return both[0]
    for position in phrases.positions(heard):
        index = len(alternatives) - 1 if position == -1 else position - 1
        if index < len(alternatives):
            return alternatives[index]
    return ""


def _for_yes_or_no(scene: Scene, frame: Frame, said: str, heard: Heard, phrases: Phrases) -> Understood:
    if not heard.content and heard.opening in ("yes", "no"):
        return Understood((YesNo(heard.opening == "yes"),))
    mended = _mended(scene, frame, said, heard, phrases)
    return Understood((mended,)) if mended is not None else _yes_or_no(scene, said, heard)


def _for_proof(heard: Heard) -> Understood:
    """While the proof is waited for: a plain no takes it back, and nothing else decides anything."""
    if not heard.content and heard.opening == "no":
        return Understood((YesNo(False),))
    return Understood((NoAnswer(),), doubtful=bool(heard.content))


def _yes_or_no(scene: Scene, said: str, heard: Heard) -> Understood:
    meant = yes_or_no(scene, said, heard)
    return Understood((YesNo(meant),)) if meant is not None else Understood((), doubtful=bool(heard.content))


def yes_or_no(scene: Scene, said: str, heard: Heard) -> bool | None:
    """Whether words are a yes or a no; None when they are neither, or both."""
    answer = _YES_NO.parse(said, context_of(scene))
    if answer.value and (answer.sure or answer.value == heard.opening):
        return answer.value == "yes"
    if heard.opening in ("yes", "no") and len(heard.words) <= LONGEST_YES_WORDS:
        return heard.opening == "yes"
    return None


def _mended(scene: Scene, frame: Frame, said: str, heard: Heard, phrases: Phrases) -> Correct | None:
    """A value that the caller mends; only in words that sound like it.

    What was just read to them goes first ("no, at ten" to "we call you at nine"), then what was said last.
    """
    if not (heard.opening == "no" or phrases.matches("correction", heard)):
        return None
    flow = scene.bot.flow(frame.flow)
    known = [filled for filled in reversed(frame.slots) if filled.value and filled.slot in flow.slots]
    context = context_of(scene, expected=False)

    def comes_last(filled: Filled) -> tuple[bool, bool]:
        slot = flow.slots[filled.slot]  # in a whole number there may be a clock time, but not the other way
        is_whole = slot.type.kind == "phone" and bool(slot.type.parse(said, context).value)
        return not is_whole, not _was_read(flow, frame, filled.slot)

    known.sort(key=comes_last)
    for filled in known:
        parsed = flow.slots[filled.slot].type.correct(filled.value, said, context_of(scene))
        if parsed.value not in ("", filled.value) or parsed.alternatives:
            return Correct(filled.slot, parsed)
    for filled in known:
        parsed = flow.slots[filled.slot].type.parse(said, context)
        if parsed.value not in ("", filled.value):
            return Correct(filled.slot, parsed)
    return None


def _was_read(flow: Flow, frame: Frame, slot: str) -> bool:
    """Whether the question the flow waits with says the value of a slot."""
    match frame.question:
        case SlotDoubtful(slot=asked):
            return slot == asked
        case StepConfirm():
            step = step_at(flow, frame.at)
            texts = step.texts.values() if isinstance(step, Confirm) else ()
            return any(f"{{{slot}{end}" in text for text in texts for end in "}|")
        case _:
            return False
