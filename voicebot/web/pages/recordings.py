"""Sound of recorded calls, played in the browser. Nothing is cut out of sound: it needs more than reading text does."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from voicebot.recording.playing import sound_of
from voicebot.records import access_log
from voicebot.records.errors import KeyDestroyed, SealBroken
from voicebot.web.pages.asked import asked, id_of
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

router = APIRouter()


@router.get("/console/conversations/{conversation}/recording")
def play(
    request: Request, signed_in: Annotated[SignedIn, Depends(require(Permission.EXPORT_CALLER))], conversation: str
) -> Response:
    """The whole recording of a conversation, and a line that it was played."""
    page = asked(request)
    conversation, vault = id_of(conversation), page.records.vault
    with page.records.database.reading() as connection:
        try:
            sound = sound_of(connection, vault, page.stores.folder, conversation)
        except (KeyDestroyed, SealBroken, OSError):
            raise HTTPException(404) from None
    if sound is None:
        raise HTTPException(404)
    # Putting the pieces together may take seconds: nobody else's line waits for it. The sound goes out only after ours.
    with page.records.database.writing() as connection:
        access_log.note(connection, vault, signed_in.name, signed_in.role, "recording.play", conversation)
    return Response(sound, media_type="audio/ogg")
