"""What is new on the desk, as server-sent events: one stream for each page that is open.

Nothing is queued for a browser. A stream is woken, looks at what is different from what it has sent, and sends that; a
slow browser is sent fewer, newer things, and a dead one holds nothing but its own stream. When a lost stream comes back
it is sent everything as it is then.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError

from voicebot.agents.board import Board
from voicebot.agents.live_call import Line, SignedAgent
from voicebot.records.errors import RecordsUnavailable
from voicebot.web.pages.agent.opening import note_opened
from voicebot.web.pages.agent.pieces import Pieces, Reading, event
from voicebot.web.pages.agent.showing import allowed, difference, standing_of
from voicebot.web.parts import WebParts, store_of
from voicebot.web.permissions import Permission, permissions_of, roles_from
from voicebot.web.sign_in import sessions
from voicebot.web.signed_in import SignedIn, session_rules

GATHER_SECONDS: Final = 0.15
"""How long changes are gathered before they are sent: an eye sees no more, and words come in bursts."""
BEAT_SECONDS: Final = 15.0
"""A page that has heard nothing for twice this long knows that the connection is dead."""
CHECK_SECONDS: Final = 3.0
"""How long a page may learn of new things after its sign-in has ended."""
STREAMS_PER_SESSION: Final = 4
"""A browser opens six connections to a house at most; pages that are one too many would leave none for forms."""

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Reader:
    """One open page.

    Args:
        signed_in: whose sign-in it belongs to.
        agent: who reads it.
        reading: in which language, from which page.
        conversation: which call is open in it; None for none.
        news: set when there is something to look at.
        over: why the stream ends: "signed_out", "elsewhere" (too many pages) or "closed"; "" while it goes on.
        callbacks_changed: the list of callbacks, which a page fetches itself, is another.
        noted: the access log says that they follow this call.
    """

    signed_in: SignedIn
    agent: SignedAgent
    reading: Reading
    conversation: str | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: str = ""
    callbacks_changed: bool = False
    noted: bool = False

    @property
    def session(self) -> str:
        """The id of the sign-in."""
        return self.signed_in.session_id

    def end(self, why: str) -> None:
        """Say good-bye and end."""
        self.over = why
        self.news.set()


@dataclass(slots=True)
class _Sent:
    """What a browser has already."""

    messages: dict[str, bytes] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()


class LiveDesk:
    """The open pages of one application.

    Args:
        parts: whose sessions they are.
        board: what they show.
        gather_seconds: see `GATHER_SECONDS`.
        check_seconds: see `CHECK_SECONDS`.
    """

    def __init__(
        self,
        parts: WebParts,
        board: Board,
        gather_seconds: float = GATHER_SECONDS,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self.pieces = Pieces(board, parts.pages)
        self._parts = parts
        self._board = board
        self._gather_seconds = gather_seconds
        self._check_seconds = check_seconds
        self._readers: dict[Reader, None] = {}
        self._work: asyncio.Task[None] | None = None
        self._watching = asyncio.Event()

    @asynccontextmanager
    async def reading(
        self, signed_in: SignedIn, agent: SignedAgent, reading: Reading, conversation: str | None
    ) -> AsyncIterator[Reader]:
        """A page is open. While any is, the board is watched."""
        reader = Reader(signed_in, agent, reading, conversation)
        own = [other for other in self._readers if other.session == reader.session]
        for other in own[: len(own) - STREAMS_PER_SESSION + 1]:
            other.end("elsewhere")
        self._readers[reader] = None
        if self._work is None or self._work.done():
            self._watching.clear()
            self._work = asyncio.create_task(self._keep_up())
        try:
            # Before anything is rendered, so that no change falls between.
            await self._watching.wait()
            with self._board.present(agent):
                yield reader
        finally:
            self._readers.pop(reader, None)
            if not self._readers and self._work is not None:
                work, self._work = self._work, None
                work.cancel()
                await asyncio.wait((work,))

    async def events(self, reader: Reader) -> AsyncGenerator[bytes, None]:
        """Everything as it is now, then what changes, until the sign-in is over."""
        sent = _Sent()
        yield b"retry: 2000\n\n"
        while not reader.over:
            reader.news.clear()
            for message in await self._fresh(reader, sent):
                yield message
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    await reader.news.wait()
                    await asyncio.sleep(self._gather_seconds)
            except TimeoutError:
                yield event("beat", {"at": self._parts.now().isoformat()})
        yield event("over", {"why": reader.over})

    def close(self) -> None:
        """End every stream: the service ends. Browsers come back when it does."""
        for reader in self._readers:
            reader.end("closed")

    async def check_sessions(self) -> None:
        """End the streams of sign-ins that are over, and keep the others: an agent who waits for a call is at work.

        Raises:
            RecordsUnavailable, DBAPIError: nobody can say; the streams go on.
        """
        readers = list(self._readers)
        at_work = {one.session for one in readers if self._board.statuses.of(one.agent.person).status != "away"}
        good = await asyncio.to_thread(self._good_sessions, {one.session for one in readers}, at_work)
        for reader in readers:
            if reader.session not in good:
                reader.end("signed_out")

    async def _fresh(self, reader: Reader, sent: _Sent) -> list[bytes]:
        """What this browser does not have yet."""
        fresh = [] if sent.messages else [event("beat", {"at": self._parts.now().isoformat()})]
        self._add(fresh, sent, "lists", self.pieces.lists(reader.reading))
        self._add(fresh, sent, "own", event("own", self._own(reader)))
        if reader.callbacks_changed:
            reader.callbacks_changed = False
            fresh.append(event("callbacks", {}))
        call = None if reader.conversation is None else self._board.find(reader.conversation)
        # A call may begin to be on the board, or be there again, while its page is open.
        if call is not None and await self._noted(reader, call.conversation):
            self._add(fresh, sent, "call", await self.pieces.call(call, reader.reading))
            gone, same = difference(sent.lines, call.lines)
            if gone or same < len(call.lines) or same < len(sent.lines):
                html = "".join(self.pieces.line(line, call, reader.reading) for line in call.lines[same:])
                fresh.append(event("words", {"gone": gone, "from": same, "html": html}))
                sent.lines = call.lines
        return fresh

    def _add(self, fresh: list[bytes], sent: _Sent, name: str, message: bytes) -> None:
        if sent.messages.get(name) != message:
            sent.messages[name] = message
            fresh.append(message)

    async def _noted(self, reader: Reader, conversation: str) -> bool:
        """Have it in the access log that they follow this call, before anything of the caller is sent."""
        if not reader.noted:
            try:
                await note_opened(self._parts, reader.signed_in, conversation)
            except (RecordsUnavailable, DBAPIError) as fault:
                log.warning("a page is sent no words: the access log cannot be written", error=type(fault).__name__)
                return False
            reader.noted = True
        return True

    def _own(self, reader: Reader) -> dict[str, Any]:
        """What is this page's alone: the agent's status, and what they may do with the open call."""
        status = self._board.statuses.of(reader.agent.person)
        wrap_ups = self._board.to_wrap_up(reader.agent)
        own: dict[str, Any] = {"status": status.status, "by": status.by, "wrap_ups": len(wrap_ups)}
        if reader.conversation is not None:
            call = self._board.find(reader.conversation)
            actions = () if call is None else allowed(call, reader.agent)
            own["actions"] = (*actions, "wrap-up") if reader.conversation in wrap_ups else actions
            own["standing"] = "over" if call is None else standing_of(call)
        return own

    async def _keep_up(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch())
                tasks.create_task(self._go_on_checking())
        except BaseExceptionGroup:
            # Nobody is left looking at a page that stands still: browsers come back by themselves.
            self.close()
            raise

    async def _watch(self) -> None:
        async with self._board.watch() as watch:
            self.pieces.forget()
            self._watching.set()
            async for change in watch:
                self.pieces.note(change)
                for reader in self._readers:
                    if change.what == "callbacks":
                        reader.callbacks_changed = True
                    if change.what != "words" or change.conversation == reader.conversation:
                        reader.news.set()

    async def _go_on_checking(self) -> None:
        while True:
            await asyncio.sleep(self._check_seconds)
            try:
                await self.check_sessions()
            except (RecordsUnavailable, DBAPIError) as fault:
                log.warning("sign-ins of open pages could not be checked", error=type(fault).__name__)

    def _good_sessions(self, ids: set[str], at_work: set[str]) -> set[str]:
        database, now = store_of(self._parts).database, self._parts.now()
        with database.reading() as connection:
            found = sessions.still_good(connection, ids, session_rules(self._parts), now)
            unseen = sessions.unseen(connection, at_work & found.keys(), now)
        if unseen:
            with database.writing() as connection:
                sessions.keep(connection, unseen, now)
        return {one for one, roles in found.items() if Permission.TAKE_CALLS in permissions_of(roles_from(roles))}
