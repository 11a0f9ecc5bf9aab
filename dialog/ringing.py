"""What the bot says while people's phones ring for a caller."""

from dataclasses import replace
from typing import Protocol

from dialog.bot import Bot
from dialog.closing import closing, plain
from dialog.events import Listen, Prompt, Ringing
from dialog.scene import Draft, Scene
from dialog.state import State
from dialog.wording import Wording

SAID_AT_SECONDS = (8.0, 20.0, 35.0, 55.0, 80.0)
"""When a silent caller hears something, counted from the first ring: they hear no ringing tone themselves."""

SAID_EVERY_SECONDS = 30.0
"""From then on."""

MINUTE_SECONDS = 60.0


def words(bot: Bot, wording: Wording, state: State, now: Ringing) -> tuple[Prompt, ...]:
    """What a silent caller hears now; nothing when it is too early for more.

    Each time it is something else: who is asked, how many are before them, how long it has rung, what they may do.
    """
    language = state.language if state.language in bot.languages else bot.languages[0]

    def say(key: str, **values: str) -> Prompt:
        return Prompt(wording.say(key, language, now.times_said // 2, **values), language)

    if now.trying_next:
        return (say("ringing_department", department=_department(bot, now.department, language)),)
    if now.seconds < _due(now.times_said):
        return ()
    if now.times_said % 2 == 0:
        return (*_position(say, now.position), say("ringing"))
    instead = say("ringing_callback") if bot.callbacks is not None and bot.callbacks.callback else say("ringing_stay")
    return (*_waited(say, now.seconds), instead)


def _due(times_said: int) -> float:
    if times_said < len(SAID_AT_SECONDS):
        return SAID_AT_SECONDS[times_said]
    return SAID_AT_SECONDS[-1] + SAID_EVERY_SECONDS * (times_said - len(SAID_AT_SECONDS) + 1)


def _department(bot: Bot, department_id: str, language: str) -> str:
    department = bot.department(department_id)
    names = department.names if department is not None else {}
    return names.get(language) or next(iter(names.values()), department_id)


def _position(say: "_Say", position: int) -> tuple[Prompt, ...]:
    if position <= 0:
        return ()
    if position <= 2:
        return (say("ringing_next" if position == 1 else "ringing_one_ahead"),)
    return (say("ringing_ahead", count=f"{{{position - 1}|number}}"),)


def _waited(say: "_Say", seconds: float) -> tuple[Prompt, ...]:
    minutes = round(seconds / MINUTE_SECONDS)
    if minutes < 1:
        return ()
    return (say("ringing_minute") if minutes == 1 else say("ringing_minutes", minutes=f"{{{minutes}|number}}"),)


class _Say(Protocol):
    def __call__(self, key: str, **values: str) -> Prompt: ...


def asked_again(scene: Scene) -> Draft:
    """The caller asks for a person while one is being rung: that it rings."""
    return plain(scene, "ringing", "ringing_again", department=scene.department(scene.state.ringing))


def stopped(scene: Scene) -> Draft:
    """The caller would rather not wait, and has the floor."""
    end = closing(scene, "what_else", named=True)
    return without(scene, Draft((scene.say("ringing_stopped"), *end.prompts), end.action, "stop_ringing", end.question))


def without(scene: Scene, draft: Draft) -> Draft:
    """The draft, and nobody is rung any more."""
    action = draft.action
    if not scene.state.ringing or not isinstance(action, Listen):
        return draft
    return replace(draft, action=replace(action, stop_ringing=True))
