"""The files of recorded calls, below the records' folder: found, and removed with what they belong to."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

RECORDINGS = "recordings"


def recordings_folder(records_folder: Path) -> Path:
    """Where the pieces of recorded calls lie."""
    return records_folder / RECORDINGS


def files_of(folder: Path, names: Iterable[str], conversations: Collection[str]) -> list[Path]:
    """The files of conversations: by the names in their rows, and any other whose name begins with a conversation's id
    (written, and not yet noted). Names that lead out of the folder are none.

    Args:
        folder: of recordings; need not exist.
        names: relative to it.
        conversations: their ids.
    """
    home = folder.resolve()
    named = {path for name in names if (path := (home / name).resolve()).is_relative_to(home) and path.is_file()}
    others = {path for path in all_files(home) if path.name.partition("-")[0].partition(".")[0] in conversations}
    return sorted(named | others)


def all_files(folder: Path) -> Iterator[Path]:
    """Every file there is."""
    return (
        (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        if folder.is_dir()
        else iter(())
    )


def remove(paths: Iterable[Path]) -> int:
    """Delete files; one that is gone already counts, too. What they hold is locked with a key that goes as well."""
    number = 0
    for path in paths:
        path.unlink(missing_ok=True)
        number += 1
    return number
