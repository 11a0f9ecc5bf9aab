"""One warm transfer with the call it is for, and what people hear of it."""

from dataclasses import dataclass

from telephony.call import Spoken
from telephony.transfer.request import WarmRequest
from telephony.transfer.states import Transfer
from telephony.twilio.call_book import CallRecord, Connect, HangUp, NextStep
from telephony.twilio.saved_transfer import SavedTransfer, to_json
from telephony.twilio.transfer_sounds import TransferSounds
from telephony.twilio.warm_transfer import WarmTransfer


@dataclass(slots=True, eq=False)
class Underway:
    """A transfer and the call it is for.

    Args:
        transfer: the transfer.
        request: who is asked, and what they hear.
        record: the caller's call.
        sounds: what they hear in our voice.
        brief: the brief's words, as they were last.
        saved: what was saved of it last.
        over_at: when it was found to be over.
    """

    transfer: WarmTransfer
    request: WarmRequest
    record: CallRecord
    sounds: TransferSounds
    brief: Spoken | None = None
    saved: str = ""
    over_at: float | None = None

    @property
    def state(self) -> Transfer:
        """Where it stands."""
        return self.transfer.state

    @property
    def caller_goes_on(self) -> NextStep:
        """What comes for the caller when they are out of the room."""
        if self.state.human_at is None:
            return Connect("no-answer")
        return Connect("after-person") if self.request.after else HangUp()

    def spoken(self, kind: str) -> Spoken:
        """The words for the carrier's voice in the place of a sound; never the brief's."""
        words = {
            "whisper": self.request.whisper,
            "brief": self.request.no_brief,
            "taken": self.request.taken,
            "sorry": self.request.sorry,
            "reasons": self.request.reasons,
            "noted": self.request.noted,
        }
        return words[kind]

    async def tell_brief(self) -> Spoken:
        """The brief, as things stand now."""
        self.brief = await self.request.brief()
        return self.brief

    def as_json(self) -> str:
        """What the process after this one needs; "" when nothing more will come of it."""
        if self.state.all_over:
            return ""
        record, token = self.record, self.sounds.token
        return to_json(
            SavedTransfer(self.request, self.brief, self.state, token, record.call_sid, record.number, record.called)
        )
