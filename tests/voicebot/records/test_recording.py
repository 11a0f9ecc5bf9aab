"""The sound of a call: kept from the yes to the stop, in its place, sealed, and never without having been agreed to."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from dialog import Engine, load_bot
from dialog.events import CallBegan, CallerPressed, CallerSaid, Event
from dialog.state import State
from speech.ear import Ear
from telephony.call import Caller, LineKind, Pcm16, TransferTarget
from telephony.errors import CarrierRefused
from tests.dialog.conftest import TODAY, TUESDAY_MORNING
from tests.dialog.test_consent import OPPTAKET
from tests.fakes import RATE_HZ, FakeCall, FakeHearing, FakeSpeaking, FakeVad, InlineExecutor, settle, transcript
from voicebot.config import RecordsConfig
from voicebot.conversation import Conversation
from voicebot.feed import Feed
from voicebot.keeping import Keeping, NothingKept
from voicebot.metrics import Metrics
from voicebot.recording.opus import DECODED_HZ, decoded
from voicebot.recording.playing import sound_of
from voicebot.recording.recorded_call import Recording, listened_in
from voicebot.recording.recorder import Piece, Recorder
from voicebot.recording.tracks import Tracks
from voicebot.records.database import Database, open_database
from voicebot.records.entries import ConsentGiven, ConversationBegan, Entry, new_id
from voicebot.records.keys import load_master_keys
from voicebot.records.schema import caller_keys, recordings
from voicebot.records.vault import Vault
from voicebot.records.writing import write
from voicebot.rooms import Rooms

WITHIN_SECONDS = 20.0
NATIONAL_ID = "01010750160"
"""Made up, with both checksums right (Skatteetaten's rules)."""

QUIET = 200
"""Opus and its filters ring a little around silence; a voice is thousands."""


@pytest.fixture(scope="session")
def mind(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Of a bot that records calls."""
    return Engine(load_bot(OPPTAKET, TODAY), tmp_path_factory.mktemp("embeddings"))


@pytest.fixture
def recorder(database: Database, vault: Vault, records_config: RecordsConfig) -> Iterator[Recorder]:
    """Writes into the store."""
    with database.writing() as connection:
        vault.prepare(connection)
    recorder = Recorder(database, vault, records_config.folder, try_again_seconds=0.02, now=lambda: TUESDAY_MORNING)
    recorder.start()
    yield recorder
    recorder.close()


def began(database: Database, vault: Vault, number: str | None = "+4792243711") -> str:
    """The id of a conversation that is written down."""
    conversation = new_id()
    entry = ConversationBegan(conversation, "CA1", "twilio", number, "opptaket", "0" * 16, "nb", TUESDAY_MORNING)
    with database.writing() as connection:
        write(connection, vault, "redacted", entry)
    return conversation


def files(config: RecordsConfig) -> list[Path]:
    """Every file that holds sound."""
    return [path for path in config.folder.rglob("*") if path.is_file() and "recordings" in path.parts]


def loud(seconds: float, level: int = 8000) -> Pcm16:
    """A tone."""
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone: Pcm16 = (np.sin(2 * np.pi * 440 * times) * level).astype(np.int16)
    return tone


def peak(stereo: Pcm16, side: int, start: float, end: float, rate_hz: int = RATE_HZ) -> int:
    """The loudest sample of one side in a stretch of seconds."""
    return int(np.abs(stereo[int(start * rate_hz) : int(end * rate_hz), side].astype(int)).max(initial=0))


# Side by side.


def test_the_bot_stands_where_it_was_heard_and_what_was_cut_off_is_not_there():
    tracks = Tracks(RATE_HZ)
    tracks.heard(loud(1, 0))
    tracks.said(loud(2))
    tracks.said(loud(2))
    tracks.heard(loud(1))
    tracks.cleared()
    tracks.heard(loud(1, 0))
    stereo = tracks.rest()
    assert stereo.shape == (3 * RATE_HZ, 2)
    assert [peak(stereo, 0, at, at + 1) > QUIET for at in range(3)] == [False, True, False]
    assert [peak(stereo, 1, at, at + 1) > QUIET for at in range(3)] == [False, True, False]


@given(st.lists(st.integers(1, 400), max_size=30), st.integers(1, 300))
def test_however_it_is_cut_into_pieces_nothing_is_lost_or_moved(lengths: list[int], piece: int):
    tracks, sent, pieces = Tracks(100), [], []
    for number, length in enumerate(lengths):
        sent.append(np.full(length, number + 1, np.int16))
        tracks.heard(sent[-1])
        if (taken := tracks.take(piece / 100, hold_seconds=1.0)) is not None:
            pieces.append(taken)
    pieces.append(tracks.rest())
    whole = np.concatenate([np.zeros(0, np.int16), *sent])
    assert np.array_equal(np.concatenate(pieces)[:, 0], whole)


def test_the_tone_of_a_key_is_silenced_on_the_callers_side():
    tracks = Tracks(RATE_HZ)
    tracks.said(loud(4))
    tracks.heard(loud(2))
    tracks.key_pressed()
    tracks.heard(loud(2))
    stereo = tracks.rest()
    assert [peak(stereo, 0, *span) > QUIET for span in ((0, 0.9), (1.1, 2.4), (2.6, 4))] == [True, False, True]
    assert peak(stereo, 1, 1.1, 2.4) > QUIET


# Through the whole loop.


def talking(call: FakeCall, mind: Engine, recorder: Recorder, conversation: str, plan: list[str]) -> Conversation:
    """A conversation of the small bot on a line that may be recorded."""
    keeping = Keeping(NothingKept(), lambda: TUESDAY_MORNING, conversation)
    hearing = FakeHearing([transcript(text, language="nb") for text in plan])
    rooms = Rooms(mind, hearing, FakeSpeaking(), InlineExecutor(), Feed(), Metrics(), now=lambda: TUESDAY_MORNING)
    line = listened_in(call, keeping, recorder, lambda: TUESDAY_MORNING)
    return Conversation(line, rooms, Ear(FakeVad(), RATE_HZ), keeping=keeping)


async def test_a_call_is_recorded_from_its_yes_on_and_opens_only_with_the_callers_key(
    database: Database, vault: Vault, records_config: RecordsConfig, recorder: Recorder, mind: Engine
):
    call, conversation = FakeCall(), began(database, vault)
    running = asyncio.create_task(talking(call, mind, recorder, conversation, ["", "Når har dere åpent?"]).run())
    await settle()
    await call.listen_out()
    await call.speech(0.3)  # before the yes: a cough
    await call.press("1")
    await call.listen_out()
    await call.silence(2)
    await call.speech(1)
    await call.silence(2)
    await call.leave()
    await asyncio.wait_for(running, 5)
    assert await asyncio.to_thread(recorder.wait_written, WITHIN_SECONDS)
    (file,) = files(records_config)
    assert b"Ogg" not in file.read_bytes()
    with database.reading() as connection:
        sound = sound_of(connection, vault, records_config.folder, conversation)
        seconds = connection.execute(select(recordings.c.seconds)).scalar_one()
    assert sound is not None
    stereo = decoded(sound)
    end = len(stereo) / DECODED_HZ
    assert end == pytest.approx(seconds, abs=0.1)
    assert peak(stereo, 0, 0, end - 3.2, DECODED_HZ) < QUIET  # the cough is not in it
    assert peak(stereo, 0, end - 2.9, end - 2.1, DECODED_HZ) > QUIET


@pytest.mark.parametrize("line", [LineKind.TWILIO, LineKind.MICROPHONE])
async def test_a_no_writes_nothing_at_all_and_a_microphone_is_not_asked(
    database: Database, vault: Vault, records_config: RecordsConfig, recorder: Recorder, mind: Engine, line: LineKind
):
    call, conversation = FakeCall(Caller("CA1", line)), began(database, vault)
    talk = talking(call, mind, recorder, conversation, ["nei", "Når har dere åpent?"])
    running = asyncio.create_task(talk.run())
    await settle()
    await call.listen_out()
    assert talk.state.recording == ("asked" if line is LineKind.TWILIO else "")
    for _ in range(2):
        await call.speech(1)
        await call.silence(1.5)
        await call.listen_out()
    await call.leave()
    await asyncio.wait_for(running, 5)
    assert await asyncio.to_thread(recorder.wait_written, WITHIN_SECONDS)
    assert files(records_config) == []


async def test_what_is_said_with_a_person_is_not_recorded_but_after_a_refused_transfer_it_goes_on(
    database: Database, vault: Vault, recorder: Recorder, mind: Engine
):
    keeping = Keeping(NothingKept(), lambda: TUESDAY_MORNING, began(database, vault))
    line = listened_in(
        FakeCall(refuse_transfer=CarrierRefused(503, None, "transfer a call")),
        keeping,
        recorder,
        lambda: TUESDAY_MORNING,
    )
    recording = keeping.sound
    assert isinstance(recording, Recording)
    agreed(recording, mind)
    with pytest.raises(CarrierRefused):
        await line.transfer(TransferTarget("+4721000000", "service"))
    assert recording.running
    passed = listened_in(FakeCall(), keeping, recorder, lambda: TUESDAY_MORNING)
    assert isinstance(keeping.sound, Recording)
    agreed(keeping.sound, mind)
    await passed.transfer(TransferTarget("+4721000000", "service"))
    assert not keeping.sound.running


def agreed(recording: Recording, mind: Engine) -> State:
    """A caller pressed 1; the state after it."""
    state = mind.new_state()
    for event in (CallBegan(may_record=True), CallerPressed("1")):
        state, reply = mind.respond(state, event, TUESDAY_MORNING)
        recording.follow(state, reply)
    assert recording.running
    return state


class Noted(NothingKept):
    """Keeps entries in a list."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)


def test_the_answer_is_written_down_with_the_question_as_it_was_asked(mind: Engine):
    noted = Noted()
    keeping = Keeping(noted, lambda: TUESDAY_MORNING)
    state = mind.new_state()
    for event in (CallBegan("en", may_record=True), CallerSaid("yes"), CallerSaid("stop recording")):
        before = state
        state, reply = mind.respond(before, event, TUESDAY_MORNING)
        keeping.turn(before, event, state, reply, instead=False)
    agreed_to, taken_back = (entry for entry in noted.entries if isinstance(entry, ConsentGiven))
    assert (agreed_to.granted, agreed_to.how, agreed_to.version, agreed_to.language) == (True, "said", "3", "en")
    assert "training new colleagues" in agreed_to.wording
    assert taken_back.granted is False


# Over scripts.

SAYINGS = [
    "nei",
    "hei",
    "Når har dere åpent?",
    "stopp opptaket",
    "Hva vet dere om meg?",
    "mm",
    "kanskje",
    "ta opp igjen",
]
EVENTS = st.one_of(
    st.sampled_from(SAYINGS).map(CallerSaid),
    st.sampled_from(["ja", "ja takk"]).map(CallerSaid),
    st.sampled_from("12").map(CallerPressed),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RecordsConfig, Database, Vault, Recorder]]:
    """A store for many conversations."""
    config = RecordsConfig(tmp_path_factory.mktemp("records"), "", (), None, None)
    database = open_database(config)
    vault = Vault(load_master_keys(config))
    with database.writing() as connection:
        vault.prepare(connection)
    recorder = Recorder(database, vault, config.folder, try_again_seconds=0.02)
    recorder.start()
    yield config, database, vault, recorder
    recorder.close()
    database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=6))
