"""Files that somebody has put into a folder."""

from pathlib import Path

from speech.models.catalogue import FolderSource
from speech.models.fetching import BLOCK_BYTES, Progressed, ProgressSink, SourceFailed, Wanted, fault_of


def fetch_from_folder(
    source: FolderSource, wanted: list[Wanted], staging: Path, model_id: str, progress: ProgressSink
) -> None:
    """Copy the wanted files into `staging`.

    Raises:
        SourceFailed: a file is not there, cannot be read, or is the wrong one.
        OSError: the disk refused.
    """
    for file in wanted:
        part = staging / f"{file.name}.part"
        try:
            stream = (source.folder / file.name).open("rb")
        except OSError as fault:
            raise SourceFailed(f"{file.name}: {fault.strerror}") from fault
        done = 0
        with stream, part.open("wb") as out:
            while block := stream.read(BLOCK_BYTES):
                out.write(block)
                done += len(block)
                progress(Progressed(model_id, file.name, done, file.size_bytes))
        if fault_found := fault_of(part, file):
            part.unlink()
            raise SourceFailed(fault_found)
        part.replace(staging / file.name)
