"""A recorded conversation to be listened to: its pieces opened and put together."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from voicebot.recording.opus import joined
from voicebot.records.schema import conversations, recordings
from voicebot.records.sound_files import recordings_folder
from voicebot.records.vault import Vault, place_of


def sound_of(connection: Connection, vault: Vault, folder: Path, conversation: str) -> bytes | None:
    """The whole recording as Ogg Opus, the caller on the left and the bot on the right; None when there is none.

    Pauses of the recording are left out. Seconds of work for a long call: not for the event loop. Who asks for it
    must leave a line in the access log first.

    Args:
        connection: a transaction.
        vault: opens the pieces.
        folder: of the records.
        conversation: its id.
    Raises:
        KeyDestroyed: the caller has been erased.
        SealBroken: a file was changed, or put in another's place.
    """
    rows = connection.execute(
        select(recordings.c.id, recordings.c.file, conversations.c.caller_id)
        .join(conversations, conversations.c.id == recordings.c.conversation_id)
        .where(recordings.c.conversation_id == conversation)
        .order_by(recordings.c.at)
    ).all()
    pieces = [
        vault.open_bytes(connection, row.caller_id, path.read_bytes(), place_of("recordings", "file", row.id))
        for row in rows
        if (path := recordings_folder(folder) / row.file).is_file()
    ]
    return joined(pieces) if pieces else None


def length_of(connection: Connection, conversation: str) -> timedelta:
    """How much of a conversation has been recorded."""
    query = select(recordings.c.seconds).where(recordings.c.conversation_id == conversation)
    return timedelta(seconds=sum(connection.execute(query).scalars()))