def test_there_is_sound_only_of_who_agreed_and_did_not_take_it_back(
    shelf: tuple[RecordsConfig, Database, Vault, Recorder], mind: Engine, events: list[Event]
):
    config, database, vault, recorder = shelf
    conversation = began(database, vault, None)
    recording = Recording(recorder, conversation, RATE_HZ, lambda: TUESDAY_MORNING)
    state = mind.new_state()
    for event in (CallBegan(may_record=True), *events):
        before = state
        state, reply = mind.respond(before, event, TUESDAY_MORNING)
        recording.follow(state, reply)
        recording.heard(loud(0.5))
    recording.pause()
    assert recorder.wait_written(WITHIN_SECONDS)
    said = {getattr(event, "text", getattr(event, "digit", "")) for event in events}
    there = [path for path in files(config) if path.name.startswith(conversation)]
    if not said & {"ja", "ja takk", "1"}:
        assert there == []
    assert bool(there) == (state.recording == "on")


def test_a_national_id_that_was_just_said_is_taken_out_of_the_sound(
    database: Database, vault: Vault, records_config: RecordsConfig, recorder: Recorder, mind: Engine
):
    conversation = began(database, vault)
    recording = Recording(recorder, conversation, RATE_HZ, lambda: TUESDAY_MORNING)
    state = agreed(recording, mind)
    recording.heard(loud(2))
    recording.follow(*mind.respond(state, CallerSaid(f"fødselsnummeret mitt er {NATIONAL_ID}"), TUESDAY_MORNING))
    recording.heard(loud(1))
    recording.pause()
    assert recorder.wait_written(WITHIN_SECONDS)
    with database.reading() as connection:
        stereo = decoded(sound_of(connection, vault, records_config.folder, conversation) or b"")
    assert peak(stereo, 0, 0, 1.9, DECODED_HZ) < QUIET
    assert peak(stereo, 0, 2.1, 3, DECODED_HZ) > QUIET


