"""The triggers that refuse to change or delete lines of the access log, and its marks."""

from typing import Final

from sqlalchemy import Connection, text

_SQLITE: Final = (
    "CREATE TRIGGER IF NOT EXISTS access_log_stays BEFORE UPDATE ON access_log"
    " BEGIN SELECT RAISE(ABORT, 'lines of the access log are not changed'); END",
    "CREATE TRIGGER IF NOT EXISTS access_log_is_kept BEFORE DELETE ON access_log"
    " WHEN OLD.seq > coalesce((SELECT max(up_to) FROM access_cuts), 0)"
    " BEGIN SELECT RAISE(ABORT, 'lines of the access log are deleted by rule only'); END",
    "CREATE TRIGGER IF NOT EXISTS access_cuts_stay BEFORE UPDATE ON access_cuts"
    " BEGIN SELECT RAISE(ABORT, 'marks of the access log are not changed'); END",
    "CREATE TRIGGER IF NOT EXISTS access_cuts_are_kept BEFORE DELETE ON access_cuts"
    " BEGIN SELECT RAISE(ABORT, 'marks of the access log are not deleted'); END",
)
_POSTGRESQL: Final = (
    """CREATE OR REPLACE FUNCTION access_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'access_log' THEN
            IF OLD.seq <= coalesce((SELECT max(up_to) FROM access_cuts), 0) THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'lines of the access log are not changed, and deleted by rule only';
    END $$""",
    "CREATE OR REPLACE TRIGGER access_log_stays BEFORE UPDATE OR DELETE ON access_log"
    " FOR EACH ROW EXECUTE FUNCTION access_log_refuse()",
    "CREATE OR REPLACE TRIGGER access_cuts_stay BEFORE UPDATE OR DELETE ON access_cuts"
    " FOR EACH ROW EXECUTE FUNCTION access_log_refuse()",
    "CREATE OR REPLACE TRIGGER access_log_is_kept BEFORE TRUNCATE ON access_log"
    " FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()",
    "CREATE OR REPLACE TRIGGER access_cuts_are_kept BEFORE TRUNCATE ON access_cuts"
    " FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()",
)


def protect(connection: Connection) -> None:
    """Make the triggers, if they are not there; for the first migration and for whoever made the tables otherwise."""
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.execute(text(statement))


def unprotect(connection: Connection) -> None:
    """Take the triggers away: for a restore, which puts another whole log in this one's place in one transaction."""
    on = {"access_log_stays": "access_log", "access_log_is_kept": "access_log"}
    on |= {"access_cuts_stay": "access_cuts", "access_cuts_are_kept": "access_cuts"}
    for trigger, table in on.items():
        where = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{where}"))
