"""What is kept of callers between people: transfers under way, wrap-ups, who is free; at each level of keeping."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from telephony.transfer.outcomes import ATTEMPT_OUTCOMES, TRANSFER_OUTCOMES
from tests.voicebot.records.talks import MORNING, NUMBER, Said, Talks, small_bot
from voicebot.records.agents import (
    history,
    saved_transfers,
    statuses,
    waiting_wrap_ups,
    wrap_up,
    written_wrap_ups,
)
from voicebot.records.entries import (
    WRAP_UP_OUTCOMES,
    AgentStatusSet,
    TransferAttempted,
    TransferEnded,
    TransferRequested,
    TransferSaved,
    WrappedUp,
    new_id,
)
from voicebot.records.erasing import erase
from voicebot.records.export_text import readable
from voicebot.records.leftovers import LIVE_FOR, TRANSFER_FOR, open_calls, recalled, tidy
from voicebot.records.rows import Gone
from voicebot.records.schema import conversations, live_states, live_transfers, wrap_ups
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, subject_of_number

STATE = json.dumps({"phase": "whispering", "brief": "Kari spør om en lampe"})
NOTE = "Kari vil ha svar på 92 24 37 11, fødselsnummer 21059012345"


def talks_of(connection: Connection, stores: Stores, keep: str = "redacted") -> Talks:
    bot = small_bot()
    return Talks(connection, stores.vault, replace(bot, records=replace(bot.records, keep=keep)))


def ring_for(talks: Talks, **talk: object) -> tuple[str, str]:
    """A conversation whose caller is passed on: its id and the transfer's."""
    conversation, transfer = talks.talk(Said("et menneske"), outcome="handed_off", **talk), new_id()  # type: ignore[arg-type]
    talks.note(TransferRequested(conversation, transfer, "desk", "caller_asked", MORNING))
    return conversation, transfer


def take_call(talks: Talks, agent: str, **talk: object) -> str:
    """A conversation that a person took; two others were rung."""
    conversation, transfer = ring_for(talks, **talk)
    end = MORNING + timedelta(minutes=5)
    for number, (who, outcome) in enumerate(
        (("eli", "no_answer"), (agent, "connected"), ("geir", "another_took_it")), 1
    ):
        talks.note(TransferAttempted(transfer, number, who, outcome, MORNING))
    talks.note(TransferEnded(transfer, "connected", 21.0, end))
    return conversation


@pytest.mark.parametrize("keep", ["redacted", "facts", "nothing"])
def test_a_transfer_under_way_outlives_a_restart_at_every_level_and_goes_when_it_is_over(
    stores: Stores, keep: str
) -> None:
    with stores.database.writing() as connection:
        talks = talks_of(connection, stores, keep)
        (_, transfer), (_, other) = ring_for(talks), ring_for(talks, number=None)
        for state in ("{}", STATE, STATE):
            talks.note(TransferSaved(transfer, "CA1", state, MORNING))
        talks.note(TransferSaved(other, "CA2", STATE, MORNING - TRANSFER_FOR - timedelta(seconds=1)))
        assert saved_transfers(connection, stores.vault, MORNING - TRANSFER_FOR) == [(transfer, STATE)]
        calls = set(connection.execute(select(live_transfers.c.call_id)).scalars())
        assert calls == ({""} if keep == "nothing" else {"CA1", "CA2"})
        tidy(connection, MORNING)
        assert [row.transfer_id for row in connection.execute(select(live_transfers))] == [transfer]
        talks.note(TransferSaved(transfer, "CA1", "", MORNING))
        assert not saved_transfers(connection, stores.vault, MORNING - TRANSFER_FOR)


def test_an_erased_caller_s_transfer_goes_at_once_and_is_not_saved_again(stores: Stores) -> None:
    with stores.database.writing() as connection:
        talks = talks_of(connection, stores)
        _, transfer = ring_for(talks)
        talks.note(TransferSaved(transfer, "CA1", STATE, MORNING))
        subject = subject_of_number(connection, stores.vault, NUMBER)
    assert erase(stores, subject, Officer("cli:anne", "operator", "")).removed["live_transfers"] == 1
    with pytest.raises(Gone), stores.database.writing() as connection:
        talks_of(connection, stores).note(TransferSaved(transfer, "CA1", STATE, MORNING))


def test_a_conversation_can_be_taken_up_again_for_as_long_as_its_caller_is_with_a_person(stores: Stores) -> None:
    half_an_hour = MORNING + timedelta(minutes=30)
    with stores.database.writing() as connection:
        talks = talks_of(connection, stores)
        (conversation, transfer), _ = ring_for(talks), ring_for(talks, number=None)
        call = connection.execute(
            select(conversations.c.call_id).where(conversations.c.id == conversation)
        ).scalar_one()
        talks.note(TransferSaved(transfer, call, STATE, MORNING))
        tidy(connection, half_an_hour)
        assert open_calls(connection, half_an_hour) == {call}, "the one without a transfer is too old"
        found = recalled(connection, stores.vault, call, half_an_hour)
        assert found is not None and found.conversation == conversation
        talks.note(TransferSaved(transfer, call, "", half_an_hour))
        tidy(connection, half_an_hour)
        assert half_an_hour > MORNING + LIVE_FOR and not connection.execute(select(live_states)).all()


