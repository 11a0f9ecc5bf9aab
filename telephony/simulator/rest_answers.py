"""What the REST double answers: calls and messages as the API shows them, and refusals with the API's codes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from telephony.simulator.phone_call import PhoneCall

Form = Mapping[str, tuple[str, ...]]

_MESSAGES = {
    20001: "Invalid parameter",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21220: "Call is not in-progress. Cannot redirect.",
}


class Refused(Exception):
    """A request that is answered with an error: HTTP status, the API's code, and why."""

    def __init__(self, status: int, code: int, why: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.code = code
        self.why = why


def known(fields: Form, allowed: frozenset[str]) -> None:
    """Refuse what the API does not know."""
    if unknown := fields.keys() - allowed:
        raise Refused(400, 20001, f"unknown parameter {', '.join(sorted(unknown))}")


def one(fields: Form, name: str) -> str | None:
    """A parameter that is given once."""
    return fields[name][-1] if name in fields else None


def number(fields: Form, name: str, default: int, low: int, high: int) -> int:
    """A whole number within its limits."""
    text = one(fields, name)
    if text is None:
        return default
    if not text.isdigit() or not low <= int(text) <= high:
        raise Refused(400, 20001, f"{name} must be {low} to {high}")
    return int(text)


def error(refused: Refused) -> dict[str, Any]:
    """An error as the API words it."""
    message = _MESSAGES.get(refused.code, "The request was refused")
    return {
        "code": refused.code,
        "message": f"{message}: {refused.why}" if refused.why else message,
        "more_info": f"https://www.twilio.com/docs/errors/{refused.code}",
        "status": refused.status,
    }


def describe(call: PhoneCall) -> dict[str, Any]:
    """A call as the API shows it."""
    facts = call.facts
    now = format_datetime(datetime.now(UTC))
    uri = f"/2010-04-01/Accounts/{facts.account_sid}/Calls/{facts.call_sid}"
    return {
        "account_sid": facts.account_sid,
        "annotation": None,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": now,
        "date_updated": now,
        "direction": facts.direction,
        "duration": str(call.clock() // 8000) if call.over else None,
        "end_time": now if call.over else None,
        "forwarded_from": None,
        "from": facts.caller,
        "from_formatted": facts.caller,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": str(call.queued_ms),
        "sid": facts.call_sid,
        "start_time": now if call.answered.is_set() else None,
        "status": facts.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json", "events": f"{uri}/Events.json"},
        "to": facts.called,
        "to_formatted": facts.called,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def describe_message(account_sid: str, sid: str, to: str, sender: str, body: str) -> dict[str, Any]:
    """A text message as the API shows it just after it was taken."""
    now = format_datetime(datetime.now(UTC))
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}"
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": sender,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": to,
        "uri": f"{uri}.json",
    }
