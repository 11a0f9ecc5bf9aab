"""Memory that a call needed for a moment goes back to the machine when nobody is on the line."""

import ctypes
import sys


def give_back() -> None:
    """Hand free memory back to the operating system; takes some milliseconds, and the GIL is free meanwhile.

    The recogniser's and the voice's buffers come and go with each utterance, on several threads, and glibc keeps what
    was freed: 130 MB after a few hundred sentences. On another libc nothing happens.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