def test_a_wrap_up_is_redacted_sealed_and_can_be_corrected(stores: Stores) -> None:
    with stores.database.writing() as connection:
        talks = talks_of(connection, stores)
        conversation = take_call(talks, "ada")
        for outcome, brief in (("other", ""), ("solved", "partly")):
            talks.note(WrappedUp(conversation, None, "ada", outcome, NOTE, brief, MORNING))
        said = wrap_up(connection, stores.vault, conversation)
        assert said is not None and (said.agent, said.outcome, said.brief_right) == ("ada", "solved", "partly")
        assert said.note is not None and "21059012345" not in said.note and "92 24 37 11" not in said.note
        assert "svar" in said.note
        connection.execute(wrap_ups.update().values(sealed=b"damaged"))
        broken = wrap_up(connection, stores.vault, conversation)
        assert broken is not None and (broken.outcome, broken.note) == ("solved", None)


@pytest.mark.parametrize(("keep", "kept"), [("facts", ("solved", None)), ("nothing", None)])
def test_a_stricter_level_keeps_no_note_or_no_wrap_up(
    stores: Stores, keep: str, kept: tuple[str, str | None] | None
) -> None:
    with stores.database.writing() as connection:
        conversation = talks_of(connection, stores, keep).talk(Said("hei"), outcome="handed_off")
        for level in (keep, "redacted"):  # also when the bot has become laxer since
            talks_of(connection, stores, level).note(
                WrappedUp(conversation, None, "ada", "solved", NOTE, "no", MORNING)
            )
            said = wrap_up(connection, stores.vault, conversation)
            assert (None if said is None else (said.outcome, said.note)) == kept


def test_who_talked_with_a_caller_is_asked_until_they_have_said_what_came_of_it(stores: Stores) -> None:
    with stores.database.writing() as connection:
        talks = talks_of(connection, stores)
        first, second = take_call(talks, "ada"), take_call(talks, "ada", at=MORNING + timedelta(hours=1))
        ring_for(talks)

        def waits(agent: str, since: timedelta = timedelta()) -> list[str]:
            return [row.id for row in waiting_wrap_ups(connection, agent, MORNING + since)]

        assert waits("ada") == [second, first], "the newest first"
        assert not waits("eli") and not waits("geir") and not waits("ada", timedelta(minutes=6))
        talks.note(WrappedUp(second, None, "ada", "solved", "", "yes", MORNING))
        assert waits("ada") == [first]
        assert [row.id for row in written_wrap_ups(connection, "ada", MORNING)] == [second]
        assert not written_wrap_ups(connection, "bo", MORNING)


def test_history_is_what_the_same_caller_talked_of_before(stores: Stores) -> None:
    with stores.database.writing() as connection:
        talks = talks_of(connection, stores)
        hours = [MORNING + timedelta(hours=hour) for hour in range(4)]
        first, second, third, later = (talks.talk(Said("hei"), at=at) for at in hours)
        talks.talk(Said("hei"), number="+4740011222")
        nobody = [talks.talk(Said("hei"), number=None, at=at) for at in hours]
        assert [row.id for row in history(connection, third)] == [second, first]
        assert [row.id for row in history(connection, later, most=1)] == [third]
        assert not history(connection, nobody[-1]) and not history(connection, first) and not history(connection, "x")


def test_how_somebody_stands_is_what_they_said_last_and_nothing_before_it(stores: Stores) -> None:
    with stores.database.writing() as connection:
        talks = talks_of(connection, stores)
        for minute, status in enumerate(("free", "busy", "away")):
            talks.note(AgentStatusSet("ada", status, MORNING + timedelta(minutes=minute)))
        assert statuses(connection) == {"ada": ("away", MORNING + timedelta(minutes=2))}


def test_callers_read_in_words_what_came_of_their_transfers() -> None:
    codes = {*ATTEMPT_OUTCOMES, *TRANSFER_OUTCOMES, *WRAP_UP_OUTCOMES, "talked", "given_up", "nobody_free", "refused"}
    rows = [{"outcome": code} for code in sorted(codes)]
    about = {"made_at": MORNING.isoformat(), "subject": "x", "looked_at": []}
    told = readable({"tables": {"transfers": rows}, **about}, "nb")
    assert [code for code in codes if f"- utfall: {code}\n" in told] == []
    assert told.count("- utfall: ") == len(codes)
