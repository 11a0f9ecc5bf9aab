"""Conversations as the ledger is told of them, made by the real mind of a small bot."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dialog import Engine
from dialog.events import CallBegan, CallerSaid, Event, HandOff, HangUp
from tests.dialog.conftest import TUESDAY_MORNING
from voicebot.records.entries import (
    ConversationBegan,
    ConversationEnded,
    Entry,
    TransferEnded,
    TransferRequested,
    TurnHeard,
    TurnTaken,
    new_id,
)

NUMBER = "+4792243711"
SAYINGS = (
    "hva koster frakten",
    "når kommer den",
    "jeg heter Kari Nordmann og nummeret mitt er 92 24 37 11",
    "fødselsnummeret er 21059012345",
    "kan du fortelle meg om kvantefysikk",
    "hvilke pærer har dere",
    "takk skal du ha",
    "nei takk, ha det",
)


def conversation(
    engine: Engine,
    sayings: Sequence[str] = SAYINGS,
    *,
    number: str | None = NUMBER,
    call_id: str = "CA1",
    at: datetime = TUESDAY_MORNING,
    ended: bool = True,
) -> Iterator[Entry]:
    """Everything that is noted of one call, in order: 20 seconds to a turn; a hand-off is passed on and ends it."""
    talk, state = new_id(), engine.new_state()
    yield ConversationBegan(talk, call_id, "twilio", number, "lysverket", engine.bot.content_version, "nb", at)
    outcome = "caller_hung_up"
    events: list[Event] = [CallBegan(), *map(CallerSaid, sayings)]
    for turn, event in enumerate(events, start=1):
        before, at = state, at + timedelta(seconds=20)
        state, reply = engine.respond(before, event, at)
        yield TurnTaken(talk, turn, before, event, state, reply, at)
        yield TurnHeard(talk, turn, tuple(prompt.text for prompt in reply.prompts), interrupted=False)
        if isinstance(reply.action, HandOff):
            transfer = new_id()
            yield TransferRequested(talk, transfer, reply.action.department, reply.action.reason, at)
            yield TransferEnded(transfer, "passed_on", 4.5, at)
            outcome = "handed_off"
            break
        if isinstance(reply.action, HangUp):
            outcome = reply.action.reason
            break
    if ended:
        yield ConversationEnded(talk, outcome, state.language, at)
