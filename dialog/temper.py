"""What a caller's mood does to a turn: a person is offered once, and passed on to at the next rise."""

from collections.abc import Sequence
from dataclasses import replace

from dialog import passing
from dialog.commands import (
    Answer,
    AskPerson,
    CancelFlow,
    CannotAnswer,
    Command,
    Correct,
    Emergency,
    NoAnswer,
    NoWords,
    Pick,
    Take,
    YesNo,
)
from dialog.events import CallerSaid, HandOff, Listen
from dialog.frustration import Mood, MoodSigns, Signals, Trigger, next_mood, says_the_same, trigger
from dialog.handoff import Reachable, find_person
from dialog.replies import HEADING_BELOW_SCORE
from dialog.scene import Draft, Scene
from dialog.state import PersonOffered, State

HARSH = ("threat", "violence", "abuse")
"""Reasons for which no apology is due: a person should take it."""


def mood_after(
    state: State, event: CallerSaid, kept: str, command: Command, signs: MoodSigns, anger: float = 0.0
) -> Mood:
    """The mood after the caller's words.

    Args:
        state: before the turn.
        event: what was said, and how.
        kept: the words without what may not be kept.
        command: what they were understood as.
        signs: of anger, made once per bot.
        anger: 0..1, how angry the words sound.
    """
    said = [turn.words for turn in state.turns if turn.words]
    failed = isinstance(command, NoAnswer) or (isinstance(command, Answer) and bool(command.parsed.fault))
    signals = Signals(
        words=kept,
        language=state.language,
        repeated=says_the_same(kept, said),
        no_match=isinstance(command, NoWords | CannotAnswer),
        failed_collect=failed,
        bot_repeated=_said_twice([turn.reply for turn in state.turns]),
        loud_db=event.manner.loud_db,
        barge_ins=event.manner.barge_ins,
        bot_words=" ".join(prompt.text for prompt in state.last),
        anger=anger,
    )
    return next_mood(state.mood, signals, signs)


def _said_twice(replies: Sequence[str]) -> bool:
    return len(replies) > 1 and bool(replies[-1]) and replies[-1] == replies[-2]


def tempered(scene: Scene, before: Mood, command: Command, draft: Draft) -> tuple[Draft, Mood]:
    """A draft as the caller's mood changes it, and the mood with what has been done about it.

    Args:
        scene: of the turn, its state with the mood after the caller's words.
        before: the mood before them.
        command: that the draft obeys.
        draft: the reply as it would be otherwise.
    """
    mood = scene.state.mood
    wanted = trigger(before, mood)
    if wanted is None or isinstance(command, Emergency | AskPerson) or isinstance(draft.action, HandOff):
        return draft, mood
    if wanted.kind == "pass_on" and (wanted.reason in HARSH or scene.bot.limits.no_match > 0):
        return _passed_on(scene, wanted), mood
    if mood.offered or scene.state.ringing:
        return draft, mood
    found = find_person(scene.bot, None, scene.now)
    if isinstance(found, Reachable) and not _on_the_way(command):
        return _offering(scene, found, command, draft), replace(mood, offered=True)
    return draft, mood


def _passed_on(scene: Scene, wanted: Trigger) -> Draft:
    sorry = scene.say("person_better" if wanted.reason in HARSH else "mood_handoff")
    draft = passing.person(scene, None, wanted.reason)
    return replace(draft, prompts=(sorry, *draft.prompts), rule=wanted.reason)


def _on_the_way(command: Command) -> bool:
    """True when the caller is getting somewhere in a flow: then nothing comes between."""
    productive = isinstance(command, Answer) and not command.parsed.fault
    return productive or isinstance(command, YesNo | Correct | CancelFlow)


def _offering(scene: Scene, found: Reachable, command: Command, draft: Draft) -> Draft:
    """The offer behind an answer, or in place of one more failure."""
    quoted = tuple(prompt for prompt in draft.prompts if prompt.article)
    sure = draft.score is None or draft.score >= HEADING_BELOW_SCORE
    answered = quoted if sure and isinstance(command, Take | Pick) else ()
    offer = scene.say("mood_offer", department=scene.department(found.answering.id))
    return replace(
        draft,
        prompts=(*answered, offer),
        action=Listen("yes_no", scene.wait_seconds()),
        rule=draft.rule if answered else "frustrated",
        question=PersonOffered(found.answering.id, "frustrated"),
        details={**draft.details, "offered": "frustrated"},
    )
