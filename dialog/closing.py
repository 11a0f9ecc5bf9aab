"""How a reply ends: with the question of the flow under way, or else with one that gives the caller the floor."""

from dataclasses import dataclass

from dialog.events import Act, Listen, Prompt
from dialog.flows.asking import asked, awaited
from dialog.scene import NOTHING_OPEN, Draft, Scene, open_ears
from dialog.state import InFlow, OpenQuestion, Topic


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of a reply.

    Args:
        prompts: said last.
        action: done then.
        question: open after it.
    """

    prompts: tuple[Prompt, ...]
    action: Listen | Act
    question: OpenQuestion


def closing(scene: Scene, key: str, question: OpenQuestion = NOTHING_OPEN, named: bool = False) -> Closing:
    """The end of a reply that did not belong to a flow.

    Args:
        scene: of the turn.
        key: wording that gives the caller the floor when no flow is under way; "" says nothing.
        question: open after that.
        named: a flow under way is named before its question is asked again: the caller has been elsewhere.
    """
    frames = scene.state.frames
    if not frames:
        return Closing((scene.say(key),) if key else (), open_ears(scene), question)
    back = (scene.say("back_to", title=scene.title(Topic(flow=frames[-1].flow))),) if named else ()
    return Closing((*back, *asked(scene, frames[-1])), awaited(scene, frames[-1]), InFlow())


def plain(
    scene: Scene, rule: str, key: str, then: str = "", question: OpenQuestion = NOTHING_OPEN, **values: str
) -> Draft:
    """One sentence from the wording, and the end of the reply (`closing`); `key` "" leaves the end alone."""
    end = closing(scene, then, question)
    said = (scene.say(key, **values),) if key else ()
    return Draft((*said, *end.prompts), end.action, rule, end.question, unknowns=scene.state.unknowns)
