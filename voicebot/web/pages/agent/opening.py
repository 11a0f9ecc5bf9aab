"""A call that an agent looks at while it goes on: a line in the access log, once for each agent and call."""

import asyncio
from typing import Final

from sqlalchemy import select

from voicebot.records import access_log
from voicebot.records.schema import access_log as lines
from voicebot.web.parts import WebParts, store_of
from voicebot.web.signed_in import SignedIn

FOLLOWED: Final = "conversation.live"
"""The action: reading along, and the brief."""


async def note_opened(parts: WebParts, signed_in: SignedIn, conversation: str) -> None:
    """Write the line, unless it stands there already; before anything of the caller is sent.

    Args:
        parts: where the log is.
        signed_in: who looks.
        conversation: which call, by its id in the records.
    """
    await asyncio.to_thread(_note, parts, signed_in, conversation)


def _note(parts: WebParts, signed_in: SignedIn, conversation: str) -> None:
    store = store_of(parts)
    same = (lines.c.subject == conversation) & (lines.c.actor == signed_in.name) & (lines.c.action == FOLLOWED)
    with store.database.reading() as connection:
        if connection.execute(select(lines.c.seq).where(same).limit(1)).first() is not None:
            return
    with store.database.writing() as connection:
        access_log.note(connection, store.vault, signed_in.name, signed_in.role, FOLLOWED, conversation)
