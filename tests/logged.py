"""The log as an operator would see it, kept instead of written."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from voicebot.logs import start_logging


@contextmanager
def kept_log(level: str, format_: str) -> Iterator[io.StringIO]:
    """Log as `voicebot serve` does, into the stream that comes out; afterwards logging is as it was before."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level_before = root.handlers[:], root.level
    try:
        start_logging(level, format_)
        root.handlers[0].setStream(stream)  # type: ignore[attr-defined]
        yield stream
    finally:
        root.handlers[:] = before
        root.setLevel(level_before)
        structlog.reset_defaults()
