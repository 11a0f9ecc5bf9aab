"""What stands in the console's top bar, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voicebot.web.permissions import Permission


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry.

    Args:
        key: below "navigation" in the texts.
        path: its page.
        permission: what one must be allowed to see it.
        needs_board: it shows calls that go on, and there is nothing to it where none are answered.
    """

    key: str
    path: str
    permission: Permission
    needs_board: bool = False


NAVIGATION: Final = (
    NavigationItem("agent", "/agent", Permission.TAKE_CALLS, needs_board=True),
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


def navigation_of(may: Callable[[Permission], bool], board: bool) -> list[NavigationItem]:
    """The entries for one reader.

    Args:
        may: whether they may do something.
        board: whether calls are answered here.
    """
    return [item for item in NAVIGATION if may(item.permission) and (board or not item.needs_board)]
