"""Who may do what: roles, permissions, and the one table between them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What somebody is in the company; an account may have several."""

    AGENT = "agent"
    CONTENT = "content"
    ANALYST = "analyst"
    PRIVACY = "privacy"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing that is allowed or not."""

    READ_CONVERSATIONS = "read_conversations"
    READ_UNANSWERED = "read_unanswered"
    READ_STATISTICS = "read_statistics"
    EXPORT_CALLER = "export_caller"
    ERASE_CALLER = "erase_caller"
    READ_ACCESS_LOG = "read_access_log"
    MANAGE_ACCOUNTS = "manage_accounts"
    TAKE_CALLS = "take_calls"


ALLOWED: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.AGENT: frozenset({Permission.TAKE_CALLS, Permission.READ_CONVERSATIONS}),
        Role.CONTENT: frozenset({Permission.READ_UNANSWERED, Permission.READ_STATISTICS}),
        Role.ANALYST: frozenset({Permission.READ_STATISTICS}),
        Role.PRIVACY: frozenset(
            {
                Permission.READ_CONVERSATIONS,
                Permission.EXPORT_CALLER,
                Permission.ERASE_CALLER,
                Permission.READ_ACCESS_LOG,
            }
        ),
        # Runs the machine; has no business in what callers said.
        Role.ADMIN: frozenset({Permission.MANAGE_ACCOUNTS, Permission.READ_ACCESS_LOG, Permission.READ_STATISTICS}),
    }
)
"""The whole table. tests/voicebot/web/test_authorisation.py asks every route about every role."""

SECOND_FACTOR: Final = frozenset({Role.PRIVACY, Role.ADMIN})
"""Roles that sign in with a password and a code: they can export and erase people, or make accounts that can."""


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that somebody with these roles may do."""
    return frozenset().union(*(ALLOWED[role] for role in roles))


def roles_from(names: str) -> frozenset[Role]:
    """Roles as they are stored: names separated by spaces. A name that is no role any more gives nothing."""
    known = set(Role)
    return frozenset(Role(name) for name in names.split() if name in known)


def roles_text(roles: Iterable[Role]) -> str:
    """The stored form of roles, always in the same order."""
    return " ".join(sorted(roles))
