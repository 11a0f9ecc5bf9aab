"""What a caller tells of themselves late in a call is taken out of its earlier turns, too, when the call is over."""

import json
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Row, select, update

from dialog.redaction import Known
from dialog.redaction.records import redact_conversation
from voicebot.records.entries import id_of
from voicebot.records.errors import SealBroken
from voicebot.records.schema import turns, unanswered
from voicebot.records.vault import Vault, place_of


def redact_again(connection: Connection, vault: Vault, caller: str, conversation: str, known: Known) -> int:
    """Redact all turns of a conversation with what is known at its end; returns how many changed.

    Args:
        connection: in a writing transaction.
        vault: opens and seals.
        caller: whose.
        conversation: its id; its turns are kept in words.
        known: of its last turn.
    Raises:
        KeyDestroyed: the caller has been erased.
    """
    query = select(turns.c.turn, turns.c.record, turns.c.heard).order_by(turns.c.turn)
    rows, before = [], []
    for row in connection.execute(query.where(turns.c.conversation_id == conversation)).all():
        with suppress(SealBroken):  # a damaged turn stays as it is; it cannot be read in any case
            if row.record is not None:
                before.append(_opened(connection, vault, caller, conversation, row))
                rows.append(row)
    changed = 0
    for row, was, now in zip(rows, before, redact_conversation(before, known), strict=True):
        if was != now:
            changed += 1
            _put_back(connection, vault, caller, conversation, row, now)
    return changed


def _opened(
    connection: Connection, vault: Vault, caller: str, conversation: str, row: Row[Any, Any, Any]
) -> dict[str, Any]:
    """The decision record of a turn, with what was heard of it."""
    place = place_of("turns", "record", conversation, row.turn)
    record: dict[str, Any] = json.loads(vault.open(connection, caller, row.record, place))
    if row.heard is not None:
        place = place_of("turns", "heard", conversation, row.turn)
        record["heard_of_it"] = json.loads(vault.open(connection, caller, row.heard, place))
    return record


def _put_back(
    connection: Connection,
    vault: Vault,
    caller: str,
    conversation: str,
    row: Row[Any, Any, Any],
    record: dict[str, Any],
) -> None:
    def sealed(value: object, table: str, column: str, *key: object) -> bytes:
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return vault.seal(connection, caller, plain, place_of(table, column, *key))

    values = {}
    if row.heard is not None:
        values["heard"] = sealed(record["heard_of_it"], "turns", "heard", conversation, row.turn)
    values["record"] = sealed({**record, "heard_of_it": None}, "turns", "record", conversation, row.turn)
    where = (turns.c.conversation_id == conversation) & (turns.c.turn == row.turn)
    connection.execute(update(turns).where(where).values(**values))
    question = id_of(conversation, row.turn)
    if record.get("heard"):
        words = sealed({"words": record["heard"]["words"]}, "unanswered", "sealed", question)
        connection.execute(update(unanswered).where(unanswered.c.id == question).values(sealed=words))
