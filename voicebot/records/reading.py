"""Conversations as they were written down: lists that give nobody away, and one conversation with everything opened.

Lists go by pages of at most PAGE rows along an index, newest first, and open nothing that is sealed. Whoever opens one
conversation notes that in the access log, in the same transaction (`voicebot.records.access_log.note`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, or_, select

from voicebot.records.errors import KeyDestroyed, SealBroken
from voicebot.records.keys import open_with
from voicebot.records.schema import (
    callbacks,
    consents,
    conversations,
    identity_attempts,
    ratings,
    recordings,
    transfer_attempts,
    transfers,
    turns,
)
from voicebot.records.vault import Vault, place_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What a list shows of a conversation: nothing that says who called, or what was said."""

    id: str
    line: str
    bot: str
    content_version: str
    language: str
    keep: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    turns: int

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it goes on."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Place:
    """Between two rows of a list: right after (older than) this one, or right before it."""

    started_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations; what is None or "" does not matter.

    Args:
        since, until: began from here on, and before then.
        line, language, bot: as in the row.
        outcome: as in the row; "open" for those going on.
        rule, article, flow: came up in one of the turns.
        passed_on: whether a person was asked for.
        caller: the caller's id.
    """

    since: datetime | None = None
    until: datetime | None = None
    line: str = ""
    language: str = ""
    bot: str = ""
    outcome: str = ""
    rule: str = ""
    article: str = ""
    flow: str = ""
    passed_on: bool | None = None
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Rows, newest first; `older` and `newer` say where the list goes on, None at its ends."""

    rows: tuple[ConversationRow, ...]
    older: Place | None
    newer: Place | None


@dataclass(frozen=True, slots=True)
class ReadTurn:
    """One turn.

    Args:
        record: its decision record, None when its words are not kept.
        heard: what the caller heard of the reply, None when that is not known.
        fault: "" or why the record cannot be read: "key_gone" (the caller was erased), "unreadable" (it was changed).
    """

    turn: int
    at: datetime
    rule: str
    record: Mapping[str, Any] | None
    heard: Mapping[str, Any] | None
    fault: str


@dataclass(frozen=True, slots=True)
class ReadTransfer:
    """One try to pass the caller on, with every person who was tried."""

    row: Row[Any]
    attempts: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class ConversationDetail:
    """A whole conversation. Rows are those of the tables of the same names; callbacks come without number and words."""

    head: ConversationRow
    turns: Sequence[ReadTurn]
    transfers: Sequence[ReadTransfer]
    consents: Sequence[Row[Any]]
    recordings: Sequence[Row[Any]]
    callbacks: Sequence[Row[Any]]
    identity: Sequence[Row[Any]]
    rating: int | None


_TOLD_OF_CALLBACKS = ("at", "kind", "department", "language", "deadline", "wanted", "status", "tries", "done_at")
_ROW = [conversations.c[name] for name in ConversationRow.__slots__]


def conversation_page(
    connection: Connection, wanted: Wanted, *, after: Place | None = None, before: Place | None = None
) -> ConversationPage:
    """One page of a list.

    Args:
        connection: a reading one.
        wanted: which conversations.
        after: begin with the first that is older than this; None for the newest.
        before: end with the last that is newer than this; goes before `after`.
    """
    query = select(*_ROW).where(*_conditions(wanted)).limit(PAGE + 1)
    time, row_id = conversations.c.started_at, conversations.c.id
    if before is not None:
        newer = or_(time > before.started_at, and_(time == before.started_at, row_id > before.id))
        found = _rows(connection, query.where(newer).order_by(time.asc(), row_id.asc()))
        rows, more = found[:PAGE][::-1], len(found) > PAGE
        return ConversationPage(rows, _place(rows[-1:]), _place(rows[:1]) if more else None)
    if after is not None:
        query = query.where(or_(time < after.started_at, and_(time == after.started_at, row_id < after.id)))
    found = _rows(connection, query.order_by(time.desc(), row_id.desc()))
    rows, more = found[:PAGE], len(found) > PAGE
    return ConversationPage(rows, _place(rows[-1:]) if more else None, _place(rows[:1]) if after else None)


def conversation_head(connection: Connection, conversation: str) -> ConversationRow | None:
    """The row of one conversation, None when there is none."""
    found = _rows(connection, select(*_ROW).where(conversations.c.id == conversation))
    return found[0] if found else None


