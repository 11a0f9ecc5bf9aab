"""A conversation's state as text and back: it survives a restart, or a line that was lost.

The text is JSON with a version. What it says is checked against the types of `dialog.state`: a text from elsewhere, or
one that names what the bot no longer has, is refused as a whole.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from dialog.bot import Bot
from dialog.errors import DialogError
from dialog.flows.flow import Collect, Confirm, DoAction, Step, step_at
from dialog.identity import CODE, Proof, is_enough
from dialog.state import (
    Acting,
    Frame,
    InFlow,
    LinkOffered,
    NothingOpen,
    NowOrLater,
    PersonOffered,
    ProofOffered,
    Proving,
    SlotAsked,
    SlotDoubtful,
    State,
    StepConfirm,
    Topic,
    WhichTopic,
)

VERSION = 1
KIND = "is"
"""Beside the fields of a dataclass: which one of several it is."""


class StateInvalid(DialogError):
    """A text is no state of this bot; says where, and nothing of what the caller said."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """What is written."""

    version: int
    state: State


def to_json(state: State) -> str:
    """The state as one line of JSON. It holds the caller's words and numbers: keep it as you keep those."""
    saved = {"version": VERSION, "state": _plain(state)}
    return json.dumps(saved, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str, bot: Bot) -> State:
    """The state that a text holds.

    When the bot's content has changed since, flows under way are given up: a step may have become another one, and an
    order must not be placed twice. The caller is asked again what it is about.

    Raises:
        StateInvalid: the text is no state, of another version, or names what the bot does not have.
    """
    try:
        raw = json.loads(text)
        if not isinstance(raw, dict) or raw.get("version") != VERSION:
            raise StateInvalid(f"this is no state of version {VERSION}")
        saved = _built(_Saved, raw, "")
    except (ValueError, RecursionError) as error:
        raise StateInvalid("this is no JSON") from error
    state: State = saved.state
    if state.content != bot.content_version:
        state = replace(_without_flows(state), content=bot.content_version)
    _check(state, bot)
    return state


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {KIND: type(value).__name__, **named}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _built(wanted: Any, raw: Any, where: str) -> Any:
    """A value of a type from what JSON gave."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return _one_of(inner, raw, where)
    if origin is tuple:
        if not isinstance(raw, list) or (inner[-1] is not ... and len(raw) != len(inner)):
            raise StateInvalid(f"{where or 'it'} is no list of the right length")
        kinds = [inner[0]] * len(raw) if inner[-1] is ... else inner
        return tuple(_built(kind, item, where) for kind, item in zip(kinds, raw, strict=True))
    if origin is frozenset:
        if not isinstance(raw, list):
            raise StateInvalid(f"{where} is no list")
        return frozenset(_built(inner[0], item, where) for item in raw)
    if isinstance(wanted, type) and is_dataclass(wanted):
        return _dataclass(wanted, raw, where)
    if wanted is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if not isinstance(raw, wanted) or (isinstance(raw, bool) and wanted is not bool):
        raise StateInvalid(f"{where or 'it'} is no {getattr(wanted, '__name__', wanted)}")
    return raw


def _one_of(kinds: tuple[Any, ...], raw: Any, where: str) -> Any:
    if raw is None and types.NoneType in kinds:
        return None
    classes: dict[str, Any] = {getattr(kind, "__name__", ""): kind for kind in kinds if is_dataclass(kind)}
    if isinstance(raw, dict):
        name = raw.get(KIND)
        if not isinstance(name, str) or name not in classes:
            raise StateInvalid(f"{where} is none of {', '.join(classes)}")
        return _dataclass(classes[name], raw, where)
    for kind in kinds:
        if kind is not types.NoneType and not is_dataclass(kind):
            try:
                return _built(kind, raw, where)
            except StateInvalid:
                continue
    raise StateInvalid(f"{where} is of no type it can have")


def _dataclass(wanted: Any, raw: Any, where: str) -> Any:
    if not isinstance(raw, dict):
        raise StateInvalid(f"{where or 'it'} is no {wanted.__name__}")
    hints = _hints(wanted)
    given = {name: value for name, value in raw.items() if name != KIND}
    if set(given) != set(hints):
        odd = ", ".join(sorted(set(given) ^ set(hints)))
        raise StateInvalid(f"{where or wanted.__name__} lacks or has too much: {odd}")
    return wanted(**{name: _built(hint, given[name], f"{where}.{name}".strip(".")) for name, hint in hints.items()})


@lru_cache(maxsize=64)
def _hints(wanted: type) -> Mapping[str, Any]:
    return get_type_hints(wanted)


def without_proof(state: State, bot: Bot) -> State:
    """The state of a call whose caller must prove again who they are, because who it was is not known any more.

    Flows that required it are given up with what they had found, and what was said last is not repeated.
    """
    if state.proof is None:
        return state
    state = replace(state, proof=None)
    personal = {flow.id for flow in bot.flows if flow.requires}
    if not personal & {frame.flow for frame in (*state.past, *state.frames)}:
        return state
    return replace(_without_flows(state), last=(), turns=())


def _without_flows(state: State) -> State:
    gone = isinstance(state.question, InFlow | NowOrLater)
    return replace(state, frames=(), past=(), question=NothingOpen() if gone else state.question)


def _check(state: State, bot: Bot) -> None:
    """That everything the state names is there."""
    articles, flows = {article.id for article in bot.articles}, {flow.id for flow in bot.flows}
    named = {state.topic} - {""}
    asked: set[str] = set()
    for topic in (*state.later, *_topics(state)):
        named |= {topic.article} - {""}
        asked |= {topic.flow} - {""}
    if named - articles or asked - flows or not set(state.languages) <= set(bot.languages):
        raise StateInvalid("it names an article, a flow or a language that the bot does not have")
    if state.language not in bot.languages or not state.languages:
        raise StateInvalid("it has no language of the bot")
    if state.frames and state.frames[-1].question is None:
        raise StateInvalid("the flow under way waits for nothing")
    if isinstance(state.question, InFlow) and not state.frames:
        raise StateInvalid("it waits for a flow, and none is under way")
    if isinstance(state.question, PersonOffered) and not bot.departments:
        raise StateInvalid("it offers a person, and the bot has none")
    for frame in (*state.past, *state.frames):
        _check_frame(frame, bot)
    if any(not _may_stand(frame, bot, state.proof) for frame in state.frames):
        raise StateInvalid("a flow under way lacks the identity that it requires, or waits for one it does not need")


def _topics(state: State) -> tuple[Topic, ...]:
    match state.question:
        case WhichTopic(topics=topics):
            return topics
        case NowOrLater(flow=flow):
            return (Topic(flow=flow),)
        case LinkOffered(article=article):
            return (Topic(article=article),)
        case _:
            return ()


def _check_frame(frame: Frame, bot: Bot) -> None:
    try:
        flow = bot.flow(frame.flow)
        step = step_at(flow, frame.at)
    except (LookupError, ValueError) as error:
        raise StateInvalid("a flow under way is not where it says") from error
    known = {slot for one in bot.flows for slot in one.slots}
    if {filled.slot for filled in frame.slots} - known or not _fits(frame, step):
        raise StateInvalid("a flow under way does not fit its step")


def _may_stand(frame: Frame, bot: Bot, proof: Proof | None) -> bool:
    """True when a flow waits for a proof exactly as long as it lacks one."""
    question = frame.question
    waits = isinstance(question, ProofOffered | Proving) or (isinstance(question, SlotAsked) and question.slot == CODE)
    return waits != is_enough(proof, bot.flow(frame.flow).requires)


def _fits(frame: Frame, step: Step | None) -> bool:
    """True when a frame can wait at a step as it does."""
    match frame.question:
        case SlotAsked(slot=slot):
            return slot == CODE or (isinstance(step, Collect) and step.slot == slot)
        case SlotDoubtful(slot=slot):
            return isinstance(step, Collect) and step.slot == slot and frame.filled(slot) is not None
        case StepConfirm():
            return isinstance(step, Confirm)
        case Acting():
            return isinstance(step, DoAction)
        case ProofOffered() | Proving() | None:
            return True
