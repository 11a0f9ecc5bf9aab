"""Before a flow that requires identity: why and how, the code or the app, and what follows when nothing is proven.

`dialog.flows.run.advance` runs no step of such a flow unproven, wherever it stands; what is said and waited for until
then is decided here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialog.events import ActionDone, ActionFailed, Listen, Prompt
from dialog.flows.asking import asked, awaited, with_question, without
from dialog.flows.flow import PassOn
from dialog.flows.run import without_top
from dialog.handoff import Reachable, find_person
from dialog.identity import CODE, NOT_PROVEN, Proof, is_enough
from dialog.scene import Draft, Scene
from dialog.state import Frame, InFlow, PersonOffered, Proving, SlotAsked
from dialog.topics import after, carry_on, handed_over

BINDING_MARK = "digits"
"""How the words to compare are read out: what we ask a provider to show is made of digits."""

DECLINED = "declined"
"""The caller did not want to; beside `NOT_PROVEN`, how it ends without a proof."""


def begin(scene: Scene, again: bool = False) -> Draft:
    """Have a code sent, or the app asked.

    Args:
        scene: of the turn.
        again: the caller did not get the code that was sent before.
    """
    frame, ticket = scene.state.frames[-1], scene.state.tickets + 1
    step = "again" if again else "begin"
    return _acting(scene, frame, Proving(ticket, step), "identity_begin", (scene.say("one_moment"),))


def _acting(scene: Scene, frame: Frame, question: Proving, rule: str, said: tuple[Prompt, ...]) -> Draft:
    waiting = with_question(without(frame, CODE), question)
    frames = (*scene.state.frames[:-1], waiting)
    action = awaited(scene, waiting)
    return Draft(said, action, rule, InFlow(), frames=frames, tickets=question.ticket, repeatable=False)


def came(scene: Scene, event: ActionDone | ActionFailed) -> Draft:
    """What the attempt has come to."""
    frame = scene.state.frames[-1]
    if isinstance(event, ActionFailed):
        return not_proven(scene, "unavailable")
    outcome, question = event.result.get("outcome", ""), frame.question
    step = question.step if isinstance(question, Proving) else ""
    if outcome == "proven":
        return _proven(scene, frame, event.result)
    if outcome == "code_sent" and step in ("begin", "again"):
        waiting = with_question(frame, SlotAsked(CODE))
        said = (scene.say("identity_code_sent"), *asked(scene, waiting))
        return _listening(scene, waiting, "identity_code_sent", said)
    if outcome == "wrong_code" and step == "code":
        waiting = with_question(frame, SlotAsked(CODE))
        return _listening(scene, waiting, "identity_wrong_code", (scene.say("identity_wrong_code"),))
    if outcome == "waiting" and step == "begin":
        return _app_opened(scene, frame, event.result.get("binding", ""))
    return not_proven(scene, outcome if outcome in NOT_PROVEN else "unavailable")


def _proven(scene: Scene, frame: Frame, result: Mapping[str, str]) -> Draft:
    proof = Proof(result.get("provider", ""), result.get("level", ""))
    if not is_enough(proof, scene.bot.flow(frame.flow).requires):
        return not_proven(scene, "refused")
    known = replace(scene, state=replace(scene.state, proof=proof))
    frames = (*scene.state.frames[:-1], with_question(without(frame, CODE), None))
    draft = carry_on(known, frames, "identity_proven", (scene.say("identity_proven"),))
    return replace(draft, proof=proof)


def _listening(scene: Scene, frame: Frame, rule: str, said: tuple[Prompt, ...]) -> Draft:
    frames = (*scene.state.frames[:-1], frame)
    return Draft(said, awaited(scene, frame), rule, InFlow(), frames=frames)


def _app_opened(scene: Scene, frame: Frame, binding: str) -> Draft:
    """The caller approves on their own phone; the words to compare are said, and the line kept."""
    app, ticket = scene.bot.identity.app, scene.state.tickets + 1
    said = [scene.say("identity_approve", app=app)]
    if binding:
        said.append(scene.say("identity_binding", code=f"{{{binding}|{BINDING_MARK}}}"))
    draft = _acting(scene, frame, Proving(ticket, "wait"), "identity_waiting", tuple(said))
    return replace(draft, repeatable=True)


def still_waiting(scene: Scene) -> Draft:
    """The caller says something while the app waits for them; it decides nothing."""
    frame = scene.state.frames[-1]
    action = awaited(scene, frame)
    return Draft(asked(scene, frame), action, "identity_waiting", InFlow(), repeatable=False)


def not_proven(scene: Scene, why: str) -> Draft:
    """That this cannot be done without a proof; then a person, as the flow says for failures.

    Args:
        scene: of the turn.
        why: `DECLINED`, or one of `NOT_PROVEN`.
    """
    frames = scene.state.frames
    frame = without(frames[-1], CODE)
    flow, rest = scene.bot.flow(frame.flow), without_top(frames)
    rule, said = f"identity_{why}", (scene.say(f"identity_{why}"),)
    details: dict[str, Any] = {"identity": why}
    if not isinstance(flow.on_failure, PassOn):
        draft = after(scene, rest, rule, said, frame)
        return replace(draft, details={**draft.details, **details})
    found = find_person(scene.bot, flow.on_failure.department or None, scene.now)
    if why == DECLINED and isinstance(found, Reachable):
        # Who said no is asked before they are sent anywhere.
        offer = scene.say("offer_person", department=scene.department(found.answering.id))
        ears = Listen("yes_no", scene.wait_seconds())
        question = PersonOffered(found.answering.id, "identity")
        return Draft((*said, offer), ears, rule, question, details=details, frames=rest, ended=frame)
    draft = handed_over(scene, rest, replace(flow.on_failure, reason="identity"), rule, said, frame)
    return replace(draft, details={**draft.details, **details})


def is_act_of(frame: Frame, ticket: int) -> bool:
    """Whether a frame waits for this act as a proof."""
    return isinstance(frame.question, Proving) and frame.question.ticket == ticket
