"""A transfer as plain JSON values, and back: it outlives the process that began it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from telephony.transfer.happenings import Person
from telephony.transfer.states import Attempt, CallerPlace, LegState, Patience, Phase, Transfer


def to_values(transfer: Transfer) -> dict[str, Any]:
    """Everything of it; has the numbers of the people in it."""
    return asdict(transfer)


def from_values(values: Mapping[str, Any]) -> Transfer:
    """The transfer that `to_values` was given.

    Raises:
        KeyError, TypeError, ValueError: the values are of another version, or broken.
    """
    fields = dict(values)
    attempts = tuple(
        Attempt(**{**one, "person": Person(**one["person"]), "state": LegState(one["state"])})
        for one in fields.pop("attempts")
    )
    rounds = tuple(tuple(Person(**person) for person in people) for people in fields.pop("rounds"))
    return Transfer(
        rounds=rounds,
        attempts=attempts,
        patience=Patience(**fields.pop("patience")),
        phase=Phase(fields.pop("phase")),
        caller=CallerPlace(fields.pop("caller")),
        **fields,
    )
