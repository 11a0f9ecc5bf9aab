"""What can go wrong in the mind.

DialogError
 └── BotInvalid  a bot folder has faults; carries all of them
"""

from dataclasses import dataclass


class DialogError(Exception):
    """Anything that went wrong between a caller's words and an answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a bot folder.

    Args:
        file: path inside the bot folder.
        line: 1-based line, or None when the fault is of the whole file.
        what: what is wrong, in plain words, naming the key.
        cure: what to do about it.
        warning: True when the bot still runs.
    """

    file: str
    line: int | None
    what: str
    cure: str
    warning: bool = False

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        kind = "warning" if self.warning else "error"
        return f"{place}: {kind}: {self.what} -> {self.cure}"


class BotInvalid(DialogError):
    """A bot folder cannot be used; `faults` holds every fault at once."""

    def __init__(self, folder: str, faults: tuple[Fault, ...]) -> None:
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"the bot folder {folder} has {len(faults)} fault(s):\n{lines}")
        self.faults = faults
