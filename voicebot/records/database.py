"""The store itself: one SQLAlchemy engine over SQLite (a file of ours) or PostgreSQL (by URL), brought up to date."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from voicebot.config import RecordsConfig
from voicebot.records.errors import DatabaseAway, RecordsUnavailable

logger = logging.getLogger(__name__)

FILE_NAME = "records.sqlite3"
BUSY_SECONDS = 5
"""How long a statement waits for another process before it fails; the ledger tries again, a command says so."""

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
"""PostgreSQL gives up a statement, or a wait for a lock, after so long: a thread never hangs on a sick server."""

_MIGRATING = 0x766F6963
"""Advisory lock of PostgreSQL: two houses that start at once upgrade one after the other ("voic")."""


class Database:
    """An open store. Safe in threads; each transaction takes a connection of its own.

    Args:
        engine: to a store whose tables are those of `voicebot.records.schema`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """A file of ours, and not a PostgreSQL server."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a server."""
        return Path(self.engine.url.database or "") if self.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store and writes nothing."""
        with self.engine.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes; on SQLite it holds the only right to, from its first moment."""
        with self.engine.connect() as connection:
            connection.info["writing"] = True
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop("writing", None)

    def close(self) -> None:
        """Let all connections go; SQLite folds its log into the file."""
        self.engine.dispose()


def open_database(config: RecordsConfig) -> Database:
    """Open the store, make it when there is none, and upgrade it when an older version wrote it. Takes up to seconds.

    Raises:
        DatabaseAway: it cannot be reached now, and may be later.
        RecordsUnavailable: it cannot be opened, read, written or upgraded.
    """
    database = connect(config)
    try:
        upgrade(database)
    except BaseException:
        database.close()
        raise
    return database


def connect(config: RecordsConfig) -> Database:
    """The store without a look at it: nothing is read or made yet, but the folder of a file.

    Raises:
        RecordsUnavailable: the folder cannot be made, or the URL is none.
    """
    return Database(_server_engine(config.url) if config.url else _file_engine(config.folder))


def upgrade(database: Database) -> None:
    """Bring the tables up to this program's version; quick when they are.

    Raises:
        DatabaseAway, RecordsUnavailable: as `open_database`.
    """
    try:
        _upgrade(database)
    except DBAPIError as error:
        raise unavailable(database, error) from None  # the cause's text may hold the address of the server


def _file_engine(folder: Path) -> Engine:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise RecordsUnavailable(
            f"the records folder {folder} cannot be made ({error.strerror})",
            "give another with VOICEBOT_RECORDS_FOLDER, or the right to write there",
        ) from error
    path = folder / FILE_NAME
    with suppress(OSError):  # SQLite says better what is wrong with a file that cannot be made
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a turn that was written survives a loss of power, not only of the process
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten, not only let go
        "temp_store = MEMORY",
        "journal_size_limit = 8388608",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writing") else "BEGIN")


def _server_engine(url: str) -> Engine:
    try:
        return create_engine(
            make_url(url),
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=10,
            hide_parameters=True,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "options": f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={STATEMENT_SECONDS}s "
                f"-c idle_in_transaction_session_timeout={STATEMENT_SECONDS * 2}s -c timezone=UTC",
            },
        )
    except (ArgumentError, NoSuchModuleError) as error:
        raise RecordsUnavailable(
            "VOICEBOT_DATABASE_URL is no address of a PostgreSQL database", "postgresql://user:password@host/database"
        ) from error
    except ModuleNotFoundError as error:
        raise RecordsUnavailable(
            "the driver for PostgreSQL is not installed", "install it with `pip install voicebot[postgres]`"
        ) from error


def _upgrade(database: Database) -> None:
    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    with database.engine.connect() as connection, connection.begin():
        if MigrationContext.configure(connection).get_current_heads() == tuple(scripts.get_heads()):
            return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        _take_steps(connection, scripts)
        logger.info("the records are at version %s", scripts.get_current_head())


def _take_steps(connection: Connection, scripts: ScriptDirectory) -> None:
    def steps(revision: Any, context: MigrationContext) -> Any:
        try:
            return scripts._upgrade_revs("head", revision)  # as Alembic's own `upgrade` does
        except CommandError as error:
            raise RecordsUnavailable(
                "a later version of this program has written these records", "run that version, or restore a backup"
            ) from error

    migration = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(migration):
        migration.run_migrations()


def unavailable(database: Database, error: DBAPIError) -> RecordsUnavailable:
    """What a failure of the database means, without its address, a password, or anything that was to be written."""
    if database.is_sqlite:
        message = str(error.orig)
        cure = next((cure for words, cure in _CURES if words in message), _CURE)
        kind = DatabaseAway if "locked" in message else RecordsUnavailable
        return kind(f"{database.file} cannot be used ({message})", cure)
    code = getattr(error.orig, "sqlstate", None)
    if isinstance(error, OperationalError) and (code is None or error.connection_invalidated):
        return DatabaseAway(
            "the database server of VOICEBOT_DATABASE_URL does not answer",
            "see that it runs, and that the address, user, password and database are right",
        )
    return RecordsUnavailable(
        f"the database server refuses with SQLSTATE {code}",
        "see its own log, and that this user may make tables in that database",
    )


_CURES = (
    ("full", "make room on this disk"),
    ("readonly", "let this user write there"),
    ("unable to open", "let this user write there"),
    ("locked", "another program holds the file: end it"),
)
_CURE = "see that the disk is sound; `voicebot restore` puts back a backup"
