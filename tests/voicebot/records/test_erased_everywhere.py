"""After an erasure a caller's words and number stand in no file: store, write-ahead log, recordings, keys, backups."""

import gzip
import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, make_url, select

from dialog import Engine
from tests.dialog.conftest import TUESDAY_MORNING
from tests.voicebot.records.byte_scan import files_below, forms, seen_in
from tests.voicebot.records.noted_calls import NUMBER, conversation
from voicebot.records.archive import lines_of
from voicebot.records.archive_rows import Dark, Stored, found_in
from voicebot.records.backing_up import back_up
from voicebot.records.belonging import owned_tables
from voicebot.records.entries import (
    CallbackAsked,
    ConsentGiven,
    ConversationBegan,
    Entry,
    TransferRequested,
    TransferSaved,
    WrappedUp,
    new_id,
)
from voicebot.records.erasing import erase
from voicebot.records.escrow import held
from voicebot.records.exporting import export
from voicebot.records.ledger import Ledger
from voicebot.records.schema import conversations
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, subject_of_number
from voicebot.records.vault import place_of

OFFICER = Officer("cli:anne", "operator", f"asked, number {NUMBER}")
SAID = ("kvantefysikken", "blåbærsyltetøyet", "hjemmelighetsfullt")
WORDS = (*SAID, "tilbakeringingsønske", "etterpåklok", "viskeleder")
NUMBERS = (NUMBER, "92243711", "92 24 37 11")
OTHERS = "bringebærsaften"
SAYINGS = (
    "hva koster frakten",
    "kan du fortelle meg om kvantefysikken",
    "og blåbærsyltetøyet",
    "hjemmelighetsfullt 92243711",
)


async def a_full_call(ledger: Ledger, engine: Engine, stores: Stores) -> None:
    """A call with marked words in every place that takes words, still going on, and one of another caller."""
    entries: list[Entry] = list(conversation(engine, SAYINGS, ended=False))
    entries += conversation(engine, (f"kan du fortelle meg om {OTHERS}",), number="+4740011222", call_id="CA2")
    began = next(entry for entry in entries if isinstance(entry, ConversationBegan))
    at = TUESDAY_MORNING + timedelta(minutes=2)
    entries.append(
        CallbackAsked(began.conversation, new_id(), NUMBER, WORDS[3], "nb", "service", None, at + timedelta(days=1), at)
    )
    transfer = new_id()
    entries += [
        TransferRequested(began.conversation, transfer, "service", "caller_asked", at),
        TransferSaved(transfer, "CA1", json.dumps({"brief": f"{WORDS[5]} fra {NUMBER}"}), at),
        WrappedUp(began.conversation, transfer, "ada", "solved", f"ble {WORDS[4]}, ring {NUMBER}", "yes", at),
    ]
    entries.append(ConsentGiven(began.conversation, "recording", True, "said", "Kan vi ta opp?", "1", "nb", at))
    for entry in entries:
        ledger.note(entry)
    assert await ledger.flushed(20) and ledger.trouble is None
    with stores.database.writing() as connection:
        caller = connection.execute(
            select(conversations.c.caller_id).where(conversations.c.id == began.conversation)
        ).scalar_one()
        sound = stores.vault.seal_bytes(connection, caller, WORDS[1].encode() * 9, place_of("recordings", "file", "x"))
    (stores.folder / "recordings").mkdir(parents=True, exist_ok=True)
    (stores.folder / "recordings" / f"{began.conversation}-1.ogg").write_bytes(sound)


def opened_by_live_keys(stores: Stores, *backups: Path) -> list[tuple[str, bytes]]:
    """Everything that can be read with the master key and the callers' keys there are, in the store and in backups."""
    found = []
    with stores.database.reading() as connection:
        for number in NUMBERS[:1]:
            about = export(stores, subject_of_number(connection, stores.vault, number), OFFICER, "nb")
            found += list(about.files())
        keys = held(connection).keys
    for path in backups:
        found += [(path.name, str(line).encode()) for line in lines_of(path, stores.vault.master)]
        rows = [one for one in found_in(path, stores.vault.master, keys) if isinstance(one, Stored)]
        with stores.database.reading() as connection:
            for one in rows:
                sealed = [column for column in one.table.columns if isinstance(column.type, LargeBinary)]
                found.append((f"{path.name}: {one.table.name}", repr(one.row).encode()))
                key = [one.row[column.name] for column in one.table.primary_key.columns]
                for column in sealed:
                    if one.caller is not None and one.row[column.name] is not None:
                        place = place_of(one.table.name, column.name, *key)
                        plain = stores.vault.open(connection, one.caller, one.row[column.name], place)
                        found.append((f"{path.name}: {one.table.name}.{column.name}", plain.encode()))
    return found


