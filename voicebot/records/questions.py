"""Questions without an answer, for the people who write the answers: to read, and to settle."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from dialog.likeness import Asked
from voicebot.records.errors import SealBroken
from voicebot.records.keys import open_with
from voicebot.records.schema import caller_keys, unanswered
from voicebot.records.vault import Vault, place_of

STATUSES = ("open", "done", "ignored")
MOST_READ = 1000
"""The newest so many are looked at: opening and grouping them takes about a fifth of a second."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What somebody decided about a question. note: their own words; by: an account's name."""

    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions of one status, newest first.

    Args:
        asked: each of them; those of callers who have been erased meanwhile are not among them.
        settled: by a question's id, where somebody has settled it.
        cut: there are older ones beyond MOST_READ.
    """

    asked: tuple[Asked, ...]
    settled: Mapping[str, Settled]
    cut: bool


def read_questions(connection: Connection, vault: Vault, status: str = "open", language: str = "") -> Questions:
    """Questions with their words.

    Args:
        connection: a reading one.
        vault: opens the words.
        status: one of STATUSES.
        language: only those; "" for all.
    """
    # The callers' keys come along: a thousand look-ups of their own would take longer than all the rest.
    keys = (caller_keys.c.wrapped, caller_keys.c.master_id)
    query = select(unanswered, *keys).join(caller_keys, caller_keys.c.caller_id == unanswered.c.caller_id)
    query = query.where(unanswered.c.status == status)
    if language:
        query = query.where(unanswered.c.language == language)
    rows = connection.execute(query.order_by(unanswered.c.at.desc(), unanswered.c.id).limit(MOST_READ + 1)).all()
    asked: list[Asked] = []
    settled: dict[str, Settled] = {}
    for row in rows[:MOST_READ]:
        try:
            place = place_of("caller_keys", "wrapped", row.caller_id)
            key = vault.master.unwrap(row.wrapped, row.master_id, place)
            text = str(json.loads(open_with(key, row.sealed, place_of("unanswered", "sealed", row.id)))["words"])
        except (SealBroken, ValueError, KeyError):
            continue
        near = tuple(str(one) for one in json.loads(row.near))
        asked.append(Asked(row.id, text, row.language, near, row.at, row.conversation_id))
        if row.settled_at is not None:
            settled[row.id] = Settled(row.note, row.settled_by, row.settled_at)
    return Questions(tuple(asked), settled, len(rows) > MOST_READ)


def settle(connection: Connection, ids: Collection[str], status: str, note: str, by: str, at: datetime) -> int:
    """Decide about questions; how many there still were.

    Args:
        connection: a writing one.
        ids: of the questions.
        status: one of STATUSES; "open" takes a decision back.
        note: why, or where it is answered now.
        by: an account's name.
        at: when.
    """
    if status not in STATUSES:
        raise ValueError(f"{status} is no status of a question")
    change = update(unanswered).where(unanswered.c.id.in_(ids))
    if status == "open":
        return connection.execute(change.values(status=status, note="", settled_by="", settled_at=None)).rowcount
    return connection.execute(change.values(status=status, note=note, settled_by=by, settled_at=at)).rowcount
