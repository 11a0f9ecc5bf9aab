"""What Nordlys looks up and does: a small shop and power company in SQLite.

The database is made from `data/*.csv` when something is asked of it for the first time, in a temporary folder that goes
away with the program: an example starts afresh each time. Put your own systems in place of the SQL and keep the results
as they are; the flows need nothing else. Days in the data count from today, so that parcels are always under way.
"""

import atexit
import csv
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from dialog.actions import action
from dialog.hours import Hours
from dialog.identity import Identity
from dialog.settings import read_settings

FOLDER = Path(__file__).parent
MEETING = timedelta(minutes=30)
SATURDAY = 5
RETURN_DAYS = 30
POSTPONED_DAYS = 14
FIRST_CASE = 300101

TABLES = """
CREATE TABLE orders (number TEXT PRIMARY KEY, post_code TEXT, item TEXT, status TEXT, days INTEGER);
CREATE TABLE customers (number TEXT PRIMARY KEY, name TEXT, post_code TEXT, email TEXT, newsletter INTEGER,
    phone TEXT, account TEXT);
CREATE TABLE meters (number TEXT PRIMARY KEY, customer TEXT, reading INTEGER);
CREATE TABLE invoices (kid TEXT PRIMARY KEY, customer TEXT, amount TEXT, due_in_days INTEGER, postponed INTEGER);
CREATE TABLE cases (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, subject TEXT, details TEXT, opened TEXT);
CREATE TABLE meetings (starts TEXT PRIMARY KEY, name TEXT, phone TEXT);
"""
FILLED = ("orders", "customers", "meters", "invoices")

_making = Lock()


