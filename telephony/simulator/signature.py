"""How the phone network signs what it sends.

Written from the published description and on purpose not shared with the side that checks signatures, so that one
mistake cannot hide in both. Source: twilio.com/docs/usage/security.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit


def sign_request(token: str, url: str, fields: Iterable[tuple[str, str]] = (), *, sha256: bool = False) -> str:
    """The `X-Twilio-Signature` of a request.

    Args:
        token: the account's auth token.
        url: the address as it is requested. User, password and fragment are not signed, nor the port over TLS.
        fields: name and value of every form field, as sent, blanks included; empty for GET and for WebSockets.
        sha256: sign the way accounts with a shared key of that kind do.
    """
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    text = signed_url(url) + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha256 if sha256 else hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signed_url(url: str) -> str:
    """The part of an address that is signed."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme in ("https", "wss"):
        host = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))


def feed_token(auth_token: str, call_sid: str) -> str:
    """The bearer token that lets whoever knows the auth token follow one call as text."""
    return hmac.new(auth_token.encode(), f"feed:{call_sid}".encode(), hashlib.sha256).hexdigest()
