"""Who has the console open now: only they can answer a caller who types."""

from collections import Counter
from collections.abc import Callable

from voicebot.agents.choosing import Rounds
from voicebot.agents.live_call import SignedAgent


class Consoles:
    """The open pages of agents.

    Args:
        changed: told when somebody comes or goes.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._pages: Counter[str] = Counter()
        self._agents: dict[str, SignedAgent] = {}

    def opened(self, agent: SignedAgent) -> Callable[[], None]:
        """Somebody has opened a page; call what comes back when it is closed."""
        self._agents[agent.person] = agent
        self._pages[agent.person] += 1
        self._changed()
        return lambda: self._closed(agent.person)

    def _closed(self, person: str) -> None:
        self._pages[person] -= 1
        if not self._pages[person]:
            del self._pages[person], self._agents[person]
        self._changed()

    def there(self, person: str) -> bool:
        """Whether somebody has the console open."""
        return person in self._agents

    def agent(self, person: str) -> SignedAgent | None:
        """Who that is."""
        return self._agents.get(person)

    def writers(self, rounds: Rounds) -> tuple[str, ...]:
        """Who of those at the console may answer in writing: the people of these rounds, and whoever has no
        department."""
        asked = {person.id for people in rounds for person in people}
        return tuple(
            person for person, agent in self._agents.items() if agent.callee is None or not asked or person in asked
        )
