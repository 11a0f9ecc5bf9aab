"""Who has looked at what: lines that the looker cannot take back.

Each line carries the keyed hash of itself and of the line before it, so a line that was changed, slipped in or taken
out shows; the key is the installation's secret "audit", which the database holds only wrapped. Lines are numbered
without gaps. `forget` may cut old lines off at the beginning, and leaves a signed mark there. That the *end* was cut
shows against an anchor: number and hash of a line, kept outside of the database (`voicebot.records.anchors`).

On both databases triggers (`voicebot.records.access_triggers`) refuse to change or delete lines. They are there against
mistakes; whoever may drop a trigger is stopped by the chain.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, text

from voicebot.records.schema import access_cuts, access_log
from voicebot.records.vault import Vault

_LOCK: Final = 0x61636373
"""PostgreSQL's advisory lock for writing a line: one chain, however many processes."""
_GENESIS: Final = "0" * 64
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One line, as it is shown.

    Args:
        seq: its number, from 1.
        at: when.
        actor: an account's name, "cli:<user of the machine>", or "system".
        role: the roles the actor had.
        action: what was done: "conversation.read", "caller.erase", ...
        subject: a conversation's id, or the first 12 digits of a number's keyed hash; never a number.
        reason: the actor's own words.
        hash: of this line and everything before it.
    """

    seq: int
    at: datetime
    actor: str
    role: str
    action: str
    subject: str
    reason: str
    hash: str


class FaultKind(StrEnum):
    """What can be wrong with the log."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT_START = "cut_start"
    CUT_END = "cut_end"
    CUT_MARK = "cut_mark"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: lines `first` to `last`."""

    kind: FaultKind
    first: int
    last: int

    def __str__(self) -> str:
        lines = f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"
        match self.kind:
            case FaultKind.CHANGED:
                return f"{lines}: changed, or put there by somebody else"
            case FaultKind.MISSING:
                return f"{lines}: missing"
            case FaultKind.CUT_START:
                return f"{lines}: missing at the beginning, and no mark says that they were deleted by rule"
            case FaultKind.CUT_END:
                return f"{lines}: missing at the end; they were there when the anchor was written"
            case FaultKind.CUT_MARK:
                return f"the mark that {lines} were deleted by rule is not genuine"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found.

    Args:
        lines: how many were read.
        first, last: their numbers; 0 when there are none.
        head: number and hash of the last line, "0:" and zeros when there is none; see `anchor_of`.
        faults: empty when all is well; at most a hundred.
    """

    lines: int
    first: int
    last: int
    head: str
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def note(
    connection: Connection, vault: Vault, actor: str, role: str, action: str, subject: str, reason: str = ""
) -> AccessLine:
    """Write a line, in the transaction that shows or does the thing: neither happens without the other.

    Args:
        connection: a writing one. Other processes wait for its end before they write theirs, so note last.
        vault: holds the chain's key.
        actor: see `AccessLine`.
        role: of the actor.
        action: what is done.
        subject: to whom.
        reason: cut off after 500 characters.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    seq, previous = _head(connection)
    at = datetime.now(UTC).replace(microsecond=0)
    line = {
        "seq": seq + 1,
        "at": at,
        "actor": actor,
        "role": role,
        "action": action,
        "subject": subject,
        "reason": reason[:_LONGEST_REASON],
        "previous": previous,
    }
    digest = _digest(vault.named(connection, "audit"), line)
    connection.execute(insert(access_log).values(**line, hash=digest))
    return AccessLine(seq + 1, at, actor, role, action, subject, reason[:_LONGEST_REASON], digest)


def verify(connection: Connection, vault: Vault, anchors: tuple[str, ...] = ()) -> Verdict:
    """Read the whole log and check every line, mark and anchor.

    Args:
        connection: a reading one; memory does not grow with the log.
        vault: holds the chain's key.
        anchors: heads of the log from before; see `anchor_of`.
    """
    key = vault.named(connection, "audit")
    cut, faults = _last_cut(connection, key)
    expected = {int(seq): digest for seq, _, digest in (anchor.partition(":") for anchor in anchors)}
    seq, previous, first, lines = cut.up_to if cut else 0, cut.hash if cut else _GENESIS, 0, 0
    for row in connection.execution_options(yield_per=500).execute(select(access_log).order_by(access_log.c.seq)):
        lines += 1
        if row.seq != seq + 1:
            kind = FaultKind.CUT_START if lines == 1 else FaultKind.MISSING
            faults.append(Fault(kind, seq + 1, row.seq - 1))
            previous = row.previous  # the line itself may be genuine
        genuine = row.previous == previous and hmac.compare_digest(row.hash, _digest(key, row._asdict()))
        if not genuine or expected.get(row.seq, row.hash) != row.hash:
            faults.append(Fault(FaultKind.CHANGED, row.seq, row.seq))
        seq, previous, first = row.seq, row.hash, first or row.seq
    newest = max(expected, default=0)
    if newest > seq:
        faults.append(Fault(FaultKind.CUT_END, seq + 1, newest))
    return Verdict(lines, first, seq if lines else 0, anchor_of(seq, previous), tuple(faults[:100]))


def head(connection: Connection) -> str:
    """The anchor of the log as it is now."""
    return anchor_of(*_head(connection))


def anchor_of(seq: int, digest: str) -> str:
    """A line as it is kept elsewhere: "1234:" and its hash. It tells nothing about what was done."""
    return f"{seq}:{digest}"


def shown(
    connection: Connection, *, subject: str = "", actor: str = "", before: int | None = None, most: int = 50
) -> list[AccessLine]:
    """The newest lines first.

    Args:
        connection: a reading one.
        subject: only lines about it; empty for all.
        actor: only lines of theirs; empty for all.
        before: only lines with a smaller number; for the next page.
        most: at most so many.
    """
    query = select(access_log).order_by(access_log.c.seq.desc()).limit(most)
    if subject:
        query = query.where(access_log.c.subject == subject)
    if actor:
        query = query.where(access_log.c.actor == actor)
    if before is not None:
        query = query.where(access_log.c.seq < before)
    return [_line(row) for row in connection.execute(query)]


def cut(connection: Connection, vault: Vault, cutoff: datetime, by: str, role: str = "system") -> int:
    """Delete the lines from before `cutoff`, which leaves a signed mark and a line of its own; how many went.

    Args:
        connection: a writing one.
        vault: holds the chain's key.
        cutoff: the first moment that is kept.
        by: who does it.
        role: their roles.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    first_kept = connection.execute(
        select(func.min(access_log.c.seq)).where(access_log.c.at >= cutoff)
    ).scalar_one_or_none()
    old = access_log.c.seq < first_kept if first_kept is not None else access_log.c.at < cutoff
    last = connection.execute(
        select(access_log.c.seq, access_log.c.hash).where(old).order_by(access_log.c.seq.desc()).limit(1)
    ).one_or_none()
    if last is None:
        return 0
    mark = {
        "up_to": last.seq,
        "at": datetime.now(UTC).replace(microsecond=0),
        "cutoff": cutoff.astimezone(UTC).replace(microsecond=0),
        "by": by,
        "hash": last.hash,
    }
    mac = _digest(vault.named(connection, "audit"), mark, "mac")
    note(connection, vault, by, role, "access_log.cut", f"up to {last.seq}")
    connection.execute(insert(access_cuts).values(**mark, mac=mac))
    return connection.execute(delete(access_log).where(access_log.c.seq <= last.seq)).rowcount


