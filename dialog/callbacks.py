"""Being called back, and leaving a message: two flows that every bot with `callbacks` in its bot.yaml has.

Their files stand in `dialog/built_in/flows`. They run like a bot's own flows; what is special is here: what is known
before their first step, and what the program is asked to do at the end.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from dialog.actions import Value
from dialog.bot import LANGUAGES, Bot, Department
from dialog.callback_rules import CALLBACK, MESSAGE
from dialog.errors import Fault
from dialog.flows.flow import Flow
from dialog.flows.reading import read_flows
from dialog.handoff import is_open
from dialog.hours import Hours
from dialog.people import E164
from dialog.scene import Scene, in_language
from dialog.slots.callback_time import first_and_last
from dialog.state import Filled, Frame, State

NUMBERS: Mapping[str, str] = {CALLBACK: "callback_number", MESSAGE: "message_number"}
"""The slot of each flow that holds the number to call."""

ABOUT = "callback_about"
DESK_FIELDS = "desk."
DESK = f"{DESK_FIELDS}id"
"""Field of a frame that says which department is asked for."""

RESULTS: Mapping[str, Value] = {
    "asked.day": Value(str),
    "asked.clock": Value(str),
    "asked.sms": Value(bool),
    "desk.phone": Value(str),
    "desk.day": Value(str),
    "desk.clock": Value(str),
}
"""What the texts of these flows may name beside their slots."""


@lru_cache(maxsize=1)
def _flows() -> Mapping[str, Flow]:
    """Both flows by id; read once, in every language."""
    folder, faults = resources.files("dialog").joinpath("built_in", "flows"), list[Fault]()
    files = {
        f"{kind}.yaml": folder.joinpath(f"{kind}.yaml").read_text(encoding="utf-8") for kind in (CALLBACK, MESSAGE)
    }
    drafts = read_flows(files, LANGUAGES, LANGUAGES, faults)
    return {draft.flow.id: replace(draft.flow, built_in=True) for draft in drafts}


def built_in_flows(kinds: tuple[str, ...]) -> tuple[Flow, ...]:
    """The flows for what a bot offers. kinds: `CallbackRules.kinds`."""
    return tuple(_flows()[kind] for kind in kinds)


def is_built_in(bot: Bot, flow_id: str) -> bool:
    """True for one of these flows in a bot that has it."""
    return bot.callbacks is not None and flow_id in bot.callbacks.kinds


def begun(scene: Scene, frame: Frame) -> Frame:
    """The frame of such a flow before its first step: whom it is for, the caller's own number, what it is about."""
    department = _desk(scene)
    known = _known_of(scene, department)
    if department is not None and not any(name == DESK for name, _ in frame.results):
        frame = replace(frame, results=(*frame.results, *known))
    number, slot = scene.state.number, NUMBERS[frame.flow]
    if E164.fullmatch(number) and frame.filled(slot) is None:
        frame = replace(frame, slots=(*frame.slots, Filled(slot, number, sure=False)))
    subject = _subject(scene)
    if frame.flow == CALLBACK and subject and frame.filled(ABOUT) is None:
        frame = replace(frame, slots=(*frame.slots, Filled(ABOUT, subject, sure=False)))
    return frame


def _desk(scene: Scene) -> Department | None:
    """The department that is asked for: the one that could not be reached, or was being rung; else the default one."""
    wanted = getattr(scene.state.question, "department", "") or scene.state.ringing
    return scene.bot.department(wanted) or scene.bot.default_department


def _known_of(scene: Scene, department: Department | None) -> tuple[tuple[str, str], ...]:
    if department is None:
        return ()
    opened = is_open(department, scene.now)
    phone = department.number.removeprefix("+47") if E164.fullmatch(department.number) else ""
    opening = None if opened or department.hours is None else department.hours.next_opening(scene.now)
    stands = ("open" if opened else "closed" if opening else "") if phone else ""
    return (
        (DESK, department.id),
        ("desk.now", stands),
        ("desk.phone", phone),
        ("desk.day", f"{opening:%Y-%m-%d}" if opening else ""),
        ("desk.clock", f"{opening:%H:%M}" if opening else ""),
    )


def _subject(scene: Scene) -> str:
    """What the conversation is about so far, by the bot's own titles."""
    frames = [frame for frame in (*scene.state.past, *scene.state.frames) if frame.flow not in NUMBERS]
    if frames:
        titles = scene.bot.flow(frames[-1].flow).titles
    else:
        found = next((article for article in scene.bot.articles if article.id == scene.state.topic), None)
        titles = found.titles if found is not None else {}
    return in_language(scene.bot, titles, scene.language)[1]


def hours_of(bot: Bot, state: State) -> Hours | None:
    """The hours that count for what a caller says of time: of the department that is to call, or of the company."""
    department = bot.department(dict(state.frames[-1].results).get(DESK, "")) if state.frames else None
    return department.hours if department is not None else bot.hours


def act_arguments(bot: Bot, arguments: Mapping[str, str]) -> dict[str, str]:
    """What the program is asked to do: the stretch of time as the two moments it is, with their time zone."""
    department = bot.department(arguments.get("department", ""))
    hours = department.hours if department is not None else bot.hours
    first, last = first_and_last(arguments.get("wanted", ""))
    return {**arguments, "wanted": _zoned(first, hours), "until": _zoned(last, hours)}


def _zoned(moment: str, hours: Hours | None) -> str:
    if not moment or hours is None:
        return moment
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(hours.timezone)).isoformat()


def told_result(bot: Bot, result: Mapping[str, str]) -> dict[str, str]:
    """What came of it, as it is read out: the deadline as day and time on the clock of the house."""
    until = result.get("until", "")
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        return dict(result)
    if moment.tzinfo is not None and bot.hours is not None:
        moment = moment.astimezone(ZoneInfo(bot.hours.timezone))
    return {**result, "day": f"{moment:%Y-%m-%d}", "clock": f"{moment:%H:%M}"}
