"""How each prepared entry becomes rows. Writing the same entry twice leaves what writing it once does.

A connection may be lost after the database has committed and before we learn of it; the ledger then writes everything
again. So every row has a key that follows from its entry, and nothing is counted up.
"""

import json
from datetime import UTC, datetime
from typing import assert_never

from sqlalchemy import Connection, Table, delete, insert, select, update

from dialog.records_rules import KEEPING
from voicebot.records.entries import (
    MAY_COME_BACK,
    AgentStatusSet,
    AudioRecorded,
    BotLoaded,
    ConsentGiven,
    ConversationBegan,
    IdentityTried,
    Rated,
    TransferAttempted,
    TransferEnded,
    TransferRequested,
    TransferSaved,
    id_of,
)
from voicebot.records.errors import KeyDestroyed
from voicebot.records.hindsight import redact_again
from voicebot.records.preparing import (
    Prepared,
    PreparedCallback,
    PreparedEnd,
    PreparedHeard,
    PreparedTurn,
    PreparedWrapUp,
)
from voicebot.records.rows import Gone, kept_of, put
from voicebot.records.schema import (
    consents,
    content_versions,
    conversations,
    identity_attempts,
    live_states,
    ratings,
    recordings,
    turns,
    unanswered,
)
from voicebot.records.vault import Vault, place_of
from voicebot.records.writing_handovers import (
    save_transfer,
    write_callback,
    write_status,
    write_transfer,
    write_wrap_up,
)


def write(connection: Connection, vault: Vault, keep: str, entry: Prepared) -> None:
    """Write one entry.

    Args:
        connection: in a writing transaction.
        vault: seals.
        keep: the bot's level of keeping; a conversation that began under a stricter one stays there.
        entry: as `Preparation` made it.
    Raises:
        Gone: what it belongs to is not there.
    """
    try:
        _write(connection, vault, keep, entry)
    except KeyDestroyed as error:
        raise Gone from error


def _write(connection: Connection, vault: Vault, keep: str, entry: Prepared) -> None:
    match entry:
        case ConversationBegan():
            _begin(connection, vault, keep, entry)
        case PreparedTurn():
            _turn(connection, vault, keep, entry)
        case PreparedHeard():
            _heard(connection, vault, keep, entry)
        case PreparedEnd():
            _end(connection, vault, entry)
        case BotLoaded():
            _bot(connection, entry)
        case TransferRequested() | TransferAttempted() | TransferEnded():
            write_transfer(connection, entry)
        case TransferSaved():
            save_transfer(connection, vault, keep, entry)
        case PreparedCallback():
            write_callback(connection, vault, entry)
        case PreparedWrapUp():
            write_wrap_up(connection, vault, entry)
        case AgentStatusSet():
            write_status(connection, entry)
        case Rated():
            if kept_of(connection, entry.conversation)[1] != "nothing":
                values = {"conversation_id": entry.conversation, "score": entry.score, "at": entry.at}
                put(connection, ratings, ("conversation_id",), values)
        case ConsentGiven():
            kept_of(connection, entry.conversation)
            columns = ("purpose", "granted", "how", "wording", "version", "language", "at")
            _put_once(connection, consents, entry.conversation, f"{entry.purpose} {entry.at}", entry, columns)
        case IdentityTried():
            if kept_of(connection, entry.conversation)[1] != "nothing":
                names, which = ("provider", "outcome", "level", "at"), f"{entry.provider} {entry.at}"
                _put_once(connection, identity_attempts, entry.conversation, which, entry, names)
        case AudioRecorded():
            kept_of(connection, entry.conversation)
            _put_once(connection, recordings, entry.conversation, entry.file, entry, ("file", "seconds", "at"))
        case _:
            assert_never(entry)


def _put_once(
    connection: Connection, table: Table, conversation: str, which: str, entry: object, names: tuple[str, ...]
) -> None:
    values = {name: getattr(entry, name) for name in names}
    put(connection, table, ("id",), {"id": id_of(conversation, which), "conversation_id": conversation, **values})


def _stricter(one: str, other: str) -> str:
    return max(one, other, key=KEEPING.index)


def _begin(connection: Connection, vault: Vault, keep: str, began: ConversationBegan) -> None:
    if connection.execute(select(conversations.c.id).where(conversations.c.id == began.conversation)).first():
        return
    anonymous = keep == "nothing"
    caller = None if anonymous else vault.caller(connection, began.number)
    sealed = None
    if caller is not None and keep == "redacted":
        details = json.dumps({"number": began.number})
        sealed = vault.seal(connection, caller, details, place_of("conversations", "sealed", began.conversation))
    connection.execute(
        insert(conversations).values(
            id=began.conversation,
            caller_id=caller,
            call_id="" if anonymous else began.call_id,
            line=began.line,
            bot=began.bot,
            content_version=began.content_version,
            language=began.language,
            keep=keep,
            started_at=_hour(began.at) if anonymous else began.at,
            sealed=sealed,
        )
    )


