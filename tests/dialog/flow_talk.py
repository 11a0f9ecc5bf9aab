"""Conversations with the book shop, its actions really run: say something, look at the reply."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

from dialog.actions import SEND_LINK, result_texts, typed_arguments
from dialog.events import Act, ActionDone, ActionFailed, CallBegan, CallerPressed, Event, Reply
from tests.dialog.conftest import Talk


@dataclass
class FlowTalk(Talk):
    """A conversation in which acts are done at once.

    Args:
        acts: every act asked for, in order.
        do: does an act instead of the bot's own function; None runs that.
    """

    acts: list[Act] = field(default_factory=list)
    do: Callable[[Act], Event] | None = None

    def event(self, event: Event) -> Reply:
        """One turn, and those of the acts it asks for; the last reply, with the prompts of all."""
        reply = super().event(event)
        prompts = reply.prompts
        while isinstance(reply.action, Act):
            self.acts.append(reply.action)
            reply = super().event((self.do or self.done)(reply.action))
            prompts += reply.prompts
        return Reply(prompts, reply.action, reply.decision)

    def done(self, act: Act) -> Event:
        """What comes back from the bot's own function, or from a text message."""
        if act.name == SEND_LINK:
            return ActionDone(act.ticket, {})
        spec = self.engine.bot.actions[act.name]
        try:
            result = spec.function(**typed_arguments(spec, act.arguments))
            return ActionDone(act.ticket, result_texts(asyncio.run(result) if inspect.iscoroutine(result) else result))
        except ConnectionError:
            return ActionFailed(act.ticket, "error")

    def press(self, keys: str) -> Reply:
        """Keys, one after the other; the reply to the last."""
        return [self.event(CallerPressed(key)) for key in keys][-1]

    def asks(self, *said: str) -> object:
        """The slot that the flow asks for after the caller has said all this."""
        for text in said:
            self.say(text)
        return self.replies[-1].decision.details.get("asks")

    @property
    def slots(self) -> dict[str, str]:
        """Values that the flows know, as the last decision tells them."""
        known = self.replies[-1].decision.details.get("slots", {})
        assert isinstance(known, dict)
        return known


def began(talk: FlowTalk, language: str | None = None) -> FlowTalk:
    """The conversation, greeted."""
    talk.event(CallBegan(language))
    return talk