def _head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last line, or of the last one that was cut."""
    query = select(access_log.c.seq, access_log.c.hash).order_by(access_log.c.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        query = select(access_cuts.c.up_to, access_cuts.c.hash).order_by(access_cuts.c.up_to.desc()).limit(1)
        row = connection.execute(query).one_or_none()
    return (0, _GENESIS) if row is None else (row[0], row[1])


def _last_cut(connection: Connection, key: bytes) -> tuple[Row[Any] | None, list[Fault]]:
    """The newest mark that is genuine, and faults for those that are not."""
    genuine: Row[Any] | None = None
    faults: list[Fault] = []
    for row in connection.execute(select(access_cuts).order_by(access_cuts.c.up_to)):
        if hmac.compare_digest(row.mac, _digest(key, row._asdict(), "mac")):
            genuine = row
        else:
            faults.append(Fault(FaultKind.CUT_MARK, 1, row.up_to))
    return genuine, faults


def _digest(key: bytes, values: dict[str, Any], without: str = "hash") -> str:
    """Keyed hash of a line or a mark, over everything but the hash itself."""
    plain = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if name != without
    }
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


def _line(row: Row[Any]) -> AccessLine:
    return AccessLine(row.seq, row.at, row.actor, row.role, row.action, row.subject, row.reason, row.hash)