# What goes wrong.


def piece(conversation: str, at: datetime = TUESDAY_MORNING) -> Piece:
    """A second of a conversation."""
    return Piece(conversation, at, np.stack([loud(1), loud(1)], axis=1), RATE_HZ)


def test_a_disk_that_takes_nothing_is_told_calls_are_not_asked_and_what_waited_is_written_later(
    database: Database, vault: Vault, records_config: RecordsConfig, recorder: Recorder
):
    in_the_way = records_config.folder / "recordings"
    in_the_way.write_text("")
    recorder.put(piece(began(database, vault)))
    assert not recorder.wait_written(0.2)
    assert not recorder.may_record
    assert "recordings" in (recorder.trouble or "")
    in_the_way.unlink()
    assert recorder.wait_written(WITHIN_SECONDS)
    assert len(files(records_config)) == 1
    assert recorder.may_record


def test_when_too_much_waits_the_recording_ends_and_nothing_grows(
    database: Database, vault: Vault, records_config: RecordsConfig
):
    idle = Recorder(database, vault, records_config.folder, most_waiting=3)
    recording = Recording(idle, "a", RATE_HZ, lambda: TUESDAY_MORNING)
    for number in range(5):
        idle.put(piece("a", TUESDAY_MORNING + timedelta(seconds=number)))
    assert idle.given_up("a")
    recording.go_on()
    recording.heard(loud(0.02))
    assert not recording.running
    assert idle.wait_written(0)


def test_of_a_caller_who_was_erased_meanwhile_nothing_is_written(
    database: Database, vault: Vault, records_config: RecordsConfig, recorder: Recorder
):
    conversation = began(database, vault)
    with database.writing() as connection:
        connection.execute(delete(caller_keys))
    recorder.put(piece(conversation))
    assert recorder.wait_written(WITHIN_SECONDS)
    assert files(records_config) == []
    assert recorder.given_up(conversation)
    assert recorder.trouble is None


def test_a_conversation_that_is_written_down_late_still_gets_its_sound(
    database: Database, vault: Vault, records_config: RecordsConfig, recorder: Recorder
):
    conversation = new_id()
    recorder.put(piece(conversation))
    assert not recorder.wait_written(0.1)
    entry = ConversationBegan(conversation, "CA1", "twilio", None, "opptaket", "0" * 16, "nb", TUESDAY_MORNING)
    with database.writing() as connection:
        write(connection, vault, "redacted", entry)
    assert recorder.wait_written(WITHIN_SECONDS)
    assert len(files(records_config)) == 1
