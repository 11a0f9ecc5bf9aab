"""The access log on both databases: what it proves, what it refuses, and that many writers make one chain."""

import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from voicebot.config import RecordsConfig
from voicebot.records import access_log
from voicebot.records.access_log import FaultKind
from voicebot.records.anchoring import HourlyAnchors
from voicebot.records.anchors import read_anchors, write_anchor
from voicebot.records.database import Database
from voicebot.records.schema import access_cuts
from voicebot.records.schema import access_log as table
from voicebot.records.stores import Stores
from voicebot.records.vault import Vault

NEWER = timedelta(seconds=5)


def written(database: Database, vault: Vault, count: int = 6, actor: str = "kari") -> str:
    """Some lines; the head after them."""
    with database.writing() as connection:
        vault.prepare(connection)
        for number in range(count):
            access_log.note(connection, vault, actor, "agent", "conversation.read", f"{number:032x}", "klage på svar")
        return access_log.head(connection)


def tamper(database: Database, *statements: object) -> None:
    """What somebody does who may do everything in the database: the triggers go first."""
    with database.writing() as connection:
        of_table = "" if database.is_sqlite else " ON access_log"
        for trigger in ("access_log_stays", "access_log_is_kept"):
            connection.execute(text(f"DROP TRIGGER {trigger}{of_table}"))
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def faults(database: Database, vault: Vault, *anchors: str) -> list[tuple[FaultKind, int, int]]:
    with database.reading() as connection:
        verdict = access_log.verify(connection, vault, anchors)
    return [(fault.kind, fault.first, fault.last) for fault in verdict.faults]


def test_a_log_nobody_touched_is_whole(database: Database, vault: Vault) -> None:
    head = written(database, vault)
    with database.reading() as connection:
        verdict = access_log.verify(connection, vault, (head,))
    assert (verdict.is_whole, verdict.lines, verdict.first, verdict.last, verdict.head) == (True, 6, 1, 6, head)


@pytest.mark.parametrize("statement", ["UPDATE access_log SET actor = 'ola' WHERE seq = 3", "DELETE FROM access_log"])
def test_lines_cannot_be_changed_or_deleted(database: Database, vault: Vault, statement: str) -> None:
    head = written(database, vault)
    with pytest.raises(DBAPIError), database.writing() as connection:
        connection.execute(text(statement))
    assert faults(database, vault, head) == []


@pytest.mark.parametrize(
    "change", [{"actor": "ola"}, {"at": datetime(2026, 1, 1, tzinfo=UTC)}, {"reason": ""}, {"subject": "0" * 32}]
)
def test_a_changed_line_is_named(database: Database, vault: Vault, change: dict[str, object]) -> None:
    head = written(database, vault)
    tamper(database, update(table).where(table.c.seq == 3).values(**change))
    assert faults(database, vault, head) == [(FaultKind.CHANGED, 3, 3)]


def test_missing_lines_are_named_wherever_they_were(database: Database, vault: Vault) -> None:
    head = written(database, vault, 9)
    tamper(database, delete(table).where(table.c.seq.in_([1, 4, 5, 8, 9])))
    expected = [(FaultKind.CUT_START, 1, 1), (FaultKind.MISSING, 4, 5)]
    assert faults(database, vault) == expected, "without an anchor nobody can know of lines after the last"
    assert faults(database, vault, head) == [*expected, (FaultKind.CUT_END, 8, 9)]


def test_a_log_that_was_emptied_and_begun_anew_shows_against_an_anchor(database: Database, vault: Vault) -> None:
    head = written(database, vault)
    tamper(database, delete(table))
    written(database, vault, 6, "ola")
    assert faults(database, vault, head) == [(FaultKind.CHANGED, 6, 6)]


def test_a_line_put_in_by_who_has_no_key_is_named(database: Database, vault: Vault) -> None:
    written(database, vault, 3)
    with database.writing() as connection:
        last = access_log.shown(connection, most=1)[0]
        forged = {**asdict(last), "seq": 4, "previous": last.hash, "hash": "0" * 64}
        connection.execute(table.insert().values(**forged))
    assert faults(database, vault) == [(FaultKind.CHANGED, 4, 4)]


