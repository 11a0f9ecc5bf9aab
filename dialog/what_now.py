"""Nobody can be reached: to be called back, to leave a message, or to go on with the bot."""

from dataclasses import replace
from typing import Any

from dialog.callback_rules import CALLBACK, MESSAGE
from dialog.callbacks import NUMBERS
from dialog.closing import closing, plain
from dialog.events import Listen, Prompt, TransferFailed
from dialog.scene import Draft, Scene
from dialog.state import AnythingElse, WhatNow

NOBODY_FREE = "nobody_free"
"""`TransferFailed.outcome` when nobody is rung, because everybody is busy."""

MOST_ASKED = 2
"""Times the choice is put; after that the caller has the floor."""


def nobody_came(scene: Scene, event: TransferFailed) -> Draft:
    """That nobody could be reached, and what the caller may have instead; one who is at it already goes on."""
    key = "nobody_free" if event.outcome == NOBODY_FREE else "nobody_answered"
    details: dict[str, Any] = {"department": event.department, "outcome": event.outcome}
    frames = scene.state.frames
    if frames and frames[-1].flow in NUMBERS:
        draft = plain(scene, "nobody_answered", key)
    elif scene.bot.callbacks is None:
        draft = plain(scene, "nobody_answered", key, "closed_help", AnythingElse())
    else:
        draft = asking(scene, (scene.say(key),), event.department, "nobody_answered")
    return replace(draft, details={**draft.details, **details})


def asking(scene: Scene, said: tuple[Prompt, ...], department: str, rule: str) -> Draft:
    """The choice, behind what was said; for a bot with `callbacks`."""
    prompts = (*said, scene.say(_key(scene, "what_now")))
    return Draft(
        prompts, Listen("open", scene.wait_seconds()), rule, WhatNow(department), unknowns=scene.state.unknowns
    )


def asked_again(scene: Scene) -> Prompt:
    """The choice once more, with its keys."""
    return scene.say(_key(scene, "what_now_keys"))


def unclear(scene: Scene, question: WhatNow) -> Draft:
    """Words that choose nothing and ask nothing: the choice once more, then the floor."""
    times = scene.state.misses + 1
    if times >= MOST_ASKED:
        return stays(scene)
    ears = Listen("open", scene.wait_seconds())
    return Draft((asked_again(scene),), ears, "what_now", question, misses=times, repeatable=False)


def stays(scene: Scene) -> Draft:
    """The caller goes on with the bot."""
    end = closing(scene, "what_else", AnythingElse(), named=True)
    return Draft((scene.say("stays"), *end.prompts), end.action, "stays", end.question)


def kind_at(scene: Scene, place: int) -> str | None:
    """What the key at a place (0 is the first) means: a kind, "" for staying; None for a key without a meaning."""
    kinds = scene.bot.callbacks.kinds if scene.bot.callbacks is not None else ()
    return kinds[place] if place < len(kinds) else "" if place == len(kinds) else None


def _key(scene: Scene, key: str) -> str:
    """The wording for what this bot offers."""
    kinds = scene.bot.callbacks.kinds if scene.bot.callbacks is not None else ()
    return key if len(kinds) > 1 else f"{key}_{CALLBACK if CALLBACK in kinds else MESSAGE}"
