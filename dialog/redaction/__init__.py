"""Personal data out of what is kept of a call: what was said, what the bot said, and decision records."""

from dialog.redaction.found import Found, Known, Redacted
from dialog.redaction.redacting import redact

__all__ = ["Found", "Known", "Redacted", "redact"]