def rows_of(connection: Connection, which: ColumnElement[bool], most: int) -> tuple[ConversationRow, ...]:
    """Rows of the conversations that a condition on their table names, the newest first."""
    newest = (conversations.c.started_at.desc(), conversations.c.id)
    return _rows(connection, select(*_ROW).where(which).order_by(*newest).limit(most))


def conversation_detail(connection: Connection, vault: Vault, conversation: str) -> ConversationDetail | None:
    """Everything of one conversation, None when there is none.

    Args:
        connection: of the transaction that also notes who looks.
        vault: opens the turns.
        conversation: its id.
    """
    head = conversation_head(connection, conversation)
    if head is None:
        return None
    attempted = select(transfer_attempts).join(transfers).where(transfers.c.conversation_id == conversation)
    attempts = connection.execute(attempted.order_by(transfer_attempts.c.attempt)).all()
    called_back = [callbacks.c[name] for name in _TOLD_OF_CALLBACKS]
    rating = select(ratings.c.score).where(ratings.c.conversation_id == conversation)

    def of(table: Any, *columns: Any) -> Sequence[Row[Any]]:
        query = select(*columns) if columns else select(table)
        return connection.execute(query.where(table.c.conversation_id == conversation).order_by(table.c.at)).all()

    return ConversationDetail(
        head,
        _turns(connection, vault, conversation),
        [ReadTransfer(row, [one for one in attempts if one.transfer_id == row.id]) for row in of(transfers)],
        of(consents),
        of(recordings),
        of(callbacks, *called_back),
        of(identity_attempts),
        connection.execute(rating).scalar_one_or_none(),
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = conversations.c
    conditions = [columns[name] == value for name in ("line", "language", "bot") if (value := getattr(wanted, name))]
    if wanted.since is not None:
        conditions.append(columns.started_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(columns.started_at < wanted.until)
    if wanted.outcome:
        conditions.append(columns.outcome.is_(None) if wanted.outcome == "open" else columns.outcome == wanted.outcome)
    if wanted.caller is not None:
        conditions.append(columns.caller_id == wanted.caller)
    for name in ("rule", "article", "flow"):
        if value := getattr(wanted, name):
            conditions.append(exists().where(turns.c.conversation_id == columns.id, turns.c[name] == value))
    if wanted.passed_on is not None:
        asked_for = exists().where(transfers.c.conversation_id == columns.id)
        conditions.append(asked_for if wanted.passed_on else ~asked_for)
    return conditions


def _rows(connection: Connection, query: Select[Any]) -> tuple[ConversationRow, ...]:
    return tuple(ConversationRow(*row) for row in connection.execute(query))


def _place(rows: Sequence[ConversationRow]) -> Place | None:
    return Place(rows[0].started_at, rows[0].id) if rows else None


def _turns(connection: Connection, vault: Vault, conversation: str) -> list[ReadTurn]:
    """The caller's key is read once for all of them."""
    rows = connection.execute(select(turns).where(turns.c.conversation_id == conversation).order_by(turns.c.turn)).all()
    if not any(row.record or row.heard for row in rows):
        return [ReadTurn(row.turn, row.at, row.rule, None, None, "") for row in rows]
    caller = connection.execute(
        select(conversations.c.caller_id).where(conversations.c.id == conversation)
    ).scalar_one()
    try:
        key = vault.caller_key(connection, caller)
    except KeyDestroyed:
        return [ReadTurn(row.turn, row.at, row.rule, None, None, "key_gone") for row in rows]
    read = []
    for row in rows:
        try:
            record, heard = (_opened(key, conversation, row, name) for name in ("record", "heard"))
        except (SealBroken, ValueError):
            read.append(ReadTurn(row.turn, row.at, row.rule, None, None, "unreadable"))
        else:
            read.append(ReadTurn(row.turn, row.at, row.rule, record, heard, ""))
    return read


def _opened(key: bytes, conversation: str, row: Row[Any], column: str) -> Mapping[str, Any] | None:
    sealed = getattr(row, column)
    if sealed is None:
        return None
    found: Mapping[str, Any] = json.loads(open_with(key, sealed, place_of("turns", column, conversation, row.turn)))
    return found
