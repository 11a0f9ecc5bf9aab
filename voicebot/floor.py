"""Who has the floor in one call, and what stands: the facts that hearing and replying share."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from dialog.events import Action, Listen
from telephony.call import EndReason
from voicebot.listening import Heard
from voicebot.playback import Sentence


class Phase(StrEnum):
    """What the bot is doing."""

    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    WITH_PERSON = "with_person"
    LEAVING = "leaving"
    ENDED = "ended"


@dataclass(slots=True)
class Floor:
    """What stands in one call; changed on the event loop only.

    Args:
        state: the dialog's.
        state_before: the dialog's before the reply that is being given.
        understood: whether that reply made sense of what the caller said.
        phase: what the bot is doing.
        action: what it will do, or did, after its last words.
        listen: how it waits for the caller, or did last.
        listening_since: seconds of the call's audio when it began to.
        pending: what the turn under way answers.
        held: what was said over words that must be heard, or while something was looked up.
        interrupted: sentences that were cut off, and what would have come after them.
        outcome: how the call ends; see `Conversation.run`.
        decided: the turn under way has changed the state, whatever it still has to say.
    """

    state: Any
    state_before: Any
    understood: bool = True
    phase: Phase = Phase.THINKING
    action: Action = field(default_factory=Listen)
    listen: Listen = field(default_factory=Listen)
    listening_since: float = 0.0
    pending: Heard | None = None
    held: Heard | None = None
    interrupted: tuple[tuple[Sentence, ...], Action] | None = None
    outcome: str = "caller_hung_up"
    decided: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def asks(self) -> bool:
        """Whether the bot's last words ask for something certain."""
        return isinstance(self.action, Listen) and self.action.expects != "open"

    def ended(self, reason: EndReason) -> None:
        """The line is closed: what that makes of the outcome."""
        match reason:
            case EndReason.LINE_LOST:
                self.outcome = "line_lost"
            case EndReason.TIME_LIMIT:
                self.outcome = "time_limit"
            case EndReason.TRANSFERRED if self.outcome != "fault":
                self.outcome = "handed_off"
            case EndReason.CALLER_HUNG_UP | EndReason.WE_HUNG_UP | EndReason.TRANSFERRED:
                pass
            case _:
                assert_never(reason)
