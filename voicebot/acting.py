"""What the dialog asks to be done outside: each thing is begun once, and goes on whatever the caller says meanwhile."""

import asyncio
import threading
import traceback
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeAlias

import structlog

from dialog.actions import SEND_LINK, ActionSpec, ArgumentsInvalid, result_texts, typed_arguments
from dialog.callback_rules import ASK_CALLBACK
from dialog.events import Act, ActionDone, ActionFailed
from dialog.identity import PROVE
from telephony.call import Call
from telephony.errors import TelephonyError
from voicebot.callbacks.asking import NotPromised, asker
from voicebot.identity.provider import Proven
from voicebot.identity.who import Who
from voicebot.keeping import Keeping
from voicebot.rooms import Doing, NoCallbacks, TakingCallbacks

log = structlog.get_logger(__name__)

Came: TypeAlias = ActionDone | ActionFailed

THREADS = 4
"""Plain functions that may be under way at once, over all calls; one that never returns holds its thread for ever."""


class Acting:
    """Runs a bot's own functions, away from the event loop that carries the calls.

    Plain functions run on a few threads, async ones on an event loop of their own: whatever a bot's author writes,
    no call stutters for it.

    Args:
        actions: by name.
    """

    def __init__(self, actions: Mapping[str, ActionSpec]) -> None:
        self._actions = actions
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="action")
        self._free = threading.Semaphore(THREADS)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, act: Act, proven: Proven | None = None) -> Came:
        """Do what was asked for; never raises but when cancelled.

        Within `timeout_seconds` an attempt, as often as its function allows. What has not come back by then may still
        be going on: only looking things up should be tried twice.

        Args:
            act: what.
            proven: who the caller is; a function that asks for it is not run without.
        """
        spec = self._actions.get(act.name)
        if spec is None:
            log.error("there is no such action", action=act.name)
            return ActionFailed(act.ticket, "unavailable")
        if spec.from_proof and proven is None:
            log.error("an action that wants identity was asked for without", action=act.name)
            return ActionFailed(act.ticket, "unavailable")
        try:
            arguments = {**typed_arguments(spec, act.arguments), **_from_proof(spec, proven)}
        except ArgumentsInvalid as error:
            log.error("an action was asked for wrongly", action=act.name, error=str(error))
            return ActionFailed(act.ticket, "error")
        reason = "error"
        for attempt in range(1, spec.policy.attempts + 1):
            try:
                return ActionDone(act.ticket, result_texts(await self._attempt(spec, arguments)))
            except TimeoutError:
                reason = "timeout"
                log.warning("an action took too long", action=act.name, attempt=attempt)
            except _Busy:
                log.error("all threads for actions are taken", action=act.name)
                return ActionFailed(act.ticket, "unavailable")
            except Exception as error:  # whatever a bot's own function raises: the caller hears that it did not work
                # Its message may hold what the caller said, so the log gets its kind and its place only.
                where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-2:]]
                log.error("an action failed", action=act.name, error=type(error).__name__, where=where, attempt=attempt)
                reason = "error"
                if not isinstance(error, spec.policy.retry_on):
                    break
        return ActionFailed(act.ticket, reason)

    def close(self) -> None:
        """Let go of the threads; what is under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    async def _attempt(self, spec: ActionSpec, arguments: dict[str, Any]) -> object:
        async with asyncio.timeout(spec.policy.timeout_seconds):
            if spec.is_async:
                doing = asyncio.run_coroutine_threadsafe(spec.function(**arguments), self._own_loop())
                return await asyncio.wrap_future(doing)
            if not self._free.acquire(blocking=False):
                raise _Busy
            running = self._threads.submit(spec.function, **arguments)
            running.add_done_callback(lambda _: self._free.release())
            return await asyncio.wrap_future(running)

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_run, args=(self._loop,), name="async-actions", daemon=True).start()
        return self._loop


def _from_proof(spec: ActionSpec, proven: Proven | None) -> dict[str, Any]:
    """What a function asks for by name of who the caller is."""
    if proven is None:
        return {}
    known = {"identity": proven.identity, "national_id": proven.national_id}
    return {name: known[name] for name in spec.from_proof}


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Until it is stopped; what is then under way is cancelled."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.get_loop().run_forever()


class _Busy(Exception):
    """No thread is free."""


class Errands:
    """The acts of one call, one at a time.

    Args:
        act: does one.
        call: the line; text messages go to its caller.
        start: starts a task of this call.
        who: knows who the caller is, once it is proven.
        keeping: writes down attempts to prove it.
        callbacks: takes what the caller wants done later.
    """

    def __init__(
        self,
        act: Doing,
        call: Call,
        start: Callable[[Coroutine[Any, Any, Came]], asyncio.Task[Came]],
        who: Who,
        keeping: Keeping,
        callbacks: TakingCallbacks | None = None,
    ) -> None:
        self._callbacks = callbacks or NoCallbacks()
        self._act = act
        self._call = call
        self._start = start
        self._who = who
        self._keeping = keeping
        self._proof: tuple[int, asyncio.Task[Came]] | None = None
        self._ticket: int | None = None
        self._errand: asyncio.Task[Came] | None = None

    def begin(self, act: Act) -> None:
        """Begin an act; one that is under way, or done, under the same ticket goes on instead."""
        if act.ticket == self._ticket:
            return
        self._ticket = act.ticket
        if act.name == PROVE:
            self._errand = self._prove(act)
        elif act.name == SEND_LINK:
            self._errand = self._start(self._send_link(act))
        elif act.name == ASK_CALLBACK:
            self._errand = self._start(self._ask_callback(act))
        else:
            self._errand = self._start(self._act(act, self._who.proven))

    def _prove(self, act: Act) -> asyncio.Task[Came]:
        """A proof that is waited for goes on while the caller asks for something else, and is come back to."""
        if self._proof is None or self._proof[0] != act.ticket:
            self.close()
            step = self._start(self._who.answer(act, self._call, self._keeping, datetime.now(UTC)))
            self._proof = (act.ticket, step)
        return self._proof[1]

    def close(self) -> None:
        """Nobody waits for a proof any more. Functions of the bot that were begun go on to their end."""
        if self._proof is not None:
            self._proof[1].cancel()

    async def ready_within(self, seconds: float) -> bool:
        """Whether it is done before so much time has passed; being cancelled while waiting does not cancel it."""
        assert self._errand is not None, "something was begun"
        done, _ = await asyncio.wait({self._errand}, timeout=seconds)
        return bool(done)

    async def result(self) -> Came:
        """What came of it."""
        assert self._errand is not None, "something was begun"
        return await asyncio.shield(self._errand)

    async def _send_link(self, act: Act) -> Came:
        try:
            await self._call.send_text(act.arguments["link"])
        except TelephonyError as error:
            log.error("a text message was not sent", error=type(error).__name__, call_id=self._call.caller.call_id)
            return ActionFailed(act.ticket, "unavailable")
        return ActionDone(act.ticket, {})

    async def _ask_callback(self, act: Act) -> Came:
        call_id = self._call.caller.call_id
        try:
            who = asker(self._call, self._keeping.conversation)
            return ActionDone(act.ticket, await self._callbacks.ask(act.arguments, who))
        except NotPromised as refused:
            log.warning("a callback was not promised", why=refused.why, call_id=call_id)
            return ActionFailed(act.ticket, "number" if refused.why == "number" else "unavailable")
        except Exception as error:  # whatever breaks: the caller hears of it; its message may name them
            where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-2:]]
            log.error("taking a callback failed", error=type(error).__name__, where=where, call_id=call_id)
            return ActionFailed(act.ticket, "error")
