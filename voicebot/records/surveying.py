"""Looking through a backup before anything is done with it: is it whole, what is in it, and who may not come back."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from voicebot.records.archive_rows import Dark, End, FilePiece, Made, Stored, found_in
from voicebot.records.errors import RecordsUnavailable
from voicebot.records.escrow import Escrow, Tombstone, WrappedKey
from voicebot.records.keys import MasterKeys
from voicebot.records.schema import caller_numbers, callers, secrets, tombstones
from voicebot.records.subjects import caller_hash
from voicebot.records.vault import place_of


@dataclass(frozen=True, slots=True)
class Survey:
    """What a backup holds.

    Args:
        made_at: the moment it shows.
        rows: per table, all of them.
        dark: rows nobody can open any more, per table.
        callers: whose rows can be opened.
        erased: those of them that have a tombstone younger than they are.
        stones: every tombstone known, from the backup and elsewhere; the youngest of each.
        files: SHA-256 of each recording.
        head: of the access log then.
    """

    made_at: datetime
    rows: Mapping[str, int]
    dark: Mapping[str, int]
    callers: frozenset[str]
    erased: frozenset[str]
    stones: Mapping[str, Tombstone]
    files: Mapping[str, str]
    head: str


def survey(path: Path, master: MasterKeys, known: tuple[Escrow, ...]) -> Survey:
    """Read a whole backup and check that nothing is missing or damaged.

    Args:
        path: the file.
        master: opens it.
        known: where callers' keys and tombstones are: in the store, and in the key backup.
    Raises:
        RecordsUnavailable: it cannot be used.
        MasterKeyMissing: it is locked with another master key.
    """
    keys = keys_of(known)
    made: Made | None = None
    end: End | None = None
    rows, dark = Counter[str](), Counter[str]()
    kept: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    digests: dict[str, Any] = defaultdict(hashlib.sha256)
    wanted = {table.name for table in (secrets, callers, caller_numbers, tombstones)}
    for found in found_in(path, master, keys):
        match found:
            case Made():
                made = found
            case Stored(table=table, row=row):
                rows[table.name] += 1
                if table.name in wanted:
                    kept[table.name].append(row)
            case Dark(table=table):
                rows[table.name] += 1
                dark[table.name] += 1
            case FilePiece(name=name, content=content):
                digests[name].update(content)
            case End():
                end = found
    files = {name: digest.hexdigest() for name, digest in digests.items()}
    if made is None or end is None or {name: n for name, n in end.rows.items() if n} != rows or end.files != files:
        raise RecordsUnavailable(f"{path} does not hold what it says", "give another backup")
    stones = _stones(kept["tombstones"], known)
    erased = _erased(master, kept, stones)
    known_callers = frozenset(row["id"] for row in kept["callers"])
    return Survey(made.at, rows, dark, known_callers, erased, stones, end.files, end.head)


def keys_of(known: tuple[Escrow, ...]) -> dict[str, WrappedKey]:
    """Callers' keys, from wherever they are still kept."""
    return {caller: key for one in known for caller, key in one.keys.items()}


def _stones(rows: list[Mapping[str, Any]], known: tuple[Escrow, ...]) -> dict[str, Tombstone]:
    every = [Tombstone(**row) for row in rows] + [stone for one in known for stone in one.tombstones]
    return {stone.number_hash: stone for stone in sorted(every, key=lambda stone: stone.erased_at)}


def _erased(
    master: MasterKeys, kept: Mapping[str, list[Mapping[str, Any]]], stones: Mapping[str, Tombstone]
) -> frozenset[str]:
    (secret,) = [row for row in kept["secrets"] if row["name"] == "numbers"]
    numbers = master.unwrap(secret["wrapped"], secret["master_id"], place_of("secrets", "wrapped", "numbers"))
    hashes: dict[str, list[str]] = defaultdict(list)
    for row in kept["caller_numbers"]:
        hashes[row["caller_id"]].append(row["number_hash"])
    return frozenset(
        row["id"]
        for row in kept["callers"]
        for one in (*hashes[row["id"]], caller_hash(numbers, row["id"]))
        if one in stones and stones[one].erased_at >= row["created_at"]
    )
