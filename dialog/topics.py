"""From one topic to the next: articles are quoted, flows run, and what was promised for later is come to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dialog import callbacks, replies
from dialog.closing import closing, plain
from dialog.entering import values
from dialog.events import Act, Prompt
from dialog.flows.asking import asked, awaited, context_of, with_filled
from dialog.flows.flow import Flow, PassOn
from dialog.flows.run import ActionWanted, Ended, Frames, advance
from dialog.passing import person
from dialog.scene import Draft, Scene, listed
from dialog.state import AnythingElse, Filled, Frame, InFlow, Topic


def take(
    scene: Scene, wanted: Sequence[Topic], said: str = "", score: float | None = None, heading: bool = False
) -> Draft:
    """Go into what the caller wants: the first topic now, the others behind it.

    Args:
        scene: of the turn; flows under way in it are gone back to.
        wanted: at least one.
        said: the caller's words, in which values for a flow's slots may stand.
        score: of the first.
        heading: the first is named before it is gone into.
    """
    topic, rest = wanted[0], (*wanted[1:], *(old for old in scene.state.later if old not in wanted))
    if topic.flow:
        return _start(scene, topic, rest, said, score, heading)
    draft = replies.quote(scene, scene.bot.article(topic.article), score, heading)
    if not rest or scene.state.frames:
        return replace(draft, later=tuple(rest))
    # What comes next is come to at once: an answer leaves nothing to wait for.
    quoted = tuple(prompt for prompt in draft.prompts if prompt.article)
    return _and_then(scene, quoted, rest, replace(draft, prompts=quoted))


def _and_then(scene: Scene, said: tuple[Prompt, ...], rest: Sequence[Topic], first: Draft | None = None) -> Draft:
    """The next of the promised topics, behind what has been said; the rule and article are those of the first."""
    promised = scene.say("next_topic", title=scene.title(rest[0]))
    emptied = replace(scene, state=replace(scene.state, later=()))
    following = take(emptied, rest)
    prompts = (*said, promised, *following.prompts)
    if first is None:
        return replace(following, prompts=prompts)
    details = {**following.details, **first.details}
    return replace(
        following, prompts=prompts, rule=first.rule, article=first.article, score=first.score, details=details
    )


def _start(scene: Scene, topic: Topic, rest: Sequence[Topic], said: str, score: float | None, heading: bool) -> Draft:
    flow = scene.bot.flow(topic.flow)
    frame = Frame(flow.id)
    if flow.built_in:
        # Their hours are the department's, also for a time said in passing; what was said goes before what is known.
        frame = callbacks.begun(scene, with_passing(_of_desk(scene, frame), flow, frame, said))
    else:
        frame = with_passing(scene, flow, frame, said)
    before: tuple[Prompt, ...] = (scene.say("about", title=scene.title(topic)),) if heading else ()
    promised = [one for one in rest if one not in scene.state.later]
    if promised:
        titles = listed(scene, [scene.title(one) for one in promised])
        before += (scene.say("promised", topics=titles),)
    with_later = replace(scene, state=replace(scene.state, later=tuple(rest)))
    draft = carry_on(with_later, (*scene.state.frames, frame), "flow", before)
    details = {"flow": flow.id, "heading": heading, "prefilled": [filled.slot for filled in frame.slots]}
    later = tuple(rest) if draft.later is None else draft.later
    return replace(draft, score=score, later=later, details={**details, **draft.details})


def _of_desk(scene: Scene, frame: Frame) -> Scene:
    return scene.with_frames((*scene.state.frames, callbacks.begun(scene, frame)))


def with_passing(scene: Scene, flow: Flow, frame: Frame, said: str) -> Frame:
    """The frame with what the caller said in passing: values that are unmistakable, each words' value once."""
    context = context_of(scene, expected=False)
    taken = {filled.value for filled in frame.slots}
    for slot in flow.slots.values():
        if not said or frame.filled(slot.id) is not None:
            continue
        parsed = slot.type.parse(said, context)
        if (parsed.value and parsed.value not in taken) or parsed.alternatives:
            taken.add(parsed.value)
            found = Filled(slot.id, parsed.value, parsed.alternatives, parsed.words, parsed.sure)
            frame = with_filled(frame, found)
    return frame


def carry_on(scene: Scene, frames: Frames, rule: str, before: tuple[Prompt, ...] = ()) -> Draft:
    """Run the flows on, and say how far they came.

    Args:
        scene: of the turn.
        frames: under way, the one that has the floor last.
        rule: of the decision.
        before: said first.
    """
    ticket = scene.state.tickets + 1
    progress = advance(scene, frames, ticket)
    said = (*before, *progress.prompts)
    match progress.stop:
        case ActionWanted(name=name, arguments=arguments):
            act = Act(name, arguments, ticket)
            return Draft(said, act, rule, InFlow(), frames=progress.frames, tickets=ticket, repeatable=bool(said))
        case Ended(frame=frame, handoff=PassOn() as handoff):
            return handed_over(scene, progress.frames, handoff, rule, said, frame)
        case Ended(frame=frame):
            return after(scene, progress.frames, rule, said, frame)
        case None:
            top = progress.frames[-1]
            prompts = (*said, *asked(scene, top))
            return Draft(prompts, awaited(scene, top), rule, InFlow(), frames=progress.frames)


def after(scene: Scene, frames: Frames, rule: str, said: tuple[Prompt, ...], ended: Frame) -> Draft:
    """What comes when a flow is done: the one it had interrupted, what was promised, or anything else?

    Args:
        scene: of the turn.
        frames: still under way.
        rule: of the decision.
        said: so far.
        ended: the flow that is done, as it stood.
    """
    details: dict[str, Any] = {"ended": ended.flow, "slots": values((*frames, ended))}
    if not frames:
        details["flow"] = ended.flow
    scene = scene.with_frames(frames)
    if frames:
        end = closing(scene, "", named=True)
        draft = Draft((*said, *end.prompts), end.action, rule, end.question, frames=frames, details=details)
    elif scene.state.later:
        following = _and_then(scene, said, scene.state.later)
        later = following.later or ()
        draft = replace(following, rule=rule, later=later, details={**details, **following.details})
        return replace(draft, frames=draft.frames or ())
    else:
        draft = plain(scene, rule, "", "more", AnythingElse())
        draft = replace(draft, prompts=(*said, *draft.prompts), frames=(), details=details, unknowns=0)
    return replace(draft, ended=ended)


def handed_over(scene: Scene, frames: Frames, step: PassOn, rule: str, said: tuple[Prompt, ...], ended: Frame) -> Draft:
    """To a person, because the flow says so; the flow is over."""
    draft = person(scene.with_frames(frames), step.department or None, step.reason)
    details = {**draft.details, "reason": step.reason, "slots": values((*frames, ended))}
    prompts = (*said, *draft.prompts)
    return replace(draft, prompts=prompts, rule=rule, frames=frames, details=details, ended=ended)
