"""Structured logs without callers' words.

What callers say, type or press, and their numbers, may only travel in the fields of `PRIVATE`; those are masked
before a line is written. Everything else in a log line is ids, counts, names of states and reasons.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

PRIVATE = frozenset({"text", "digit", "number", "caller_number", "transcript", "payload", "body"})


def start_logging(level: str, format_: str) -> None:
    """Send structlog and the standard library's loggers to standard error, as JSON or for reading.

    Args:
        level: debug, info, warning or error.
        format_: "json" or "console".
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_private,
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if format_ == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their lines of lesser weight hold URLs (with stream tokens), numbers and bodies.
    for noisy in ("uvicorn.access", "uvicorn.error", "twilio", "httpx", "httpcore", "websockets", "faster_whisper"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def mask_private(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what callers said or dialled with its length."""
    for key in PRIVATE & event.keys():
        event[key] = f"(masked, {len(str(event[key]))} characters)"
    return event
