"""A call that may be recorded: the same line, with somebody listening in from the caller's yes until it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from dialog.consent import ON
from dialog.events import Reply
from dialog.state import State
from telephony.call import (
    Call,
    Caller,
    CallEvent,
    Caption,
    FrameReceived,
    KeyPressed,
    LineKind,
    Pcm16,
    TransferTarget,
)
from telephony.errors import TelephonyError
from telephony.transfer.request import WarmRequest
from voicebot.keeping import Keeping
from voicebot.recording.recorder import Piece, Recorder
from voicebot.recording.tracks import Tracks

PIECE_SECONDS = 10.0

RECORDED_LINES = frozenset({LineKind.TWILIO, LineKind.BROWSER})
"""A microphone is the developer's own."""


class Recording:
    """The sound of one conversation, while its caller agrees.

    Args:
        recorder: writes it.
        conversation: its id.
        rate_hz: of the line.
        now: the time.
    """

    def __init__(self, recorder: Recorder, conversation: str, rate_hz: int, now: Callable[[], datetime]) -> None:
        self._recorder = recorder
        self._conversation = conversation
        self._rate_hz = rate_hz
        self._now = now
        self._tracks: Tracks | None = None
        self._agreed = False
        self._began = now()

    @property
    def may_record(self) -> bool:
        """Whether the caller should be asked at all."""
        return self._recorder.may_record

    @property
    def running(self) -> bool:
        """Whether sound is being kept."""
        return self._tracks is not None

    def follow(self, state: State, reply: Reply) -> None:
        """A turn has been decided: begin, go on, or stop and delete, as the caller wants it."""
        agreed, before = state.recording == ON, self._agreed
        self._agreed = agreed
        if agreed and not before:
            self.go_on()
        elif before and not agreed:
            self._tracks = None
            self._recorder.delete(self._conversation)
        refused = reply.decision.rule == "national_id" or reply.decision.details.get("national_id")
        if refused and self._tracks is not None:
            self._tracks.silence_caller()

    def go_on(self) -> None:
        """Record from now on, if the caller agreed."""
        if self._agreed and self._tracks is None:
            self._tracks, self._began = Tracks(self._rate_hz), self._now()

    def pause(self) -> None:
        """Record nothing more for now; what there is, is kept."""
        tracks, self._tracks = self._tracks, None
        if tracks is not None:
            self._put(tracks.rest())

    def heard(self, pcm: Pcm16) -> None:
        """More of the caller."""
        if self._tracks is None:
            return
        if self._recorder.given_up(self._conversation):
            self._tracks = None
            return
        self._tracks.heard(pcm)
        piece = self._tracks.take(PIECE_SECONDS)
        if piece is not None:
            self._put(piece)

    def said(self, pcm: Pcm16) -> None:
        """Audio of the bot, queued on the line."""
        if self._tracks is not None:
            self._tracks.said(pcm)

    def cleared(self) -> None:
        """What was queued on the line is dropped."""
        if self._tracks is not None:
            self._tracks.cleared()

    def key_pressed(self) -> None:
        """The caller pressed a key."""
        if self._tracks is not None:
            self._tracks.key_pressed()

    def _put(self, stereo: Pcm16) -> None:
        if len(stereo):
            self._recorder.put(Piece(self._conversation, self._began, stereo, self._rate_hz))
            self._began += timedelta(seconds=len(stereo) / self._rate_hz)


def listened_in(call: Call, keeping: Keeping, recorder: Recorder | None, now: Callable[[], datetime]) -> Call:
    """The line as a conversation gets it: one that can be recorded, where there is a recorder for it.

    Args:
        call: the line.
        keeping: of the conversation; tells what the caller agrees to.
        recorder: None records nothing.
        now: the time.
    """
    if recorder is None or call.caller.line not in RECORDED_LINES:
        return call
    recording = Recording(recorder, keeping.conversation, call.rate_hz, now)
    keeping.sound = recording
    return RecordedCall(call, recording)


class RecordedCall:
    """A `Call` whose sound a `Recording` gets to hear, too.

    Args:
        call: the line.
        recording: of the conversation on it.
    """

    def __init__(self, call: Call, recording: Recording) -> None:
        self._call = call
        self._recording = recording

    @property
    def caller(self) -> Caller:
        """Who is calling."""
        return self._call.caller

    @property
    def rate_hz(self) -> int:
        """Of both directions."""
        return self._call.rate_hz

    async def events(self) -> AsyncIterator[CallEvent]:
        """What happens on the line."""
        try:
            async for event in self._call.events():
                match event:
                    case FrameReceived(pcm):
                        self._recording.heard(pcm)
                    case KeyPressed():
                        self._recording.key_pressed()
                yield event
        finally:
            self._recording.pause()

    async def play(self, pcm: Pcm16, mark: str) -> None:
        """Queue audio on the line."""
        self._recording.said(pcm)
        await self._call.play(pcm, mark)

    async def clear(self) -> None:
        """Drop what is queued."""
        self._recording.cleared()
        await self._call.clear()

    async def show(self, caption: Caption) -> None:
        """Tell the line what is going on."""
        await self._call.show(caption)

    async def send_text(self, text: str) -> None:
        """Send the caller something to read."""
        await self._call.send_text(text)

    async def ask_person(self, request: WarmRequest) -> None:
        """Have a person's phone ring; the caller stays with the bot."""
        await self._call.ask_person(request)

    def stop_asking(self) -> None:
        """Nobody is asked any more."""
        self._call.stop_asking()

    def person_takes(self, person: str) -> bool:
        """Somebody takes the caller."""
        return self._call.person_takes(person)

    def person_declines(self, person: str, reason: str) -> bool:
        """Somebody does not."""
        return self._call.person_declines(person, reason)

    async def join_person(self) -> None:
        """Bring the caller and the person together; what is said with a person is never recorded."""
        await self._without_listening(self._call.join_person())

    async def transfer(self, target: TransferTarget) -> None:
        """Pass the caller on; what is said with a person is never recorded."""
        await self._without_listening(self._call.transfer(target))

    async def _without_listening(self, passing_on: Awaitable[None]) -> None:
        self._recording.pause()
        try:
            await passing_on
        except TelephonyError:
            self._recording.go_on()
            raise

    async def hang_up(self) -> None:
        """End the call."""
        await self._call.hang_up()
