"""What can go wrong on a line.

TelephonyError
 ├── LineClosed        the caller or the carrier has gone; nothing more can be played
 ├── ProtocolViolation the other side sent something the protocol does not allow
 ├── NotAuthentic      a signature or a stream token is missing, wrong or used before
 ├── CarrierRefused    the carrier answered a request with an error
 └── PersonBusy        somebody is not to be rung just now
"""


class TelephonyError(Exception):
    """Anything that went wrong between us and the caller."""


class LineClosed(TelephonyError):
    """The line is gone: playing, clearing or transferring has nobody to reach."""


class ProtocolViolation(TelephonyError):
    """The other side sent something that its protocol does not allow; the message says what and where."""


class NotAuthentic(TelephonyError):
    """A signature or stream token is missing, wrong, expired or used before."""


class PersonBusy(TelephonyError):
    """Somebody talks with another caller by now, or is being rung for one."""


class CarrierRefused(TelephonyError):
    """The carrier answered a REST request with an error.

    Args:
        status: HTTP status.
        code: the carrier's own error code (Twilio: 21220, 20404, ...), or None.
        what: the request in words, without personal data.
    """

    def __init__(self, status: int, code: int | None, what: str) -> None:
        super().__init__(f"the carrier refused to {what}: HTTP {status}, code {code}")
        self.status = status
        self.code = code
