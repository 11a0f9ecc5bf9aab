"""Who the caller of one call is: acts of the mind become steps of an attempt, and what is proven stays in memory."""

import traceback
from datetime import datetime

import structlog

from dialog.events import Act, ActionDone, ActionFailed
from dialog.identity import NOT_PROVEN
from telephony.call import Call
from voicebot.identity.provider import (
    Approving,
    Asked,
    Attempt,
    Came,
    CodeSent,
    IdentityProvider,
    NotProven,
    Proven,
    WrongCode,
)
from voicebot.keeping import Keeping
from voicebot.records.entries import IdentityTried

log = structlog.get_logger(__name__)


class Who:
    """Keeps who calls, from the proof to the end of the call; another call begins with another one.

    Args:
        provider: proves it; None for a house that cannot.
    """

    def __init__(self, provider: IdentityProvider | None) -> None:
        self._provider = provider
        self._attempt: Attempt | None = None
        self.proven: Proven | None = None

    async def answer(self, act: Act, call: Call, keeping: Keeping, now: datetime) -> ActionDone | ActionFailed:
        """Take the step that the mind asks for (`dialog.identity.PROVE`); never raises but when cancelled."""
        if self._provider is None:
            log.error("a flow requires identity, and there is no provider", call_id=call.caller.call_id)
            return ActionDone(act.ticket, {"outcome": "unavailable"})
        try:
            came = await self._step(act, call, self._provider)
        except Exception as error:  # a provider that breaks must not break the call; its message may name the caller
            where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-2:]]
            log.error("proving identity failed", error=type(error).__name__, where=where, call_id=call.caller.call_id)
            came = NotProven("unavailable")
        return ActionDone(act.ticket, self._result(came, keeping, now, self._provider.name))

    async def _step(self, act: Act, call: Call, provider: IdentityProvider) -> Came:
        step, given = act.arguments["step"], act.arguments
        if self._attempt is None or step == "begin":
            caller = call.caller
            attempt = provider.attempt(
                Asked(caller.call_id, caller.number, given["level"], given["language"], call.send_text)
            )
            if step not in ("begin", "again"):
                return NotProven("expired")
            self._attempt = attempt
        match step:
            case "begin" | "again":
                return await self._attempt.begin(step == "again")
            case "code":
                return await self._attempt.code(given.get("code", ""))
            case _:
                return await self._attempt.wait()

    def _result(self, came: Came, keeping: Keeping, now: datetime, provider: str) -> dict[str, str]:
        match came:
            case Proven(identity=identity):
                self.proven, self._attempt = came, None
                self._note("proven", identity.level, keeping, now, provider)
                return {"outcome": "proven", "provider": identity.provider, "level": identity.level}
            case NotProven(outcome=outcome):
                self._attempt = None
                kept = outcome if outcome in NOT_PROVEN and outcome != "no_number" else "unavailable"
                self._note(kept, "", keeping, now, provider)
                return {"outcome": outcome}
            case CodeSent():
                return {"outcome": "code_sent"}
            case WrongCode():
                return {"outcome": "wrong_code"}
            case Approving(binding=binding):
                return {"outcome": "waiting", "binding": binding}

    def _note(self, outcome: str, level: str, keeping: Keeping, now: datetime, provider: str) -> None:
        log.info("identity", outcome=outcome, provider=provider, level=level)
        keeping.note(IdentityTried(keeping.conversation, provider, outcome, level, now))
