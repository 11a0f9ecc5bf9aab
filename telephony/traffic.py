"""What a line lets happen how often, and whom it may ring: against toll fraud and against calls without end."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from telephony.call import Spoken
from telephony.quota import Quota

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SIP = re.compile(r"sips?:[^@\s;?]+@(?P<host>[A-Za-z0-9.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TrafficRules:
    """How much is let through; 0 is no limit.

    Numbers are the caller's, where the carrier tells it: callers who hide theirs count towards all calls only.

    Args:
        calls_per_number_minute: answered by the bot; whoever rings more often is passed on to a person.
        calls_per_number_hour: the same, over the hour.
        calls_per_minute: answered by the bot, of all callers together.
        transfers_per_number_hour: how often a person's phone rings for one caller.
        transfers_per_minute: how often a person's phone rings for anybody.
        texts_per_number_day: text messages to one caller.
        callbacks_per_hour: calls to people who asked to be called back.
        callbacks_per_number_day: the same, to one of them.
        countries: what a number must begin with to be rung or sent a message ("+47"); empty is any.
        destinations: the only numbers and SIP addresses that may be rung; None is any.
        too_often: said by the carrier's voice, before the end, to callers whom nobody can take any more.
    """

    calls_per_number_minute: int = 10
    calls_per_number_hour: int = 60
    calls_per_minute: int = 120
    transfers_per_number_hour: int = 10
    transfers_per_minute: int = 120
    texts_per_number_day: int = 10
    callbacks_per_hour: int = 60
    callbacks_per_number_day: int = 6
    countries: tuple[str, ...] = ()
    destinations: frozenset[str] | None = None
    too_often: tuple[Spoken, ...] = field(default=(), repr=False)


class Traffic:
    """Counts what has happened against the rules.

    Args:
        rules: how much is let through.
        clock: seconds, monotonic.
        refused: counts what was not, by kind: "calls_per_number", "calls", "transfers_per_number", "transfers",
            "texts_per_number", "callbacks_per_number", "callbacks", "destination", "country".
    """

    def __init__(self, rules: TrafficRules, clock: Callable[[], float], refused: Counter[str]) -> None:
        self.rules = rules
        self._refused = refused
        self._per_number = (
            Quota(rules.calls_per_number_minute, _MINUTE, clock),
            Quota(rules.calls_per_number_hour, _HOUR, clock),
        )
        self._calls = Quota(rules.calls_per_minute, _MINUTE, clock)
        self._transfers_per_number = Quota(rules.transfers_per_number_hour, _HOUR, clock)
        self._transfers = Quota(rules.transfers_per_minute, _MINUTE, clock)
        self._texts = Quota(rules.texts_per_number_day, _DAY, clock)
        self._callbacks = Quota(rules.callbacks_per_hour, _HOUR, clock)
        self._callbacks_per_number = Quota(rules.callbacks_per_number_day, _DAY, clock)

    def admits_call(self, number: str | None) -> bool:
        """Whether the bot answers this call; counts it.

        Args:
            number: the caller's, E.164, or None when it is hidden.
        """
        if number is not None and not all(quota.take(number) for quota in self._per_number):
            self._refused["calls_per_number"] += 1
            return False
        return self._counted(self._calls.take(), "calls")

    def may_ring(self, address: str, number: str | None) -> bool:
        """Whether a person's phone may ring for this caller now. Counts nothing but a refusal.

        Args:
            address: E.164 or SIP address.
            number: the caller's, or None.
        """
        if not self._is_destination(address):
            return False
        if number is not None and not self._transfers_per_number.has_room(number):
            return self._counted(False, "transfers_per_number")
        return self._counted(self._transfers.has_room(), "transfers")

    def ring(self, address: str, number: str | None) -> bool:
        """The same at the moment of dialling, and counts it."""
        if not self.may_ring(address, number):
            return False
        if number is not None:
            self._transfers_per_number.take(number)
        return self._transfers.take()

    def admits_text(self, number: str) -> bool:
        """Whether a text message may be sent to this number; counts it."""
        return self._is_at_home(number) and self._counted(self._texts.take(number), "texts_per_number")

    def call_back(self, agent: str, number: str) -> bool:
        """Whether somebody who asked for it may be called now, an agent's phone first; counts it.

        Args:
            agent: E.164 or SIP address of the agent; must be a destination.
            number: of the one who is called back, E.164.
        """
        if not (self._is_destination(agent) and _NUMBER.fullmatch(number) and self._is_at_home(number)):
            return False
        if not self._callbacks_per_number.has_room(number):
            return self._counted(False, "callbacks_per_number")
        if not self._counted(self._callbacks.take(), "callbacks"):
            return False
        return self._callbacks_per_number.take(number)

    def _is_destination(self, address: str) -> bool:
        allowed = self.rules.destinations
        if (allowed is not None and address not in allowed) or not (_NUMBER.fullmatch(address) or is_sip(address)):
            return self._counted(False, "destination")
        return is_sip(address) or self._is_at_home(address)

    def _is_at_home(self, number: str) -> bool:
        return self._counted(is_in(number, self.rules.countries), "country")

    def _counted(self, admitted: bool, kind: str) -> bool:
        self._refused[kind] += not admitted
        return admitted


def is_in(number: str, countries: tuple[str, ...]) -> bool:
    """Whether a number begins with one of these; always when there are none."""
    return not countries or number.startswith(countries)


def is_sip(address: str) -> bool:
    """Whether an address is a SIP address without parameters, which could send the call elsewhere."""
    return _SIP.fullmatch(address) is not None
