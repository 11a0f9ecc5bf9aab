"""Conferences: who is in which room, who hears whom, and who is told.

Source: twilio.com/docs/voice/twiml/conference. A room opens with its second member when one of them starts it; until
then members hear the wait document. It closes when a member leaves who ends it, or when the last one has gone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

import numpy as np

from telephony.call import Pcm16
from telephony.g711 import encode_ulaw
from telephony.simulator.fields import CallFacts, Pairs, new_sid
from telephony.simulator.handset import FRAME_SAMPLES, Handset
from telephony.simulator.playout import Played, Progress
from telephony.simulator.verbs import Action, Room

_FRAME_SECONDS = 0.02

Tell = Callable[[Action, Pairs], None]
"""Delivers a status callback."""


@dataclass(slots=True, eq=False)
class Member:
    """One call in a room.

    Args:
        facts: of the call.
        handset: its phone.
        clock: samples since the call was answered.
        room: as it asked to enter.
        wait: plays the wait document once; raises `WebhookFailed` when there is none.
        star_ends: whether this member leaves by pressing `*`.
    """

    facts: CallFacts
    handset: Handset
    clock: Callable[[], int]
    room: Room
    wait: Callable[[Action], Awaitable[None]]
    star_ends: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)


class Conference:
    """One room.

    Args:
        first: what its first member asked for: that decides who is told of what.
        account_sid: whose room it is.
        tell: delivers status callbacks.
    """

    def __init__(self, first: Room, account_sid: str, tell: Tell) -> None:
        self.sid = new_sid("CF")
        self.name = first.name
        self.members: list[Member] = []
        self.over = False
        self.started_at: float | None = None
        self._first = first
        self._account_sid = account_sid
        self._tell = tell
        self._sequence = 0
        self._opened = asyncio.Event()
        self._mixing: asyncio.Task[None] | None = None

    async def stay(self, member: Member) -> None:
        """Be in the room until it closes; being cancelled is leaving, and then `leave` must be told why.

        Raises:
            ValueError: another member has this label (16025), or the room is full.
            WebhookFailed: there is no wait document, and so no conference.
        """
        if member.room.label is not None and any(other.room.label == member.room.label for other in self.members):
            raise ValueError("16025: another member of the conference has this label")
        if len(self.members) >= member.room.most:
            raise ValueError("the conference is full")
        self.members.append(member)
        member.handset.room_from = member.clock()
        self._report("participant-join", "join", member)
        self._beep(member)
        if len(self.members) > 1 and any(one.room.starts for one in self.members):
            self._open()
        waiting = asyncio.create_task(self._keep_company(member))
        released = asyncio.create_task(member.released.wait())
        try:
            await asyncio.wait({waiting, released}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done() and not released.done():
                waiting.result()  # without a wait document there is no conference
            await released
        finally:
            for task in (waiting, released):
                task.cancel()
            await asyncio.wait({waiting, released})

    def leave(self, member: Member, reason: str) -> None:
        """A member has left.

        Args:
            member: who.
            reason: as `ReasonParticipantLeft` has it.
        """
        if member not in self.members:
            return
        self.members.remove(member)
        member.handset.on_line = False
        member.handset.part()
        self._report("participant-leave", "leave", member, ReasonParticipantLeft=reason)
        self._beep(member)
        if member.room.ends:
            self._close("participant-with-end-conference-on-exit-left", member)
        elif not self.members:
            self._close("last-participant-left", member)

    def _open(self) -> None:
        if self.started_at is None:
            self.started_at = time.monotonic()
            self._opened.set()
            for member in self.members:
                member.handset.meet()
            self._report("conference-start", "start")
            self._mixing = asyncio.create_task(self._mix())

    def _close(self, reason: str, ending: Member) -> None:
        if self.over:
            return
        self.over = True
        for member in tuple(self.members):
            self.members.remove(member)
            member.handset.on_line = False
            member.handset.part()
            self._report("participant-leave", "leave", member, ReasonParticipantLeft="moderator_ended_conference")
            member.released.set()
        self._report(
            "conference-end",
            "end",
            ReasonConferenceEnded=reason,
            CallSidEndingConference=ending.facts.call_sid,
            ParticipantLabelEndingConference=ending.room.label or "",
        )
        if self._mixing is not None:
            self._mixing.cancel()

    def _beep(self, member: Member) -> None:
        if member.room.beep:
            for other in self.members:
                if other is not member:
                    other.handset.hear_network("[beep]")

    async def _keep_company(self, member: Member) -> None:
        """The wait document, until the room opens."""
        playing = asyncio.create_task(self._wait_music(member))
        opened = asyncio.create_task(self._opened.wait())
        try:
            await asyncio.wait({playing, opened}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
            await opened
        finally:
            for task in (playing, opened):
                task.cancel()
            await asyncio.wait({playing, opened})

    async def _wait_music(self, member: Member) -> None:
        if member.room.wait is None:
            member.handset.hear_network("[the network's own hold music]")
            return
        if not member.room.wait.url:
            return
        while True:
            await member.wait(member.room.wait)
            await asyncio.sleep(_FRAME_SECONDS)

    async def _mix(self) -> None:
        """Every 20 ms each member hears the others."""
        began = time.monotonic()
        heard: dict[int, int] = {}
        number = 0
        while True:
            number += 1
            await asyncio.sleep(max(0.0, began + number * _FRAME_SECONDS - time.monotonic()))
            said = [(member, self._frame(member)) for member in tuple(self.members)]
            for member, _ in said:
                others = [frame.astype(np.int32) for other, frame in said if other is not member]
                mixed: Pcm16 = np.clip(np.sum(others, axis=0), -32768, 32767).astype(np.int16) if others else _SILENCE
                position = heard.get(id(member), member.clock())
                heard[id(member)] = position + FRAME_SAMPLES
                member.handset.hear(Progress((Played(position, encode_ulaw(mixed)),)), 0, 0)
                member.handset.tick(member.clock())

    def _frame(self, member: Member) -> Pcm16:
        handset = member.handset
        handset.on_line = True
        handset.meet()
        if member.star_ends and "*" in handset.keys:
            member.released.set()
        handset.keys.clear()  # other keys reach nobody here
        frame = handset.next_frame(member.clock())
        return _SILENCE if member.room.muted else frame

    def _report(self, event: str, kind: str, member: Member | None = None, **more: str) -> None:
        if self._first.callback is None or kind not in self._first.events:
            return
        fields = {
            "AccountSid": self._account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "SequenceNumber": str(self._sequence),
            "StatusCallbackEvent": event,
            "Timestamp": format_datetime(datetime.now(UTC)),
        }
        if member is not None:
            fields |= {
                "CallSid": member.facts.call_sid,
                "ParticipantLabel": member.room.label or "",
                "Muted": str(member.room.muted).lower(),
                "Hold": "false",
                "Coaching": "false",
                "EndConferenceOnExit": str(member.room.ends).lower(),
                "StartConferenceOnEnter": str(member.room.starts).lower(),
            }
            if event == "participant-leave":
                fields["ParticipantCallStatus"] = member.facts.status
        self._sequence += 1
        self._tell(self._first.callback, tuple({**fields, **more}.items()))


_SILENCE: Pcm16 = np.zeros(FRAME_SAMPLES, dtype=np.int16)


class Conferences:
    """The rooms that are open, by name.

    Args:
        account_sid: whose they are.
        tell: delivers status callbacks.
    """

    def __init__(self, account_sid: str, tell: Tell) -> None:
        self._account_sid = account_sid
        self._tell = tell
        self._open: dict[str, Conference] = {}
        self.all: list[Conference] = []

    def enter(self, room: Room) -> Conference:
        """The room of this name; a new one when there is none open."""
        conference = self._open.get(room.name)
        if conference is None or conference.over:
            conference = self._open[room.name] = Conference(room, self._account_sid, self._tell)
            self.all.append(conference)
        return conference
