"""What the bot says when a caller wants a person: who answers, or when somebody will."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from dialog import ringing, what_now
from dialog.closing import closing, plain
from dialog.events import HandOff
from dialog.handoff import Closed, Reachable, find_person
from dialog.scene import Draft, Scene
from dialog.state import AnythingElse


def person(scene: Scene, department: str | None, reason: str) -> Draft:
    """To a person; when nobody answers now, when somebody will."""
    if scene.state.ringing and department in (None, scene.state.ringing):
        return replace(ringing.asked_again(scene), details={"department": scene.state.ringing, "reason": reason})
    found = find_person(scene.bot, department, scene.now)
    if found is None:
        return replace(plain(scene, "person", "no_person", "closed_help"), details={"reachable": False})
    if isinstance(found, Closed):
        return closed(scene, found)
    return pass_on(scene, found, reason)


def pass_on(scene: Scene, found: Reachable, reason: str) -> Draft:
    """Say who answers, and hand over."""
    name = scene.department(found.answering.id)
    if found.asked is found.answering:
        prompt = scene.say("handoff", department=name)
    else:
        prompt = scene.say("handoff_other", department=scene.department(found.asked.id), other=name)
    action = HandOff(found.answering.id, found.number, name, reason, found.rounds)
    details: dict[str, Any] = {"department": found.answering.id, "asked": found.asked.id, "reachable": True}
    return Draft((prompt,), action, "key_0" if reason == "key_0" else "person", details=details, repeatable=False)


def closed(scene: Scene, found: Closed) -> Draft:
    """Nobody answers now: when somebody will, and what the bot can do meanwhile."""
    name = scene.department(found.asked.id)
    if found.opening is None:
        said = scene.say("closed", department=name)
    else:
        said = scene.say("closed_until", department=name, opening=spoken_opening(scene, found.opening))
    details: dict[str, Any] = {
        "department": found.asked.id,
        "reachable": False,
        "opening": found.opening.isoformat() if found.opening else None,
    }
    if scene.bot.callbacks is not None:
        draft = what_now.asking(scene, (said,), found.asked.id, "person")
        return replace(draft, details=details)
    end = closing(scene, "closed_help", AnythingElse())
    return Draft((said, *end.prompts), end.action, "person", end.question, details=details)


def spoken_opening(scene: Scene, opening: datetime) -> str:
    """ "tomorrow at ...", "on Monday at ...", with marked values."""
    days = (opening.date() - scene.now.astimezone(opening.tzinfo).date()).days
    clock = f"{{{opening:%H:%M}|time}}"
    say = scene.wording.say_raw
    if days <= 1:
        return say("opening_today" if days == 0 else "opening_tomorrow", scene.language, time=clock)
    if days < 7:
        return say("opening_weekday", scene.language, opening.weekday(), time=clock)
    return say("opening_date", scene.language, date=f"{{{opening:%Y-%m-%d}|date}}", time=clock)