def blobs(stores: Stores) -> set[bytes]:
    """The sealed values of one caller, as they are stored."""
    with stores.database.reading() as connection:
        (caller,) = subject_of_number(connection, stores.vault, NUMBER).caller_ids
        found: set[bytes] = {caller.encode()}
        for table in owned_tables():
            for column in (one for one in table.columns if isinstance(one.type, LargeBinary)):
                if "caller_id" in table.c:
                    query = select(column).where(table.c.caller_id == caller)
                elif "conversation_id" in table.c:
                    query = select(column).join(conversations).where(conversations.c.caller_id == caller)
                found |= {blob for blob in connection.execute(query).scalars() if blob}
        return found


async def test_no_byte_of_an_erased_caller_is_left(
    stores: Stores, ledger: Ledger, engine: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    await a_full_call(ledger, engine, stores)
    backup = tmp_path / "before.backup"
    back_up(stores, backup, OFFICER)
    marks = {form for word in (*WORDS, *NUMBERS) for form in forms(word)}
    sealed = blobs(stores)
    server = None if stores.database.is_sqlite else request.getfixturevalue("cluster").folder / "data"
    assert seen_in(files_below(server or tmp_path), sealed), "the scan finds what is there"
    assert not seen_in(files_below(tmp_path), marks), "nothing stands in the clear even before"
    readable = opened_by_live_keys(stores, backup)
    for word in WORDS:
        assert seen_in(readable, forms(word)), f"{word} was kept, and can be read"

    with stores.database.reading() as connection:
        subject = subject_of_number(connection, stores.vault, NUMBER)
    proof = erase(stores, subject, OFFICER)

    assert proof.complete
    assert not seen_in(files_below(tmp_path), marks | (sealed if stores.database.is_sqlite else set()))
    after = opened_by_live_keys(stores, backup)
    assert not seen_in(after, marks)
    assert seen_in(after, forms(OTHERS)), "another caller's words can still be read"
    with stores.database.reading() as connection:
        keys = held(connection).keys
    assert {one.caller for one in found_in(backup, stores.vault.master, keys) if isinstance(one, Dark)} == set(
        subject.caller_ids
    )
    if server is not None:
        _look_into_the_server(stores, server, marks, sealed)


def _look_into_the_server(stores: Stores, data: Path, marks: set[bytes], sealed: set[bytes]) -> None:
    """The dump, and the server's own files. What was sealed may stand in its write-ahead log for a while: without the
    key, which was never there but locked with the master key."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))
    program = str(programs[-1]) if programs else shutil.which("pg_dump")
    if program is not None:
        url = make_url(stores.database.engine.url)
        address = ["--host", str(data.parent), "--username", str(url.username), str(url.database)]
        dump = subprocess.run([program, *address], check=True, capture_output=True).stdout
        assert b"COPY public.turns" in dump
        assert not seen_in([("dump", dump), ("packed", gzip.compress(dump))], marks)
        assert not seen_in([("dump", dump)], {blob.hex().encode() for blob in sealed})
    assert not seen_in(files_below(data / "base"), sealed)
    assert not [mark for _, content in files_below(data) for mark in marks if mark in content]


async def test_what_a_live_call_still_wants_to_write_after_the_erasure_is_dropped(
    stores: Stores, ledger: Ledger, engine: Engine
) -> None:
    entries = list(conversation(engine, SAYINGS))
    for entry in entries[:3]:
        ledger.note(entry)
    assert await ledger.flushed(20)
    with stores.database.reading() as connection:
        subject = subject_of_number(connection, stores.vault, NUMBER)
    erase(stores, subject, OFFICER)

    for entry in entries[3:]:
        ledger.note(entry)
    assert await ledger.flushed(20)

    assert ledger.trouble is None and ledger.lost == 0
    with stores.database.reading() as connection:
        assert not [table.name for table in owned_tables() if connection.execute(select(table)).first()]
