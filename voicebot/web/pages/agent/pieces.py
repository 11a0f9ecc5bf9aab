"""The pieces of the desk that several browsers show: each rendered once per language and change, not per browser.

A piece is rendered when somebody asks for it and something has changed since. When it comes out as it was, it is the
same object as before, so that whoever has sent it already need not compare it.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import structlog
from markupsafe import Markup

from voicebot.agents.board import Board
from voicebot.agents.live_call import Change, Line, LiveCall
from voicebot.web.pages.agent.showing import Standing, lists_of, mood_told, person_of, standing_of
from voicebot.web.rendering import Pages

LISTS: Final = ("waiting", "bot", "person")
PAGE_ROOTS: Final = ("./", "../", "../../", "../../../")
"""How a page of an agent gets to the service's root, by the slashes within its path: /agent, /agent/me, and
/agent/calls/{conversation}."""


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a piece is read: in which language, and from which page."""

    language: str
    root: str


@dataclass(slots=True)
class _Kept:
    stamp: tuple[object, ...]
    message: bytes


class Pieces:
    """Renders the desk's shared pieces.

    Args:
        board: what they show.
        pages: templates and texts.
    """

    def __init__(self, board: Board, pages: Pages) -> None:
        self._board = board
        self._pages = pages
        self._lists_changed = self._all_changed = 0
        self._changed: Counter[str] = Counter()
        self._kept: dict[tuple[str, str, Reading], _Kept] = {}
        self._items: dict[tuple[str, Reading], tuple[LiveCall, Markup]] = {}
        self._lock = asyncio.Lock()

    def note(self, change: Change) -> None:
        """Something is different now."""
        if change.what not in ("calls", "call", "people"):
            return
        self._lists_changed += 1
        if change.what == "calls":
            self._all_changed += 1
            self._forget_what_is_over()
        elif change.conversation is not None:
            self._changed[change.conversation] += 1

    def forget(self) -> None:
        """Nobody has noted changes for a while: render everything anew."""
        self._kept.clear()
        self._items.clear()
        self._changed.clear()

    def lists(self, reading: Reading) -> bytes:
        """Who waits, whom the bot has, and whom people have; as an event of the stream."""
        key, stamp = ("lists", "", reading), (self._lists_changed,)
        kept = self._kept.get(key)
        if kept is not None and kept.stamp == stamp:
            return kept.message
        live = self._board.live()
        values = list_values(live, reading.language)
        values["items"] = {call.conversation: self._item(call, reading, values) for call in live}
        pieces = {
            name: self._pages.fragment(f"agent_{name}.html", reading.language, reading.root, **values) for name in LISTS
        }
        return self._keep(key, stamp, event("pieces", pieces))

    async def call(self, call: LiveCall, reading: Reading) -> bytes:
        """One call but for its words: where it is, and the brief; as an event of the stream."""
        # A turn that is over may have changed what the call is about; half-heard words have not.
        said_at = next((line.at for line in reversed(call.lines) if not line.partial), None)
        key = ("call", call.conversation, reading)
        stamp = (self._all_changed, self._changed[call.conversation], said_at)
        # One at a time, so that of many who look at a call the first has its brief made.
        async with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.stamp == stamp:
                return kept.message
            values = await self.call_values(call, reading.language)
            pieces = {
                name: self._pages.fragment(f"agent_{name}.html", reading.language, reading.root, **values)
                for name in ("head", "brief", "more")
            }
            return self._keep(key, stamp, event("pieces", pieces))

    async def call_values(self, call: LiveCall, language: str) -> dict[str, Any]:
        """What the templates of one call use."""
        try:
            brief = await self._board.brief(call.conversation, language)
        except Exception as fault:
            # Whatever is wrong with it, the agent can still see the call and take it. Its words are not for the log.
            log.error("a brief could not be made for the desk", error=type(fault).__name__)
            brief = None
        facts = None if brief is None else brief.facts
        return {
            **shown(call, language),
            "facts": facts,
            "sources": [] if facts is None else sources_of(facts),
        }

    def line(self, line: Line, call: LiveCall, reading: Reading) -> str:
        """One line of what is being said in a call."""
        return self._pages.fragment("agent_line.html", reading.language, reading.root, line=line, call=call)

    def _item(self, call: LiveCall, reading: Reading, values: Mapping[str, Any]) -> Markup:
        """One caller in a list: of twenty, mostly one is different from before."""
        bare, key = replace(call, lines=()), (call.conversation, reading)
        kept = self._items.get(key)
        if kept is None or kept[0] != bare:
            html = self._pages.fragment("agent_caller.html", reading.language, reading.root, **values, call=bare)
            kept = self._items[key] = (bare, Markup(html))
        return kept[1]

    def _keep(self, key: tuple[str, str, Reading], stamp: tuple[object, ...], message: bytes) -> bytes:
        kept = self._kept.get(key)
        if kept is not None and kept.message == message:
            message = kept.message
        self._kept[key] = _Kept(stamp, message)
        return message

    def _forget_what_is_over(self) -> None:
        live = {call.conversation for call in self._board.live()}
        self._kept = {key: kept for key, kept in self._kept.items() if not key[1] or key[1] in live}
        self._items = {key: kept for key, kept in self._items.items() if key[0] in live}
        self._changed = Counter({one: count for one, count in self._changed.items() if one in live})


def event(name: str, data: Any) -> bytes:
    """One server-sent event (WHATWG HTML, 9.2): its data is JSON on one line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, default=str)}\n\n".encode()


def list_values(live: Sequence[LiveCall], language: str, me: str = "", chosen: str = "") -> dict[str, Any]:
    """What the templates of the lists use.

    Args:
        live: the calls.
        language: of the reader.
        me: whose page it is; "" in a piece that several show, where the page marks its own.
        chosen: the conversation that is open; "" likewise.
    """
    return {"lists": lists_of(live), "standing_of": standing_of, "person_of": person_of} | {
        "mood_of": lambda call: mood_told(call, language),
        "me": me,
        "chosen": chosen,
        "items": None,
    }


def shown(call: LiveCall, language: str) -> dict[str, Any]:
    """What every template of one call uses."""
    return {
        "call": call,
        "standing": standing_of(call),
        "standings": Standing,
        "person": person_of(call),
        "mood": mood_told(call, language),
    }


def sources_of(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The articles that have answered in this conversation, with the day each must be read again as a day."""
    days = ((source, source["review"]) for source in facts["sources"])
    return [{**source, "review": date.fromisoformat(day) if day else None} for source, day in days]
