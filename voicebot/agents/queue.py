"""Callers who wait until somebody comes free: the urgent first, then by who has waited longest."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Place:
    """One caller who waits.

    Args:
        conversation: whose.
        people: ids of whom they may have.
        urgent: goes ahead of those who are not.
        since: when they began to wait.
        called: somebody has been kept for them.
    """

    conversation: str
    people: frozenset[str]
    urgent: bool
    since: datetime
    called: asyncio.Event = field(default_factory=asyncio.Event)


class Queue:
    """Who waits for whom."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    def join(self, place: Place) -> None:
        """Begin to wait; a conversation waits once."""
        self.leave(place.conversation)
        self._places.append(place)
        self._places.sort(key=lambda one: (not one.urgent, one.since))

    def leave(self, conversation: str) -> None:
        """Wait no longer; nothing when it does not."""
        self._places = [place for place in self._places if place.conversation != conversation]

    def first_for(self, person: str) -> Place | None:
        """Who has this person next: nobody is called twice before they have looked who came."""
        return next((place for place in self._places if person in place.people and not place.called.is_set()), None)

    def position(self, conversation: str) -> int:
        """1 for who is next among those who wait for any of the same people; 0 for who does not wait."""
        ahead = 1
        own = next((place for place in self._places if place.conversation == conversation), None)
        for place in self._places:
            if place is own:
                return ahead
            if own is not None and place.people & own.people:
                ahead += 1
        return 0
