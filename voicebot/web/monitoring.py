"""Who may read the service's numbers: this machine itself, or whoever brings the token."""

import secrets
from ipaddress import ip_address

from fastapi import Request

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def may_monitor(request: Request, token: str | None) -> bool:
    """Whether a request may see metrics, and what trouble there is.

    A proxy on this machine makes strangers look like this machine, so one that says for whom it asks does not count.

    Args:
        request: for the numbers.
        token: `web.metrics_token`; None leaves only this machine.
    """
    given = request.headers.get("authorization", "")
    if token is not None and secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
