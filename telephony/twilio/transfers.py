"""All warm transfers of the line: begun, taken up again after a restart, and forgotten."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from telephony.call import Pcm16, Spoken
from telephony.errors import CarrierRefused, PersonBusy
from telephony.traffic import Traffic
from telephony.transfer.happenings import FINAL, CallerGone, LegReported, LegStatus
from telephony.transfer.orders import Attempted, Finished, Ring
from telephony.transfer.request import Saved, TransferRecord, WarmRequest
from telephony.transfer.states import Transfer
from telephony.transfer.transfer import begin, resume
from telephony.twilio import transfer_twiml
from telephony.twilio.call_book import CallBook, CallRecord, HangUp, NextStep, e164
from telephony.twilio.rest import ALREADY_OVER, TwilioRest
from telephony.twilio.saved_transfer import SavedUnreadable, from_json
from telephony.twilio.settings import TwilioSettings
from telephony.twilio.transfer_sounds import RESTORED_SECONDS, TransferSounds, fixed
from telephony.twilio.underway import Underway
from telephony.twilio.warm_transfer import Tell, WarmTransfer

TRANSFER_PATH: Final = "/twilio/transfer"

_KEPT_SECONDS: Final = 600.0
_SORRY_WAITS_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = (0.5, 1.0, 2.0)
"""Pauses before a carrier that was asked too often is asked once more."""
_TOO_MANY_REQUESTS: Final = 429

_log = logging.getLogger(__name__)


class Transfers:
    """Begins warm transfers and carries out what they want; `TransferAnswers` answers Twilio's questions about them.

    Args:
        settings: the account and its addresses.
        rest: rings and ends.
        traffic: whom the line may ring, and how often.
        render: the document for a caller's step.
        noted: told what is to be written down: call, transfer, what.
        written: waits until that outlives this process.
        voice: speaks to people on their phones.
        clock: seconds that go on over a restart.
    """

    def __init__(
        self,
        settings: TwilioSettings,
        rest: TwilioRest,
        traffic: Traffic,
        render: Callable[[CallRecord, NextStep], str],
        noted: Callable[[str, str, TransferRecord], None],
        written: Callable[[], Awaitable[None]],
        voice: Callable[[Spoken], Awaitable[Pcm16]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._rest = rest
        self._traffic = traffic
        self._render = render
        self._noted = noted
        self._written = written
        self._voice = voice
        self._clock = clock
        self._underway: dict[str, Underway] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # The caller's side.

    def begin(self, record: CallRecord, request: WarmRequest, tell: Tell) -> str:
        """Ask people to take a caller; the transfer's id.

        Raises:
            CarrierRefused: the number that was called is not known, so that nobody can be rung from it.
        """
        if e164(record.called) is None:
            raise CarrierRefused(0, None, "ring a person: the number that was called is not known")
        self._forget_old()
        state, orders = begin(request.id, request.rounds, request.patience, self._clock(), request.taken_by)
        found = self._take_on(state, request, record, TransferSounds(request.id, self._voice))
        found.transfer.attach(tell)
        self._start(self._prepare(found))
        found.transfer.carry_out(orders)
        return request.id

    def rejoin(self, record: CallRecord, tell: Tell) -> str | None:
        """A caller is back from a lost stream; the id of the transfer that still goes on for them."""
        found = None if record.transfer is None else self._underway.get(record.transfer.id)
        return found.transfer.id if found is not None and found.transfer.rejoin(tell) else None

    def find(self, transfer: str) -> WarmTransfer | None:
        """A transfer that is going on, or was until lately."""
        found = self._underway.get(transfer)
        return None if found is None else found.transfer

    def underway(self, transfer: str) -> Underway | None:
        """The same with the call it is for."""
        return self._underway.get(transfer)

    async def close(self) -> None:
        """End what can be ended; two who talk with each other go on."""
        await asyncio.gather(*(one.transfer.close() for one in self._underway.values()))
        for task in self._tasks:
            task.cancel()
        for one in self._underway.values():
            one.sounds.close()

    # After a restart.

    def restore(self, transfer: str, saved: str, book: CallBook) -> None:
        """Take up a transfer of an earlier process; Twilio is asked how its legs are doing."""
        try:
            left = from_json(saved)
        except SavedUnreadable as fault:
            _log.error("transfer %s cannot be taken up again: it is %s", transfer, fault)
            self._noted("", transfer, Saved(""))
            return
        record = book.open(left.call_sid, {"From": left.number or "", "To": left.called or ""})
        sounds = TransferSounds(transfer, self._voice, left.token)
        found = self._take_on(resume(left.state, self._clock()), left.request, record, sounds)
        found.brief, found.saved = left.brief, saved
        # A house that is not ready yet takes its time; what is said before that, the carrier says.
        sounds.make("whisper", fixed(left.request.whisper), RESTORED_SECONDS)
        sounds.make("brief", found.tell_brief, RESTORED_SECONDS)
        found.transfer.carry_out(())
        self._start(self._catch_up(found))

    async def _catch_up(self, found: Underway) -> None:
        """Learn what has become of everybody while nobody of us was there."""
        transfer = found.transfer
        legs = [attempt for attempt in found.state.attempts if attempt.leg and not attempt.ended]
        calls = (found.record.call_sid, *(attempt.leg for attempt in legs))
        caller, *statuses = await asyncio.gather(*(self._status(call_sid) for call_sid in calls))
        if caller in FINAL:
            transfer.happen(CallerGone())
        for attempt, status in zip(legs, statuses, strict=True):
            if status is not None:
                transfer.happen(LegReported(attempt.number, attempt.leg, status, attempt.sequence + 1))

    async def _status(self, call_sid: str) -> LegStatus | None:
        try:
            return LegStatus(await self._rest.status(call_sid))
        except CarrierRefused as refused:
            return LegStatus.COMPLETED if refused.code in ALREADY_OVER else None
        except ValueError:
            return None  # queued: nothing has happened yet

    # What a transfer wants done (`telephony.twilio.warm_transfer.Legs`).

    async def ring(self, transfer: str, ring: Ring) -> str:
        """Ring somebody; the leg's id."""
        found = self._underway[transfer]
        record = found.record
        if not found.request.may_ring(ring.person.id):
            raise PersonBusy(f"{ring.person.id} is not to be rung now")
        if not self._traffic.ring(ring.person.number, record.number):
            raise CarrierRefused(_TOO_MANY_REQUESTS, None, "ring a person: the limits do not allow it")
        attempt = found.state.attempt(ring.attempt)
        taken = attempt is not None and attempt.taken
        words = found.request.taken if taken else found.request.whisper
        found.sounds.make_once("taken" if taken else "whisper", fixed(words))
        await self._written()
        pauses = list(_AGAIN_SECONDS)
        while True:
            try:
                return await self._ring_once(found, ring)
            except CarrierRefused as refused:
                if refused.status != _TOO_MANY_REQUESTS or not pauses:
                    raise
                await asyncio.sleep(pauses.pop(0))
                if not found.transfer.still_open(ring.attempt):
                    raise

    async def _ring_once(self, found: Underway, ring: Ring) -> str:
        assert found.record.called is not None, "begin has looked"
        attempt = str(ring.attempt)
        return await self._rest.ring(
            ring.person.number,
            found.record.called,
            url=self.url(found.transfer.id, attempt, "whisper"),
            status_url=self.url(found.transfer.id, attempt, "status"),
            seconds=ring.seconds,
            limit_seconds=transfer_twiml.TALK_SECONDS,
        )

    async def end(self, leg: str) -> bool:
        """End a leg."""
        return await self._rest.end(leg)

    async def dismiss(self, transfer: str, leg: str) -> None:
        """Say to somebody who listens that no caller will come, and end their leg."""
        found = self._underway[transfer]
        found.sounds.make_once("sorry", fixed(found.request.sorry))
        try:
            await self._rest.move(leg, transfer_twiml.last(await self.heard(found, "sorry", _SORRY_WAITS_SECONDS)))
        except CarrierRefused:
            await self._rest.end(leg)

    async def fetch_caller(self, transfer: str) -> None:
        """Bring the caller back to the bot, or to the end of the call when there is nothing more to say."""
        found = self._underway[transfer]
        step = found.caller_goes_on
        if isinstance(step, HangUp):
            await self._rest.end(found.record.call_sid)
        else:
            await self._rest.move(found.record.call_sid, self._render(found.record, step))

    # What people hear, and where Twilio asks.

    async def heard(self, found: Underway, kind: str, seconds: float) -> transfer_twiml.Heard:
        """A sound's address, or the words for the carrier's voice when it is not there in time."""
        if await found.sounds.ready(kind, seconds):
            return self.url(found.transfer.id, "sound", found.sounds.token, f"{kind}.wav")
        return found.spoken(kind)

    def url(self, transfer: str, *parts: str) -> str:
        """An address that Twilio may ask."""
        return self._settings.url("/".join((TRANSFER_PATH, transfer, *parts)))

    def room(self, transfer: str) -> transfer_twiml.RoomPlan:
        """The room of a transfer."""
        return transfer_twiml.RoomPlan(
            f"tr_{transfer}", self.url(transfer, "hold"), self.url(transfer, "room"), self._settings.region
        )

    # Bookkeeping.

    def _take_on(self, state: Transfer, request: WarmRequest, record: CallRecord, sounds: TransferSounds) -> Underway:
        def note(what: Attempted | Finished) -> None:
            self._noted(record.call_sid, state.id, what)

        def changed() -> None:
            self._save(self._underway[state.id])

        warm = WarmTransfer(state, self, note, changed, self._clock)
        found = self._underway[state.id] = Underway(warm, request, record, sounds)
        record.transfer = warm
        return found

    async def _prepare(self, found: Underway) -> None:
        """Keep the brief as it is now: a process that knows nothing else may have to speak it."""
        try:
            await found.tell_brief()
        except Exception:  # it is made again when somebody listens, and fails aloud there
            _log.exception("transfer %s: the brief could not be made", found.transfer.id)
            return
        self._save(found)

    def _save(self, found: Underway) -> None:
        state = found.as_json()
        if state != found.saved:
            found.saved = state
            self._noted(found.record.call_sid, found.transfer.id, Saved(state))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget_old(self) -> None:
        now = self._clock()
        for one in self._underway.values():
            if one.over_at is None and one.transfer.over.is_set():
                one.over_at = now
        self._underway = {
            name: one
            for name, one in self._underway.items()
            if one.over_at is None or now - one.over_at < _KEPT_SECONDS
        }
