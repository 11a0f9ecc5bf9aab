"""Text messages: taken, sent, delivered or not, and told about."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from telephony.simulator.fields import new_sid
from telephony.simulator.network import PhoneNetwork
from telephony.simulator.post import MESSAGE, Letter
from telephony.simulator.rest_answers import Form, Refused, describe_message, known, number, one

_MESSAGE = frozenset(
    ("To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod")
    + ("ContentRetention", "AddressRetention", "SmartEncoded", "RiskCheck")
)
_LONGEST_BODY = 1600
_LONGEST_VALIDITY = 36_000
_ERROR_OF = {"undelivered": 30003, "failed": 30008}


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message that was accepted. The phones of the number show it while they are in a call.

    Args:
        to, sender: E.164.
        body: what it says.
        content_retention, address_retention: what the network was told to keep: retain, discard or obfuscate.
        status: as its callback has it in the end.
    """

    to: str
    sender: str
    body: str
    content_retention: str = "retain"
    address_retention: str = "retain"
    status: str = "delivered"


class Texting:
    """Takes messages and tells how they fare.

    `failing` says of which numbers messages do not arrive: undelivered (unreachable, 30003) or failed (30008).

    Args:
        phones: whose phones show them.
    """

    def __init__(self, phones: PhoneNetwork) -> None:
        self._phones = phones
        self.messages: list[TextMessage] = []
        self.failing: dict[str, str] = {}

    def send(self, fields: Form) -> dict[str, Any]:
        """Take one.

        Raises:
            Refused: it is not one that the API takes.
        """
        known(fields, _MESSAGE)
        to, body = one(fields, "To") or "", one(fields, "Body") or ""
        sender = one(fields, "From") or one(fields, "MessagingServiceSid") or ""
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            raise Refused(400, 21211)
        if not sender or not body:
            raise Refused(400, 21603 if not sender else 21602, "From and Body are needed")
        if len(body) > _LONGEST_BODY:
            raise Refused(400, 21617)
        number(fields, "ValidityPeriod", _LONGEST_VALIDITY, 1, _LONGEST_VALIDITY)
        message = TextMessage(
            to,
            sender,
            body,
            one(fields, "ContentRetention") or "retain",
            one(fields, "AddressRetention") or "retain",
            self.failing.get(to, "delivered"),
        )
        self.messages.append(message)
        if message.status == "delivered":
            self._show(message)
        sid, callback = new_sid("SM"), one(fields, "StatusCallback")
        if callback is not None:
            self._phones.privacy.address(callback)
            self._tell(sid, message, callback)
        return describe_message(self._phones.network.account_sid, sid, to, sender, body)

    def _show(self, message: TextMessage) -> None:
        for call in self._phones.calls.values():
            theirs = call.facts.caller if call.facts.direction == "inbound" else call.facts.called
            if theirs == message.to and not call.over:
                call.handset.texts.append(message.body)

    def _tell(self, sid: str, message: TextMessage, callback: str) -> None:
        before: asyncio.Event | None = None
        for status in ("queued", "sent", message.status):
            fields = {
                "AccountSid": self._phones.network.account_sid,
                "ApiVersion": "2010-04-01",
                "From": message.sender,
                "MessageSid": sid,
                "MessageStatus": status,
                "SmsSid": sid,
                "SmsStatus": status,
                "To": message.to,
            }
            if status in _ERROR_OF:
                fields["ErrorCode"] = str(_ERROR_OF[status])
            before = self._phones.tell(Letter(MESSAGE, callback, tuple(fields.items())), after=before)
