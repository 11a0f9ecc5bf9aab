"""Calls made and moved over REST: what a request asks for, and how many calls the network begins in a second."""

import asyncio
import re
import time

from telephony.simulator.callbacks import Subscription
from telephony.simulator.options import Network
from telephony.simulator.plan import Detection, Outgoing, Plan
from telephony.simulator.privacy import PrivacyPolice
from telephony.simulator.rest_answers import Form, Refused, known, number, one
from telephony.simulator.ringing import Ringing
from telephony.simulator.twiml import TwimlRefused, read_twiml
from telephony.simulator.verbs import Action
from telephony.simulator.webhooks import Answer

_MOST_TWIML = 4000
_LONGEST_CALL = 14_400
_LONGEST_RING = 600
_SHORTEST_RING = 5
UPDATE = frozenset(
    ("Url", "Method", "Status", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod")
    + ("Twiml", "TimeLimit")
)
_RECORDING = frozenset(
    ("RecordingChannels", "RecordingStatusCallback", "RecordingStatusCallbackMethod", "RecordingStatusCallbackEvent")
    + ("RecordingTrack", "Trim")
)
_DETECTION = frozenset(
    ("MachineDetection", "MachineDetectionTimeout", "MachineDetectionSpeechThreshold", "AsyncAmd")
    + ("MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout")
    + ("AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod")
)
CREATE = (UPDATE - {"Status"}) | _RECORDING | _DETECTION
CREATE |= {"To", "From", "StatusCallbackEvent", "Timeout", "SendDigits", "Record", "CallReason"}
_EVENTS = frozenset(("initiated", "ringing", "answered", "completed"))
_CALLABLE = re.compile(r"\+[1-9]\d{6,14}|sips?:[^\s@]+@[^\s@]+|client:\S+")


class Starts:
    """Begins calls no faster than an account may, the others wait their turn.

    Args:
        per_second: how many; None lets every call begin at once.
        most_waiting: beyond this, requests are refused with 429; None takes any number.
    """

    def __init__(self) -> None:
        self.per_second: float | None = None
        self.most_waiting: int | None = None
        self.waiting = 0
        self._next = 0.0

    def check(self) -> None:
        """Refuse when too many wait."""
        if self.most_waiting is not None and self.waiting >= self.most_waiting:
            raise Refused(429, 20429)

    async def turn(self) -> None:
        """Wait for the moment at which the next call may begin."""
        if self.per_second is None:
            return
        now = time.monotonic()
        moment = max(now, self._next)
        self._next = moment + 1 / self.per_second
        self.waiting += 1
        try:
            await asyncio.sleep(moment - now)
        finally:
            self.waiting -= 1


def planned(fields: Form, network: Network, privacy: PrivacyPolice, starts: Starts, slack_seconds: float) -> Plan:
    """What a request for a call asks for.

    Raises:
        Refused: it is not one that the API takes.
    """
    known(fields, CREATE)
    called, caller = one(fields, "To"), one(fields, "From")
    if not called or not caller:
        raise Refused(400, 21201 if not called else 21213, "To and From are needed")
    if not _CALLABLE.fullmatch(called):
        raise Refused(400, 21211)
    starts.check()
    if one(fields, "Record") == "true" or _RECORDING & fields.keys():
        privacy.recording("a request for a call")
    for name in ("Url", "StatusCallback", "FallbackUrl", "AsyncAmdStatusCallback"):
        privacy.address(one(fields, name) or "")
    timeout = number(fields, "Timeout", 60, _SHORTEST_RING, _LONGEST_RING)
    return Plan(
        document(fields, network, privacy),
        _subscription(fields),
        _address(fields, "FallbackUrl", "FallbackMethod"),
        Outgoing(Ringing(), timeout + slack_seconds, _detection(fields), starts.turn),
        number(fields, "TimeLimit", _LONGEST_CALL, 1, 86_400),
    )


def document(fields: Form, network: Network, privacy: PrivacyPolice) -> Answer | Action:
    """The document that a request names, or has in it.

    Raises:
        Refused: neither, or one that cannot be played.
    """
    text, url = one(fields, "Twiml"), one(fields, "Url")
    if text is None and url is None:
        raise Refused(400, 21205, "Url or Twiml is needed")
    if text is None:
        privacy.address(url or "")
        return Action(url or "", one(fields, "Method") or "POST")
    if len(text) > _MOST_TWIML:
        raise Refused(400, 20001, "Twiml is longer than 4000 characters")
    base = network.public_url
    try:
        read_twiml(text, base, allow_plain_ws=True)
    except TwimlRefused as refused:
        raise Refused(400, 20001, str(refused)) from refused
    return Answer(text, base)


def _subscription(fields: Form) -> Subscription | None:
    action = _address(fields, "StatusCallback", "StatusCallbackMethod")
    if action is None:
        return None
    events = frozenset(fields.get("StatusCallbackEvent", ("completed",)))
    if events - _EVENTS:
        raise Refused(400, 20001, f"no event {', '.join(sorted(events - _EVENTS))}")
    return Subscription(action, events)


def _detection(fields: Form) -> Detection | None:
    wanted = one(fields, "MachineDetection")
    if wanted is None:
        return None
    if wanted not in ("Enable", "DetectMessageEnd"):
        raise Refused(400, 20001, f"MachineDetection {wanted}")
    if one(fields, "AsyncAmd") not in ("true", "True"):
        return Detection()
    told = _address(fields, "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod")
    if told is None:
        raise Refused(400, 20001, "AsyncAmd needs AsyncAmdStatusCallback")
    return Detection(told)


def _address(fields: Form, url: str, method: str) -> Action | None:
    given = one(fields, url)
    return Action(given, one(fields, method) or "POST") if given else None