def test_old_lines_go_by_rule_and_leave_a_signed_mark(database: Database, vault: Vault) -> None:
    head = written(database, vault)
    with database.writing() as connection:
        assert access_log.cut(connection, vault, datetime.now(UTC) + NEWER, "system") == 6
    written(database, vault, 2)
    assert faults(database, vault, head) == []
    with database.reading() as connection:
        assert [line.seq for line in access_log.shown(connection)] == [9, 8, 7]
    with database.writing() as connection:
        assert access_log.cut(connection, vault, datetime.now(UTC) - NEWER, "system") == 0


def test_a_mark_that_is_not_genuine_does_not_explain_a_gap(database: Database, vault: Vault) -> None:
    written(database, vault)
    now = datetime.now(UTC)
    with database.writing() as connection:  # whoever forges the mark may delete: the trigger believes it, we do not
        last = access_log.shown(connection, before=4, most=1)[0]
        connection.execute(
            access_cuts.insert().values(up_to=3, at=now, cutoff=now, by="system", hash=last.hash, mac="0" * 64)
        )
        connection.execute(delete(table).where(table.c.seq <= 3))
    assert faults(database, vault) == [(FaultKind.CUT_MARK, 1, 3), (FaultKind.CUT_START, 1, 3)]


def test_another_key_recognises_nothing(database: Database, vault: Vault, tmp_path: Path) -> None:
    written(database, vault, 2)

    @dataclass
    class Others:
        def named(self, connection: object, name: str) -> bytes:
            return bytes(32)

    kinds = {kind for kind, _, _ in faults(database, Others())}  # type: ignore[arg-type]
    assert kinds == {FaultKind.CHANGED}


WRITER = """
import sys
from pathlib import Path
from voicebot.config import RecordsConfig
from voicebot.records.access_log import note
from voicebot.records.stores import opened_stores
config = RecordsConfig(Path(sys.argv[1]), sys.argv[2], (), None, None)
with opened_stores(config) as stores:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(60):
        with stores.database.writing() as connection:
            note(connection, stores.vault, sys.argv[3], "agent", "conversation.read", f"{number:032x}")
"""


def test_processes_that_write_at_once_make_one_chain(
    database: Database, vault: Vault, records_config: RecordsConfig
) -> None:
    head = written(database, vault, 1, "system")
    arguments = [sys.executable, "-c", WRITER, str(records_config.folder), records_config.url]
    writers = [
        subprocess.Popen([*arguments, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in ("kari", "ola")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert faults(database, vault, head) == []
    with database.reading() as connection:
        lines = access_log.shown(connection, most=200)
    assert [line.seq for line in lines] == list(range(121, 0, -1))
    assert [sum(line.actor == name for line in lines[:-1]) for name in ("kari", "ola")] == [60, 60]


def test_a_line_and_what_it_is_about_happen_together_or_not_at_all(database: Database, vault: Vault) -> None:
    head = written(database, vault, 1)
    with pytest.raises(RuntimeError), database.writing() as connection:
        access_log.note(connection, vault, "kari", "privacy", "caller.erase", "0" * 12)
        raise RuntimeError("the page could not be shown")
    with database.reading() as connection:
        assert access_log.head(connection) == head


def test_anchors_are_kept_in_every_folder_and_survive_nonsense(tmp_path: Path) -> None:
    folders = (tmp_path / "records", tmp_path / "elsewhere")
    for number in (1, 2, 2, 3):
        write_anchor(folders, f"{number}:{'ab' * 32}")
    (folders[0] / "access-log.anchors").write_text("nonsense\n", encoding="ascii")
    assert read_anchors(folders) == tuple(f"{number}:{'ab' * 32}" for number in (1, 2, 3))


def test_the_house_notes_the_end_down_and_tells_when_it_has_gone(
    database: Database, vault: Vault, records_config: RecordsConfig, tmp_path: Path
) -> None:
    stores = Stores(database, vault, records_config.folder, tmp_path / "elsewhere")
    house = HourlyAnchors(stores)
    head = written(database, vault)
    house.once()
    assert (house.trouble, read_anchors((tmp_path / "elsewhere",))) == (None, (head,))
    tamper(database, delete(table).where(table.c.seq > 3))
    house.once()
    assert "voicebot audit verify" in (house.trouble or "")
    assert read_anchors((tmp_path / "elsewhere",)) == (head,), "what proves it stays"