def _hour(at: datetime) -> datetime:
    """Without minutes: who called at 14:07:33 is known to their operator, who called after two is not."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _turn(connection: Connection, vault: Vault, bot_keep: str, turn: PreparedTurn) -> None:
    caller, kept = kept_of(connection, turn.conversation)
    keep = _stricter(bot_keep, kept)
    connection.execute(update(conversations).where(conversations.c.id == turn.conversation).values(turns=turn.number))
    if caller is None or keep == "nothing":
        return
    record = None
    if turn.record is not None and keep == bot_keep:  # made for a level that is no longer allowed: without it
        place = place_of("turns", "record", turn.conversation, turn.number)
        record = vault.seal(connection, caller, turn.record, place)
    values = {
        "conversation_id": turn.conversation,
        "turn": turn.number,
        "record": record,
        "heard": None,
        **{name: getattr(turn, name) for name in ("at", "event", "rule", "article", "flow", "language", "score")},
    }
    put(connection, turns, ("conversation_id", "turn"), values)
    if keep == "redacted":
        _live(connection, vault, caller, turn)
        _question(connection, vault, caller, turn)


def _live(connection: Connection, vault: Vault, caller: str, turn: PreparedTurn) -> None:
    if turn.state is not None:
        sealed = vault.seal(connection, caller, turn.state, place_of("live_states", "sealed", turn.conversation))
        values = {"conversation_id": turn.conversation, "at": turn.at, "sealed": sealed}
        put(connection, live_states, ("conversation_id",), values)


def _question(connection: Connection, vault: Vault, caller: str, turn: PreparedTurn) -> None:
    question_id = id_of(turn.conversation, turn.number)
    if turn.question is None:  # the turn may take the place of one that had no answer
        connection.execute(delete(unanswered).where(unanswered.c.id == question_id))
        return
    sealed = vault.seal(connection, caller, turn.question, place_of("unanswered", "sealed", question_id))
    bot = select(conversations.c.bot).where(conversations.c.id == turn.conversation)
    values = {
        "id": question_id,
        "conversation_id": turn.conversation,
        "caller_id": caller,
        "bot": connection.execute(bot).scalar_one(),
        "at": turn.at,
        "language": turn.language,
        "near": json.dumps(turn.near),
        "sealed": sealed,
    }
    put(connection, unanswered, ("id",), values)


def _heard(connection: Connection, vault: Vault, bot_keep: str, heard: PreparedHeard) -> None:
    caller, kept = kept_of(connection, heard.conversation)
    if caller is None or _stricter(bot_keep, kept) != "redacted":
        return
    place = place_of("turns", "heard", heard.conversation, heard.number)
    row = (turns.c.conversation_id == heard.conversation) & (turns.c.turn == heard.number)
    connection.execute(update(turns).where(row).values(heard=vault.seal(connection, caller, heard.heard, place)))


def _end(connection: Connection, vault: Vault, end: PreparedEnd) -> None:
    ended = end.ended
    row = connection.execute(select(conversations).where(conversations.c.id == ended.conversation)).one_or_none()
    if row is None:
        raise Gone
    if row.caller_id is not None and row.keep == "redacted" and end.known is not None:
        redact_again(connection, vault, row.caller_id, ended.conversation, end.known)
    at = max(_hour(ended.at), row.started_at) if row.keep == "nothing" else ended.at
    connection.execute(
        update(conversations)
        .where(conversations.c.id == ended.conversation)
        .values(ended_at=at, outcome=ended.outcome, language=ended.language)
    )
    if ended.outcome not in MAY_COME_BACK:
        connection.execute(delete(live_states).where(live_states.c.conversation_id == ended.conversation))


def _bot(connection: Connection, loaded: BotLoaded) -> None:
    row = (content_versions.c.bot == loaded.bot) & (content_versions.c.content_version == loaded.content_version)
    first = connection.execute(select(content_versions.c.first_at).where(row)).scalar_one_or_none()
    values = {
        "bot": loaded.bot,
        "content_version": loaded.content_version,
        "first_at": first or loaded.at,
        "last_at": loaded.at,
        "details": json.dumps(dict(loaded.details), ensure_ascii=False),
    }
    put(connection, content_versions, ("bot", "content_version"), values)
