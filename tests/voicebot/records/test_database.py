"""A store is made, opened again, and says what is wrong with it; what it enforces by itself."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from tests.postgres import Cluster
from voicebot.config import RecordsConfig
from voicebot.records.database import Database, open_database
from voicebot.records.errors import RecordsUnavailable
from voicebot.records.schema import callers, metadata, ratings

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=timezone(timedelta(hours=1)))


def test_the_steps_lead_to_the_tables_that_the_program_uses(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == [], (
            "a change of schema.py wants a step in voicebot/records/migrations/versions"
        )
        looked_at = inspect(connection)
        for name, table in metadata.tables.items():
            checks = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
            assert {check["name"] for check in looked_at.get_check_constraints(name)} == checks


def test_a_store_is_opened_again_with_what_it_held_and_times_come_back_in_utc(
    database: Database, records_config: RecordsConfig
) -> None:
    with database.writing() as connection:
        connection.execute(insert(callers).values(id="a" * 32, created_at=NOON))
    database.close()
    again = open_database(records_config)
    with again.reading() as connection:
        kept = connection.execute(select(callers.c.created_at)).scalar_one()
    again.close()
    assert kept == NOON
    assert kept.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.writing() as connection:
        connection.execute(insert(callers).values(id="a" * 32, created_at=NOON.replace(tzinfo=None)))


def test_a_row_without_its_conversation_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(insert(ratings).values(conversation_id="b" * 32, score=5, at=NOON))


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as connection:
        connection.execute(insert(callers).values(id="a" * 32, created_at=NOON))
        raise RuntimeError
    with database.reading() as connection:
        assert connection.execute(select(callers)).all() == []


def test_records_of_a_later_version_are_left_alone(database: Database, records_config: RecordsConfig) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(RecordsUnavailable, match="a later version of this program"):
        open_database(records_config)


def test_a_file_that_is_no_database_is_named_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite3").write_bytes(b"not a database " * 100)
    with pytest.raises(RecordsUnavailable, match=r"records\.sqlite3 cannot be used.* -> .*restore"):
        open_database(RecordsConfig(tmp_path, "", (), None, None))


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    database = open_database(RecordsConfig(tmp_path / "new", "", (), None, None))
    database.close()
    made = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new", *(tmp_path / "new").iterdir())}
    assert made == {"new": 0o700, "records.sqlite3": 0o600}


def test_a_server_that_is_not_there_is_told_of_without_its_password(tmp_path: Path, cluster: Cluster) -> None:
    url = f"postgresql+psycopg://someone:hemmelig@/nothing?host={cluster.folder}"
    with pytest.raises(RecordsUnavailable) as caught:
        open_database(RecordsConfig(tmp_path, url, (), None, None))
    assert "VOICEBOT_DATABASE_URL" in str(caught.value)
    assert "hemmelig" not in str(caught.value)
    assert caught.value.__cause__ is None
