"""What the network says about a call in its webhooks: ids, form fields, timestamps.

Source: twilio.com/docs/voice/twiml (request parameters), with blanks, duplicates and an unknown field as seen on real
calls, because they are signed too.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

Pairs = tuple[tuple[str, str], ...]


def new_sid(prefix: str) -> str:
    """An id as the network makes them: two letters and 32 hex digits.

    Never from a seed: a service remembers the calls it has had, and would take a second run for the first one.
    """
    return prefix + secrets.token_hex(16)


@dataclass(slots=True)
class CallFacts:
    """What the network knows about one call.

    Args:
        account_sid, call_sid: ids.
        caller, called: E.164, or "anonymous".
        direction: inbound or outbound-api.
        status: ringing, in-progress, completed, ...
        extra: fields sent beside the usual ones.
    """

    account_sid: str
    call_sid: str
    caller: str
    called: str
    direction: str = "inbound"
    status: str = "ringing"
    extra: Mapping[str, str] = field(default_factory=dict)

    def fields(self, **more: str) -> Pairs:
        """The form of a webhook about this call."""
        base = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.call_sid,
            "CallStatus": self.status,
            "Called": self.called,
            "CalledCity": "",
            "CalledCountry": "NO",
            "CalledState": "",
            "CalledZip": "",
            "Caller": self.caller,
            "CallerCity": "Tromsø",
            "CallerCountry": "NO",
            "CallerState": "",
            "CallerZip": "",
            "Direction": self.direction,
            "From": self.caller,
            "FromCity": "Tromsø",
            "FromCountry": "NO",
            "FromState": "",
            "FromZip": "",
            "To": self.called,
            "ToCity": "",
            "ToCountry": "NO",
            "ToState": "",
            "ToZip": "",
            "CallToken": "%7B%22parentCallInfoToken%22%3A%22a+b/c=%22%7D",
            "SomethingNewIn2027": " a field nobody has heard of ",
        }
        return tuple({**base, **self.extra, **more}.items())

    def progress(self, sequence: int, **more: str) -> Pairs:
        """The form of a call status callback."""
        stamp = format_datetime(datetime.now(UTC))
        return self.fields(Timestamp=stamp, SequenceNumber=str(sequence), CallbackSource="call-progress-events", **more)

    def stream(self, stream_sid: str, event: str, name: str | None, error: str = "") -> Pairs:
        """The form of a stream status callback."""
        fields = {
            "AccountSid": self.account_sid,
            "CallSid": self.call_sid,
            "StreamSid": stream_sid,
            "StreamName": name or stream_sid,
            "StreamEvent": event,
            "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if error:
            fields["StreamError"] = error
        return tuple(fields.items())
