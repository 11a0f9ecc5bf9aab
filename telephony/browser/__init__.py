"""The browser line: a page at `/try` that calls the bot over a WebSocket."""

from telephony.browser.router import browser_router
from telephony.browser.settings import BrowserSettings

__all__ = ["BrowserSettings", "browser_router"]
