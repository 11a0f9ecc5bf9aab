"""What can go wrong with records.

    RecordsError
    ├── RecordsUnavailable   the store cannot be opened or used; says what, and the cure
    │   └── DatabaseAway     the database cannot be reached now, and may be later
    ├── MasterKeyMissing     a key is wrapped by a master key that is not among those given
    ├── KeyDestroyed         the caller has been erased: nobody can open this any more
    └── SealBroken           a sealed value was changed, or moved from where it was written

No message holds a caller's words, a number or a key.
"""


class RecordsError(Exception):
    """Something about the records could not be done."""


class RecordsUnavailable(RecordsError):
    """The store cannot be opened or used.

    Args:
        what: is wrong, and where.
        cure: what the operator can do.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} -> {cure}")
        self.what = what
        self.cure = cure


class DatabaseAway(RecordsUnavailable):
    """The database cannot be reached now, and may be later: a house goes on and writes then, a command gives up."""


class MasterKeyMissing(RecordsUnavailable):
    """A key is wrapped by a master key that is not among those given."""

    def __init__(self, master_id: str) -> None:
        super().__init__(
            f"these records are locked with master key {master_id}, which is not among the keys given",
            "add it behind the current one in VOICEBOT_MASTER_KEY (new,old), or put its key file back",
        )


class KeyDestroyed(RecordsError):
    """The caller has been erased, key and all."""


class SealBroken(RecordsError):
    """A sealed value was changed, or moved from where it was written."""