@cache
def _home() -> Path:
    folder = tempfile.mkdtemp(prefix="nordlys-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _make(path: Path) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(new)) as database, database:
        database.executescript(TABLES)
        for table in FILLED:
            with (FOLDER / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                heading, *rows = csv.reader(file)
            places = ", ".join("?" * len(heading))
            database.executemany(f"INSERT INTO {table} ({', '.join(heading)}) VALUES ({places})", rows)
        database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('cases', ?)", (FIRST_CASE - 1,))
    new.rename(path)


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    """A connection for one action; what was written is kept when the block ends well."""
    with _making:
        path = _home() / "nordlys.sqlite"
        if not path.exists():
            _make(path)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def _row(database: sqlite3.Connection, sql: str, *values: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = database.execute(sql, values).fetchone()
    return found


def _day(days: int) -> date:
    return datetime.now(ZoneInfo("Europe/Oslo")).date() + timedelta(days=days)


def _write_case(database: sqlite3.Connection, kind: str, subject: str, details: str) -> str:
    written = database.execute(
        "INSERT INTO cases (kind, subject, details, opened) VALUES (?, ?, ?, ?)",
        (kind, subject, details, datetime.now(UTC).isoformat()),
    )
    return str(written.lastrowid)


OrderStatus: TypeAlias = Literal["placed", "packed", "sent", "delivered", "cancelled", "not_found"]


@dataclass(frozen=True, slots=True)
class Order:
    """An order. day: when it is sent, arrives or was delivered."""

    status: OrderStatus
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What was written down for the people at Nordlys to do. number: of six digits."""

    number: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Whether an order could be stopped. number: of the case."""

    status: Literal["cancelled", "too_late"]
    number: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Whether something may be sent back. number: of the case."""

    status: Literal["registered", "too_late", "not_delivered", "not_found"]
    number: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """status: "closed" when nobody works then; at: the time booked, or the next one that is free."""

    status: Literal["booked", "closed", "taken", "full"]
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """before: the last reading, in kWh."""

    status: Literal["saved", "too_low", "not_found"]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class NewAddress:
    """What came of a new e-mail address."""

    status: Literal["asked", "same", "not_found"]


@dataclass(frozen=True, slots=True)
class Copy:
    """What came of a copy of an invoice. due: when it must be paid."""

    status: Literal["sent", "not_found"]
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """due: when the invoice must be paid now; latest: the last day it can be moved to."""

    status: Literal["moved", "already", "too_long", "overdue", "not_found"]
    amount: Decimal | None = None
    due: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """What came of a wish for no more newsletters."""

    status: Literal["stopped", "already", "not_found"]


@dataclass(frozen=True, slots=True)
class Payout:
    """Where money is paid to a customer. ending: the last four digits of the account, enough to know it again."""

    status: Literal["known", "unknown"]
    ending: str = ""


@dataclass(frozen=True, slots=True)
class NewPayout:
    """What came of another account to pay to."""

    status: Literal["changed", "same"]


@dataclass(frozen=True, slots=True)
class Opening:
    """Opening hours of one day."""

    status: Literal["open", "closed"]
    opens: time | None = None
    closes: time | None = None


@action(timeout_seconds=3.0, attempts=2, retry_on=(sqlite3.OperationalError,))
def find_order(order: str, post_code: str) -> Order:
    """Where an order is. The post code must fit: a number alone tells nothing about anybody's parcel."""
    with _database() as database:
        found = _row(database, "SELECT * FROM orders WHERE number = ? AND post_code = ?", order, post_code)
    return Order(found["status"], _day(found["days"])) if found else Order("not_found")


@action(timeout_seconds=3.0)
def cancel_order(order: str, post_code: str) -> Cancelled:
    """Cancel an order that is not packed yet: "cancelled" or "too_late"."""
    with _database() as database:
        done = database.execute(
            "UPDATE orders SET status = 'cancelled' WHERE number = ? AND post_code = ? AND status = 'placed'",
            (order, post_code),
        )
        if not done.rowcount:
            return Cancelled("too_late")
        return Cancelled("cancelled", _write_case(database, "cancel", order, ""))


@action(timeout_seconds=3.0)
def register_return(order: str, post_code: str, item: str, reason: str) -> Return:
    """Write down a return: "registered", "too_late", "not_delivered" or "not_found"."""
    with _database() as database:
        found = _row(database, "SELECT * FROM orders WHERE number = ? AND post_code = ?", order, post_code)
        if found is None:
            return Return("not_found")
        if found["status"] != "delivered":
            return Return("not_delivered")
        if found["days"] < -RETURN_DAYS:
            return Return("too_late")
        return Return("registered", _write_case(database, "return", order, f"{item}, {reason}"))


@action(timeout_seconds=3.0)
def open_case(kind: str, description: str, phone: str) -> Case:
    """Write down a matter that a person must look at."""
    with _database() as database:
        return Case(_write_case(database, kind, phone, description))


@action(timeout_seconds=3.0)
def book_meeting(day: date, at: time, name: str, phone: str) -> Meeting:
    """Half an hour with a power adviser, on the telephone."""
    zone = ZoneInfo(_hours().timezone)
    wanted = datetime.combine(day, at, tzinfo=zone)
    if not _adviser_works(wanted):
        return Meeting("closed")
    with _database() as database:
        taken = {row["starts"] for row in database.execute("SELECT starts FROM meetings")}
        if wanted.isoformat() not in taken:
            values = (wanted.isoformat(), name, phone)
            database.execute("INSERT INTO meetings (starts, name, phone) VALUES (?, ?, ?)", values)
            return Meeting("booked", at)
    later = wanted + MEETING
    while later.isoformat() in taken:
        later += MEETING
    return Meeting("taken", later.time()) if _adviser_works(later) else Meeting("full")


@action(timeout_seconds=3.0)
def save_reading(meter: str, reading: int) -> Reading:
    """Keep a meter reading; a meter never runs backwards."""
    with _database() as database:
        found = _row(database, "SELECT * FROM meters WHERE number = ?", meter)
        if found is None:
            return Reading("not_found")
        if reading < found["reading"]:
            return Reading("too_low", found["reading"])
        database.execute("UPDATE meters SET reading = ? WHERE number = ?", (reading, meter))
        return Reading("saved", found["reading"])


@action(timeout_seconds=3.0)
def register_move(day: date, address: str, name: str) -> Case:
    """Write down that a customer takes the power contract along to a new address."""
    with _database() as database:
        return Case(_write_case(database, "move", name, f"{day.isoformat()}, {address}"))


@action(timeout_seconds=3.0)
def change_email(customer: str, post_code: str, email: str) -> NewAddress:
    """Ask for confirmation at the new address: "asked", "same" or "not_found". Nothing changes before the link in it is
    pressed, and the old address is told: a telephone call alone must not take over somebody's account."""
    with _database() as database:
        found = _row(database, "SELECT * FROM customers WHERE number = ? AND post_code = ?", customer, post_code)
        if found is None:
            return NewAddress("not_found")
        if found["email"] == email:
            return NewAddress("same")
        _write_case(database, "email", customer, email)
        return NewAddress("asked")


@action(timeout_seconds=3.0)
def send_invoice(customer: str, amount: Decimal) -> Copy:
    """Send a copy of the invoice of this amount to the address that the customer has given before."""
    with _database() as database:
        found = [
            row
            for row in database.execute("SELECT * FROM invoices WHERE customer = ?", (customer,))
            if Decimal(row["amount"]) == amount
        ]
        if not found:
            return Copy("not_found")
        _write_case(database, "invoice_copy", customer, found[0]["kid"])
        return Copy("sent", _day(found[0]["due_in_days"]))


@action(timeout_seconds=3.0)
def postpone_payment(kid: str, until: date) -> Postponed:
    """Give more time to pay, once per invoice and at most fourteen days."""
    with _database() as database:
        found = _row(database, "SELECT * FROM invoices WHERE kid = ?", kid)
        if found is None:
            return Postponed("not_found")
        due, amount = _day(found["due_in_days"]), Decimal(found["amount"])
        latest = due + timedelta(days=POSTPONED_DAYS)
        if found["postponed"]:
            return Postponed("already", amount, due)
        if due < _day(0):
            return Postponed("overdue", amount, due)
        if until > latest:
            return Postponed("too_long", amount, due, latest)
        database.execute(
            "UPDATE invoices SET postponed = 1, due_in_days = ? WHERE kid = ?", ((until - _day(0)).days, kid)
        )
        return Postponed("moved", amount, until, latest)


@action(timeout_seconds=3.0)
def register_lead(home: str, use: str, name: str, phone: str) -> Case:
    """Write down somebody who wants an offer on power. use: kWh a year, empty when the caller does not know."""
    with _database() as database:
        return Case(_write_case(database, "lead", name, f"{home}, {use or 'unknown use'}, {phone}"))


@action(timeout_seconds=3.0)
def stop_newsletter(customer: str) -> Unsubscribed:
    """No more newsletters: "stopped", "already" or "not_found"."""
    with _database() as database:
        found = _row(database, "SELECT * FROM customers WHERE number = ?", customer)
        if found is None:
            return Unsubscribed("not_found")
        database.execute("UPDATE customers SET newsletter = 0 WHERE number = ?", (customer,))
        return Unsubscribed("stopped" if found["newsletter"] else "already")


@action(timeout_seconds=3.0)
def find_payout(identity: Identity) -> Payout:
    """Where money is paid to the customer whose telephone the caller has proven to hold."""
    with _database() as database:
        found = _customer(database, identity)
    return Payout("known", found["account"][-4:]) if found else Payout("unknown")


@action(timeout_seconds=3.0)
def change_payout(account: str, identity: Identity) -> NewPayout:
    """Pay to another account from now on; who changed it is written down with how it was proven."""
    with _database() as database:
        found = _customer(database, identity)
        if found is None:
            raise LookupError("the caller's number is no customer's")
        if found["account"] == account:
            return NewPayout("same")
        database.execute("UPDATE customers SET account = ? WHERE number = ?", (account, found["number"]))
        _write_case(database, "payout", found["number"], f"proven by {identity.provider}, {identity.level}")
        return NewPayout("changed")


def _customer(database: sqlite3.Connection, identity: Identity) -> sqlite3.Row | None:
    """The customer that an identity belongs to; somebody without a number belongs to nobody."""
    return _row(database, "SELECT * FROM customers WHERE phone = ?", identity.phone) if identity.phone else None


@action(timeout_seconds=3.0)
def find_opening(day: date) -> Opening:
    """When Nordlys is open on that day."""
    hours = _hours()
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(hours.timezone))
    opening = hours.next_opening(midnight - timedelta(minutes=1))
    if opening is None or opening.date() != day:
        return Opening("closed")
    closing = opening
    while hours.is_open(closing) and closing.date() == day:
        closing += timedelta(minutes=15)
    return Opening("open", opening.time(), closing.time())


def _adviser_works(starts: datetime) -> bool:
    """Advisers keep our hours, and have Saturdays off."""
    return starts.weekday() < SATURDAY and _hours().is_open(starts)


@cache
def _hours() -> Hours:
    hours = read_settings("bot.yaml", (FOLDER / "bot.yaml").read_text(encoding="utf-8"), []).hours
    if hours is None:
        raise LookupError("bot.yaml names no hours")
    return hours
