"""Entering a draft: the reply as it leaves the mind, and the state that the next turn begins with."""

from collections.abc import Sequence
from dataclasses import replace

from dialog.events import Act, Action, Decision, HandOff, HangUp, Listen, Prompt, Reply
from dialog.scene import Draft
from dialog.slots.national_id import IN_ITS_PLACE
from dialog.state import Frame, RatingAsked, SlotAsked, SlotDoubtful, State, Turn

RINGING_ENDS = frozenset({"nobody_answered", "person_done", "resumed"})
"""Rules by which nobody is being rung any more."""

OPENINGS = frozenset("flow answer dont_know choice advice sensitive frustrated threat callback message".split())
"""Rules that decide on the words with which callers say what they want."""

FLOWS_KEPT = 2
TURNS_KEPT = 6
"""Flows that are over, and exchanges, that are remembered for the person who takes over."""


def entered(
    state: State, draft: Draft, told: frozenset[str], before: tuple[Prompt, ...] = (), said: str = ""
) -> tuple[State, Reply]:
    """The state after a draft, and its reply.

    Args:
        state: before the reply, its language already decided.
        draft: of the reply.
        told: languages in which the reply says that this is a bot.
        before: prompts said first, and never repeated.
        said: the caller's words as they may be kept.
    """
    slower = {"slower": True, "faster": False}.get(draft.rule, state.slower)
    prompts = tuple(replace(prompt, slower=slower) for prompt in (*before, *draft.prompts))
    after = replace(
        state,
        finished=isinstance(draft.action, HangUp),
        turn=state.turn + 1,
        question=draft.question,
        silences=draft.silences,
        misses=draft.misses,
        unknowns=draft.unknowns,
        slower=slower,
        disclosed=state.disclosed | told,
        last=prompts[len(before) :] if draft.repeatable else state.last,
        listened=draft.action if isinstance(draft.action, Listen) else state.listened,
        frames=state.frames if draft.frames is None else draft.frames,
        past=state.past if draft.ended is None else (*state.past, replace(draft.ended, question=None))[-FLOWS_KEPT:],
        later=state.later if draft.later is None else draft.later,
        tickets=state.tickets if draft.tickets is None else draft.tickets,
        topic=draft.article or state.topic,
        asked=draft.asked if draft.article else state.asked,
        recording=state.recording if draft.recording is None else draft.recording,
        typed="keys" in draft.details or (state.typed and draft.rule in ("acted", "act_failed")),
        turns=_remembered(state, said, prompts, draft),
        proof=state.proof if draft.proof is None else draft.proof,
        ringing=_ringing(state, draft),
        opened=state.opened or _opened(said, draft),
        rated=state.rated or isinstance(draft.question, RatingAsked),
    )
    details = {**_of_flows(state, after, draft.action), **draft.details}
    return after, Reply(prompts, draft.action, Decision(draft.rule, draft.article, draft.score, details))


def _opened(said: str, draft: Draft) -> str:
    """The words, when they ask for something; nothing of those around a national identity number."""
    keeps = draft.rule in OPENINGS and draft.details.get("reason") != "national_id"
    return said if keeps else ""


def _ringing(state: State, draft: Draft) -> str:
    """The department that is being rung for the caller after a reply."""
    match draft.action:
        case HandOff(department=department, rounds=rounds):
            return department if rounds else ""
        case Listen(stop_ringing=True):
            return ""
        case _:
            return "" if draft.rule in RINGING_ENDS else state.ringing


def _remembered(state: State, said: str, prompts: tuple[Prompt, ...], draft: Draft) -> tuple[Turn, ...]:
    """The last exchanges; of the words around a national identity number nothing is kept."""
    before = state.turns
    if draft.rule == "national_id" or draft.details.get("reason") == "national_id":
        said, before = IN_ITS_PLACE, tuple(replace(turn, words=turn.words and IN_ITS_PLACE) for turn in before)
    reply = draft.written or " ".join(prompt.text for prompt in prompts)
    if not said and not reply:
        return before
    return (*before, Turn(said, reply, draft.rule, draft.article or ""))[-TURNS_KEPT:]


def values(frames: Sequence[Frame]) -> dict[str, str]:
    """What is known of the slots of flows."""
    return {filled.slot: filled.value for frame in frames for filled in frame.slots if filled.value}


def _of_flows(before: State, after: State, action: Action) -> dict[str, object]:
    """What scripts and records want to know of the flows, without knowing what a state looks like."""
    running = after.frames or before.frames
    if not running:
        return {}
    left = [frame for frame in before.frames if frame.flow not in {kept.flow for kept in after.frames}]
    found: dict[str, object] = {"flow": running[-1].flow, "slots": values((*left, *after.frames))}
    question = after.frames[-1].question if after.frames else None
    if isinstance(question, SlotAsked | SlotDoubtful):
        found["asks"] = question.slot
    if isinstance(action, Act):
        found["act"] = action.name
    return found
