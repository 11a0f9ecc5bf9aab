"""Every table of the records, in one place; the same on SQLite and on PostgreSQL.

Times are UTC and come back timezone-aware. Ids are 32 hex digits unless a comment says otherwise. A column named
`sealed`, `record` or `heard` holds bytes that `voicebot.records.vault.Vault` made: what a caller said, and every
number, stands nowhere else. docs/006-records.md says of each table what it holds and why.
"""

from voicebot.records.schema.callers import caller_keys, caller_numbers, callers, secrets
from voicebot.records.schema.conversations import conversations, live_states, turns
from voicebot.records.schema.house import access_cuts, access_log, content_versions, forget_runs, tombstones
from voicebot.records.schema.kinds import Instant, metadata
from voicebot.records.schema.left_behind import consents, identity_attempts, ratings, recordings, unanswered
from voicebot.records.schema.passing_on import callbacks, live_transfers, transfer_attempts, transfers, wrap_ups
from voicebot.records.schema.people import accounts, agent_statuses, sign_in_failures, sign_ins

__all__ = [
    "Instant",
    "access_cuts",
    "access_log",
    "accounts",
    "agent_statuses",
    "callbacks",
    "caller_keys",
    "caller_numbers",
    "callers",
    "consents",
    "content_versions",
    "conversations",
    "forget_runs",
    "identity_attempts",
    "live_states",
    "live_transfers",
    "metadata",
    "ratings",
    "recordings",
    "secrets",
    "sign_in_failures",
    "sign_ins",
    "tombstones",
    "transfer_attempts",
    "transfers",
    "turns",
    "unanswered",
    "wrap_ups",
]
