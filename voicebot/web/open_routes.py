"""Every route that answers without a sign-in, and why. A test finds the ones that are neither here nor guarded."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OPEN_ROUTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/": "sends people to /try",
        "/healthz": "load balancers ask; says only that the process lives, and how many calls there are",
        "/readyz": "load balancers ask; strangers get no more than ready or not",
        "/metrics": "lets in only this machine itself, or who brings the token (voicebot.web.monitoring)",
        "/calls/{call_id}/feed": "what a call says, as it goes on; each request is signed with the carrier's token",
        "/twilio/*": "the carrier; every request is signed (telephony.twilio.signature)",
        "/try": "the page on which everybody may talk to the bot; off with VOICEBOT_BROWSER=false",
        "/try/*": "its parts and its calls",
        "/privacy": "what is stored about callers, for callers",
        "/privacy/*": "the same; what it shows of a number it shows to who answers that phone",
        "/console/static/*": "the console's style and icon",
        "/console/sign-in": "where one signs in",
        "/console/sign-in/*": "its further steps; each needs what the step before gave",
        "/console/begin": "where a new account sets its password with the code it was given",
        "/console/oidc": "sends the browser to the company's own sign-in",
        "/console/oidc/*": "where it comes back; state, nonce and signature are checked",
    }
)
"""Path, with * at its end for everything below it, to the reason."""


def is_open(path: str) -> bool:
    """Whether a route's path stands on the list."""
    return path in OPEN_ROUTES or any(
        entry.endswith("*") and path.startswith(entry.removesuffix("*")) for entry in OPEN_ROUTES
    )
