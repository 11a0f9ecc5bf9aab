"""Writes recorded sound behind the calls: one thread, pieces sealed one by one, each file whole or not there at all."""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Condition, Thread

import structlog
from av import FFmpegError
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from telephony.call import Pcm16
from voicebot.recording.opus import encoded
from voicebot.records.database import Database
from voicebot.records.entries import AudioRecorded, id_of
from voicebot.records.errors import RecordsError
from voicebot.records.rows import Gone
from voicebot.records.schema import conversations, recordings
from voicebot.records.sound_files import files_of, recordings_folder, remove
from voicebot.records.vault import Vault, place_of
from voicebot.records.writing import write

log = structlog.get_logger(__name__)

MOST_WAITING = 64
"""Pieces kept while nothing can be written, over all calls: about 20 MB; then recordings are given up."""

TRY_AGAIN_SECONDS = 5.0
PATIENCE = timedelta(minutes=2)
"""How long from its beginning a piece waits for its conversation to be written down: the ledger may be behind."""

REMEMBERED = 256
"""Conversations given up that are remembered; there are never so many at once."""

SUFFIX = ".opus.sealed"
CLOSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound of one conversation.

    Args:
        conversation: its id.
        at: when the piece begins.
        stereo: int16, shape (n, 2): caller, bot.
        rate_hz: of it.
    """

    conversation: str
    at: datetime
    stereo: Pcm16
    rate_hz: int


class Recorder:
    """Takes pieces from the event loop, and writes and deletes files on a thread of its own. Starts with `start`.

    Args:
        database: knows whose conversation it is.
        vault: seals.
        folder: of the records.
        most_waiting: pieces that may wait.
        try_again_seconds: between two tries while nothing can be written.
        now: the time; for tests.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        folder: Path,
        most_waiting: int = MOST_WAITING,
        try_again_seconds: float = TRY_AGAIN_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._vault = vault
        self._folder = recordings_folder(folder)
        self._most_waiting = most_waiting
        self._try_again_seconds = try_again_seconds
        self._now = now
        self._pieces: deque[Piece] = deque()
        self._deletions: deque[str] = deque()
        self._given_up: deque[str] = deque(maxlen=REMEMBERED)
        self._changed = Condition()
        self._closing = False
        self._busy = False
        self._trouble: str | None = None
        self._thread = Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """What keeps sound from being written, and the cure, for the operator; None while all is well."""
        return self._trouble

    @property
    def may_record(self) -> bool:
        """Whether callers should be asked: not while nothing could be written anyway."""
        return self._trouble is None and not self._closing

    def given_up(self, conversation: str) -> bool:
        """Whether nothing more of this conversation can be kept: the call goes on without being recorded."""
        return conversation in self._given_up

    def put(self, piece: Piece) -> None:
        """Have a piece written soon; never waits. What comes when too much waits already is given up."""
        with self._changed:
            if len(self._pieces) >= self._most_waiting:
                self._give_up(piece.conversation)
            if piece.conversation not in self._given_up:
                self._pieces.append(piece)
                self._changed.notify_all()

    def delete(self, conversation: str) -> None:
        """Have everything recorded of a conversation deleted, what waits to be written included; never waits."""
        with self._changed:
            self._pieces = deque(piece for piece in self._pieces if piece.conversation != conversation)
            self._deletions.append(conversation)
            self._changed.notify_all()

    def wait_written(self, seconds: float) -> bool:
        """Block until nothing waits any more; False when that took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._pieces or self._deletions or self._busy), seconds)

    def close(self) -> None:
        """Write what waits, if it can be written, and stop; blocks for seconds at most."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(CLOSE_SECONDS)

    # On the thread.

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._pieces or self._deletions or self._closing)
                if not (self._pieces or self._deletions):
                    return
                self._busy = True
                erase = self._deletions[0] if self._deletions else None
                piece = self._pieces[0] if erase is None else None
            if not self._done(erase, piece) and self._pause():
                return

    def _done(self, erase: str | None, piece: Piece | None) -> bool:
        """Do one thing; False when it cannot be done now."""
        try:
            if erase is not None:
                self._erase(erase)
            elif piece is not None:
                self._write(piece)
        except OSError as error:
            return self._failed(f"{self._folder} cannot be written ({error.strerror}) -> make room, or mend its rights")
        except SQLAlchemyError:
            return self._failed("the database does not answer -> see the trouble of the records")
        except (Gone, FFmpegError, RecordsError, ValueError) as error:
            if isinstance(error, Gone) and piece is not None and self._now() - piece.at < PATIENCE:
                return False
            # A caller who has been erased has no key; a piece that cannot be encoded never can be.
            log.warning("a recording was given up", error=type(error).__name__)
            if piece is not None:
                self._give_up(piece.conversation)
        if self._trouble is not None:
            log.info("recordings can be written again")
        self._trouble = None
        with self._changed:
            if erase is not None:
                self._deletions.popleft()
            elif self._pieces and self._pieces[0] is piece:
                self._pieces.popleft()
        return True

    def _failed(self, trouble: str) -> bool:
        if self._trouble is None:
            log.error("recordings cannot be written; calls go on without", trouble=trouble)
        self._trouble = f"recordings: {trouble}"
        return False

    def _pause(self) -> bool:
        """Wait before the next try; True when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing, self._try_again_seconds)
            return self._closing

    def _give_up(self, conversation: str) -> None:
        self._given_up.append(conversation)
        self._pieces = deque(piece for piece in self._pieces if piece.conversation != conversation)

    def _write(self, piece: Piece) -> None:
        """Seal a piece, and put its file and its row in place.

        Raises:
            Gone: the conversation is not written down, or belongs to nobody.
            KeyDestroyed: the caller has been erased.
        """
        name = f"{piece.conversation}-{int(piece.at.timestamp() * 1000)}{SUFFIX}"
        sound = encoded(piece.stereo, piece.rate_hz)
        place = place_of("recordings", "file", id_of(piece.conversation, name))
        # One transaction: whoever erases the caller comes before it, or finds the file.
        with self._database.writing() as connection:
            query = select(conversations.c.caller_id).where(conversations.c.id == piece.conversation)
            caller_id = connection.execute(query).scalar_one_or_none()
            if caller_id is None:
                raise Gone
            self._put_in_place(self._folder / name, self._vault.seal_bytes(connection, caller_id, sound, place))
            made = AudioRecorded(piece.conversation, name, len(piece.stereo) / piece.rate_hz, piece.at)
            write(connection, self._vault, "redacted", made)

    def _put_in_place(self, path: Path, sealed: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_name(path.name + ".part")
        try:
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def _erase(self, conversation: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(recordings).where(recordings.c.conversation_id == conversation))
        remove(files_of(self._folder, (), (conversation,)))
