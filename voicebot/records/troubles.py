"""What is wrong when the store cannot be written: whether it may pass, and what to tell the operator."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, TimeoutError

from voicebot.records.database import Database, unavailable
from voicebot.records.errors import RecordsUnavailable


def heals(error: Exception) -> bool:
    """Whether the same entries may be written later: the store is at fault, and not one of the entries."""
    if isinstance(error, DataError | IntegrityError):
        return False
    return isinstance(error, DBAPIError | TimeoutError | RecordsUnavailable | OSError)


def told(error: Exception, database: Database) -> str:
    """What is wrong and the cure, in one line without an address, a password or anything that was to be written."""
    if isinstance(error, RecordsUnavailable):
        return str(error)
    if isinstance(error, DBAPIError):
        return str(unavailable(database, error))
    if isinstance(error, TimeoutError):
        return "all connections to the database are taken -> see what holds them"
    return f"the ledger fails ({type(error).__name__}) -> this is a fault of the program: report it"
