"""What the bot says when a turn went wrong: silence, no usable words, "say that again"."""

from dataclasses import replace
from typing import Any

from dialog import what_now
from dialog.events import Act, HangUp, Listen, Prompt
from dialog.flows.asking import asked, awaited
from dialog.passing import person
from dialog.scene import FIRST_WAIT_SECONDS, Draft, Scene, open_ears
from dialog.state import Acting, InFlow, PersonOffered, Proving, WhatNow, WhichTopic


def silence(scene: Scene) -> Draft:
    """The caller said nothing: ask, mention the keypad, end."""
    times = scene.state.silences + 1
    later = replace(scene, state=replace(scene.state, silences=times))
    if 0 < scene.bot.limits.no_input <= times:
        return Draft((scene.say("no_input_end"),), HangUp("no_input"), "no_input", silences=times)
    question = scene.state.question
    prompts: tuple[Prompt, ...] = (scene.say("no_input" if times == 1 else "no_input_again"),)
    if isinstance(question, WhichTopic):
        prompts = (asked_again(scene, question),)
    elif isinstance(question, InFlow) and scene.state.frames:
        prompts = _flow_asked_again(scene, times)
    elif isinstance(question, WhatNow):
        prompts = (what_now.asked_again(scene),)
    elif isinstance(question, PersonOffered):
        prompts = (scene.say("offer_person", department=scene.department(question.department)),)
    return Draft(
        prompts,
        _listening(later),
        "no_input",
        question,
        details={"times": times},
        silences=times,
        misses=scene.state.misses,
        unknowns=scene.state.unknowns,
        repeatable=False,
    )


def _listening(later: Scene) -> Listen | Act:
    """As before, with the patience of one silence more."""
    return acts(later) or replace(later.state.listened, timeout_seconds=later.wait_seconds())


def acts(scene: Scene) -> Listen | Act | None:
    """Going on to wait for what the flow on top has asked for outside; None when it waits for the caller."""
    frames, asks = scene.state.frames, isinstance(scene.state.question, InFlow)
    waits = frames and asks and isinstance(frames[-1].question, Acting | Proving)
    return awaited(scene, frames[-1]) if waits else None


def _flow_asked_again(scene: Scene, times: int) -> tuple[Prompt, ...]:
    """Whether the caller is there, and the flow's question; a silence is no failed attempt."""
    there = scene.wording.say("still_there", scene.language, times - 1)
    return (Prompt(there, scene.language), *asked(scene, scene.state.frames[-1]))


def asked_again(scene: Scene, question: WhichTopic) -> Prompt:
    """The open choice in other words, with its keys."""
    titles = [scene.title(topic) for topic in question.topics]
    if len(titles) == 1:
        return scene.say("choice_one", first=titles[0])
    if len(titles) == 2:
        return scene.say("choice_keys", first=titles[0], second=titles[1])
    return scene.say("choice_three", first=titles[0], second=titles[1], third=titles[2])


def miss(scene: Scene, reason: str) -> Draft:
    """No usable words: say it again, say it shorter, then a person."""
    times = scene.state.misses + 1
    details: dict[str, Any] = {"times": times, "reason": reason}
    if 0 < scene.bot.limits.no_match <= times:
        draft = person(scene, None, "not_understood")
        prompts = (scene.say("not_understood_end"), *draft.prompts)
        return replace(draft, prompts=prompts, rule="not_understood", details={**draft.details, **details})
    prompts = (scene.say("not_understood" if times == 1 else "not_understood_again"),)
    question = scene.state.question
    if times > 1 and isinstance(question, WhichTopic):
        prompts = (asked_again(scene, question),)
    elif times > 1 and isinstance(question, WhatNow):
        prompts = (what_now.asked_again(scene),)
    return Draft(
        prompts,
        acts(scene) or replace(scene.state.listened, timeout_seconds=FIRST_WAIT_SECONDS),
        "not_understood",
        question,
        details=details,
        misses=times,
        unknowns=scene.state.unknowns,
        repeatable=False,
    )


def again(scene: Scene, rule: str) -> Draft:
    """The last reply once more, faster or slower when the caller asked for that."""
    state = scene.state
    if not state.last:
        return Draft((scene.say("nothing_to_repeat"),), open_ears(scene), rule)
    prompts = tuple(replace(prompt, slower=state.slower) for prompt in state.last)
    if rule != "repeat":
        prompts = (scene.say(rule), *prompts)
    quoted = next((prompt.article for prompt in state.last if prompt.article), None)
    return Draft(
        prompts,
        acts(scene) or state.listened,
        rule,
        state.question,
        article=quoted,
        unknowns=state.unknowns,
        repeatable=False,
    )
