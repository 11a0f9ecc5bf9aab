"""Whose records are meant: a caller found by a number or by one of their conversations, and what is kept of them."""

import hashlib
import hmac
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from dialog.redaction import redact
from voicebot.records.belonging import of_callers, owned_tables
from voicebot.records.schema import callbacks, caller_numbers, conversations
from voicebot.records.vault import Vault

SUBJECT_DIGITS = 12
"""So much of a number's keyed hash names its owner in the access log and in a proof."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody whose rows are looked for.

    Args:
        name: for the access log and proofs: the beginning of a keyed hash, never a number.
        caller_ids: of the callers meant; empty when nothing is kept of them.
        number_hashes: of their numbers; empty for a caller without one.
    """

    name: str
    caller_ids: tuple[str, ...]
    number_hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Officer:
    """Who does something, and why.

    Args:
        actor: an account's name, or "cli:<user of the machine>".
        role: "privacy", or "operator" on the command line.
        reason: in the officer's words.
    """

    actor: str
    role: str
    reason: str

    @property
    def noted_reason(self) -> str:
        """The reason as it is kept, long after the caller is gone: with what is personal in it cut out."""
        return redact(self.reason, "nb").text


def subject_of_number(connection: Connection, vault: Vault, number: str) -> Subject:
    """Whose number this is, whether or not anything is kept of them. number: E.164."""
    number_hash = vault.number_hash(connection, number)
    caller_id = vault.caller_of(connection, number_hash)
    return Subject(number_hash[:SUBJECT_DIGITS], () if caller_id is None else (caller_id,), (number_hash,))


def subject_of_conversation(connection: Connection, vault: Vault, conversation: str) -> Subject | None:
    """Who had this conversation, with or without a number. None: no such conversation, or nothing in it leads to a
    person."""
    query = select(conversations.c.caller_id).where(conversations.c.id == conversation)
    caller_id = connection.execute(query).scalar_one_or_none()
    if caller_id is None:
        return None
    numbers = select(caller_numbers.c.number_hash).where(caller_numbers.c.caller_id == caller_id)
    hashes = tuple(connection.execute(numbers).scalars())
    name = hashes[0] if hashes else caller_hash(vault.named(connection, "numbers"), caller_id)
    return Subject(name[:SUBJECT_DIGITS], (caller_id,), hashes)


def current(connection: Connection, subject: Subject) -> Subject:
    """The same, with the callers that its numbers belong to by now."""
    numbers = select(caller_numbers.c.caller_id).where(caller_numbers.c.number_hash.in_(subject.number_hashes))
    return replace(subject, caller_ids=tuple({*subject.caller_ids, *connection.execute(numbers).scalars()}))


def caller_hash(secret: bytes, caller_id: str) -> str:
    """What stands for a caller without a number in a tombstone. secret: the vault's "numbers"."""
    return hmac.new(secret, f"caller:{caller_id}".encode(), hashlib.sha256).hexdigest()


def of_subject(table: Table, subject: Subject) -> ColumnElement[bool]:
    """The rows of a table that are about them: their own, and callbacks to their number that another asked for."""
    own = of_callers(table, subject.caller_ids)
    return or_(own, callbacks.c.number_hash.in_(subject.number_hashes)) if table is callbacks else own


def counted(connection: Connection, subject: Subject) -> dict[str, int]:
    """Rows about them per table; tables without any are left out."""
    found = {}
    for table in owned_tables():
        rows = select(func.count()).select_from(table).where(of_subject(table, subject))
        if number := connection.execute(rows).scalar_one():
            found[table.name] = number
    return found
