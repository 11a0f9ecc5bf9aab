"""A person's words in a conversation that the bot has not left, or has stepped back from."""

from dataclasses import replace
from typing import Any

from dialog.events import AgentNote, AgentTyped, CallerTypedToAgent, Listen
from dialog.flows.texts import plain
from dialog.repairs import acts
from dialog.scene import Draft, Scene


def said(scene: Scene, note: AgentNote) -> Draft:
    """What a colleague has to say to the caller; what the bot had asked stays asked."""
    state = scene.state
    words = " ".join(plain(note.text).split())
    prompts = (scene.say("agent_note", text=words),) if words else ()
    details: dict[str, Any] = {"agent": note.agent}
    return Draft(
        prompts,
        acts(scene) or state.listened,
        "agent_note",
        state.question,
        details=details,
        misses=state.misses,
        unknowns=state.unknowns,
        repeatable=False,
    )


def noted(scene: Scene, event: AgentTyped | CallerTypedToAgent) -> Draft:
    """A line of a conversation between the caller and a person: nothing is said to it."""
    draft = Draft((), Listen(), "typed_to_agent", scene.state.question, repeatable=False)
    if isinstance(event, CallerTypedToAgent):
        return draft
    return replace(draft, rule="agent_typed", written=plain(event.text), details={"agent": event.agent})
