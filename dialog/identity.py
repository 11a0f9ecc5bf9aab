"""That a caller is who they say: how strong a proof is, and what a bot's own functions are told of it.

The mind asks for a proof with one act (`PROVE`) and keeps no more than how strong it was. Who it is, is known to
`voicebot.identity` while the call lasts, and to the bot's functions that ask for it; it is in no state and no record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LEVELS = ("low", "substantial", "high")
"""How strong a proof is, weakest first: the three levels of the eIDAS regulation."""

WAYS: Mapping[str, str] = MappingProxyType({"sms": "low", "ciba": "high"})
"""How identity may be proven, each with the strongest level it can give: a code by text message to the number that
calls, or an approval on the caller's own phone by OpenID Connect CIBA (as BankID offers it)."""

PROVE = "prove_identity"
"""The act that asks for a proof. `step` of its arguments: "begin" (with `level`), "code" (with the `code` that the
caller gave) or "wait" (for an approval). What comes back has an `outcome`: "proven" (with `level` and `provider`),
"code_sent", "waiting" (with `binding`, the words to compare), "wrong_code", or one of `NOT_PROVEN`."""

NOT_PROVEN = ("refused", "expired", "unavailable", "no_number")
"""How an attempt ends without a proof; "no_number" when the number that calls is hidden or takes no text messages."""

CODE = "identity_code"
"""The slot that every bot has for a code sent by text message; its value is in no frame, state or record."""

CODE_DIGITS = 6

FROM_PROOF = ("identity", "national_id")
"""Parameters of a bot's own functions that the program fills in from the proof, and flows never do."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the mind knows of a proof; it holds for one call.

    Args:
        provider: who vouches: "sms", or the name of the OpenID provider.
        level: one of `LEVELS`.
    """

    provider: str
    level: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What a bot's own function is told when it has a parameter `identity: Identity`.

    Without a proof such a function is not called at all.

    Args:
        provider: who vouches for it.
        level: one of `LEVELS`.
        subject: the provider's own id of the person; for a code by text message the number it went to.
        phone: the number that calls, E.164; None when withheld.
    """

    provider: str
    level: str
    subject: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """How a bot has its callers prove who they are.

    Args:
        way: one of `WAYS`; "" for a bot that cannot.
        app: what callers know the app by in which they approve ("BankID").
    """

    way: str = ""
    app: str = "BankID"


def is_enough(proof: Proof | None, wanted: str) -> bool:
    """Whether a proof has the level that a flow wants; a flow that wants none ("") has enough."""
    if not wanted:
        return True
    return proof is not None and proof.level in LEVELS and LEVELS.index(proof.level) >= LEVELS.index(wanted)
