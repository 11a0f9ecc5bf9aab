"""Structured logs without callers' words.

What callers say, type or press, and their numbers, may only travel in the fields of `PRIVATE`; those are masked
before a line is written. Everything else in a log line is ids, counts, names of states and reasons. The message of an
exception may repeat what it choked on, so a traceback is its kinds and places only.
"""

import asyncio
import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog

PRIVATE = frozenset({"text", "digit", "number", "caller_number", "transcript", "payload", "body", "about", "note"})
QUIET = ("uvicorn.access", "uvicorn.error", "twilio", "urllib3", "httpx", "httpcore", "websockets", "faster_whisper")
"""Libraries whose lines of lesser weight hold URLs (with stream tokens, or the account), numbers and bodies."""


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
        structlog.processors.ExceptionRenderer(kinds_and_places),
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
        cache_logger_on_first_use=False,  # a logger that was used before keeps to what is configured now
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
    for noisy in QUIET:
        logging.getLogger(noisy).setLevel(logging.WARNING)


def mask_private(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what callers said or dialled with its length."""
    for key in PRIVATE & event.keys():
        event[key] = f"(masked, {len(str(event[key]))} characters)"
    return event


def kinds_and_places(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """A traceback without any exception's message: the error's kind, where it was raised, and what led to it."""
    return "\n".join(_told(exc_info[1], ""))


def _told(error: BaseException, margin: str) -> Iterator[str]:
    before = error.__cause__ if error.__suppress_context__ else error.__cause__ or error.__context__
    if before is not None:
        yield from _told(before, margin)
        yield f"{margin}which led to"
    number = f" {error.errno}" if isinstance(error, OSError) and error.errno is not None else ""
    yield f"{margin}{type(error).__qualname__}{number}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{margin}  {frame.filename}:{frame.lineno} in {frame.name}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _told(one, margin + "  | ")


def tell_unseen_fault(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """asyncio's own report of a fault that nobody waited for repeats the exception's message; this one does not."""
    fault = context.get("exception")
    # "Exception in callback f(b...)" goes on with the arguments.
    logging.getLogger("asyncio").error(context["message"].partition("(")[0], exc_info=fault)
