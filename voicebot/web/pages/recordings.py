"""Sound of recorded calls, played in the browser. Nothing is cut out of sound: it needs more than reading text does."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy import select

from voicebot.records import access_log
from voicebot.records.errors import KeyDestroyed, SealBroken
from voicebot.records.schema import conversations, recordings
from voicebot.records.sound_files import files_of, recordings_folder
from voicebot.records.vault import place_of
from voicebot.web.pages.asked import asked, id_of
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

TYPES: Final = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp3": "audio/mpeg",
}

router = APIRouter()


@router.get("/console/conversations/{conversation}/recordings/{recording}")
def play(
    request: Request,
    signed_in: Annotated[SignedIn, Depends(require(Permission.EXPORT_CALLER))],
    conversation: str,
    recording: str,
) -> Response:
    """One piece, opened, and a line that it was played."""
    page = asked(request)
    query = (
        select(recordings.c.file, conversations.c.caller_id)
        .select_from(recordings.join(conversations))
        .where(recordings.c.id == id_of(recording), conversations.c.id == id_of(conversation))
    )
    vault, folder = page.records.vault, recordings_folder(page.stores.folder)
    with page.records.database.writing() as connection:
        row = connection.execute(query).one_or_none()
        found = files_of(folder, [row.file], ()) if row is not None else []
        if row is None or not found:
            raise HTTPException(404)
        try:
            place = place_of("recordings", "file", recording)
            sound = vault.open_bytes(connection, row.caller_id, found[0].read_bytes(), place)
        except (KeyDestroyed, SealBroken, OSError):
            raise HTTPException(404) from None
        access_log.note(connection, vault, signed_in.name, signed_in.role, "recording.play", conversation)
    return Response(sound, media_type=TYPES.get(found[0].suffix, "application/octet-stream"))
