"""The mind: what a caller meant, and what a bot answers."""

from dialog.bot import Bot
from dialog.engine import Engine
from dialog.folder import check_bot, load_bot
from dialog.state import State

__all__ = ["Bot", "Engine", "State", "check_bot", "load_bot"]
