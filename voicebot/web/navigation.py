"""What stands in the console's top bar, and for whom."""

from dataclasses import dataclass
from typing import Final

from voicebot.web.permissions import Permission


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry: a key below "navigation" in the texts, its page, and what one must be allowed to see it."""

    key: str
    path: str
    permission: Permission


NAVIGATION: Final = (
    NavigationItem("agent", "/agent", Permission.TAKE_CALLS),
    NavigationItem("conversations", "/console/conversations", Permission.READ_CONVERSATIONS),
    NavigationItem("unanswered", "/console/unanswered", Permission.READ_UNANSWERED),
    NavigationItem("statistics", "/console/statistics", Permission.READ_STATISTICS),
    NavigationItem("callers", "/console/callers", Permission.EXPORT_CALLER),
    NavigationItem("forgetting", "/console/forgetting", Permission.ERASE_CALLER),
    NavigationItem("processing", "/console/processing", Permission.ERASE_CALLER),
    NavigationItem("access_log", "/console/access-log", Permission.READ_ACCESS_LOG),
    NavigationItem("accounts", "/console/accounts", Permission.MANAGE_ACCOUNTS),
    NavigationItem("content", "/console/content", Permission.MANAGE_ACCOUNTS),
    NavigationItem("health", "/console/health", Permission.MANAGE_ACCOUNTS),
)
