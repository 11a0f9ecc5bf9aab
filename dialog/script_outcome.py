"""What the bot did in a turn of a script, and where that differs from what it should have done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialog.events import HandOff, HangUp, Reply
from dialog.markup import unmarked
from dialog.script import Expected
from dialog.state import SlotAsked, SlotDoubtful, State, WhichTopic


@dataclass(frozen=True, slots=True)
class Observed:
    """What the bot did in one turn: in all the replies of it, when acts were done in between.

    Args:
        said: everything it said, marks and all.
        articles: quoted, in order.
        flows: under way after the turn, and those that ended in it; the one that has the floor last.
        asks: the slot it waits for, or None.
        slots: canonical values of all flows of the turn.
        rules: what decided, reply by reply.
        hands_off: the department, or None.
        ends: it hung up.
        choice: ids of what is offered.
        language: of the call after the turn.
        score: of the last decision, or None.
        rings: people are being rung for the caller.
        rating: given by the caller, or None.
    """

    said: str
    articles: tuple[str, ...]
    flows: tuple[str, ...]
    asks: str | None
    slots: Mapping[str, str]
    rules: tuple[str, ...]
    hands_off: str | None
    ends: bool
    choice: tuple[str, ...]
    language: str
    score: float | None
    rings: bool = False
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was not as it should be.

    Args:
        key: of the script.
        wanted: what stands there.
        got: what happened.
    """

    key: str
    wanted: str
    got: str


def observe(steps: Sequence[tuple[State, Reply]]) -> Observed:
    """What happened in one turn.

    Args:
        steps: each reply with the state after it; at least one.
    """
    replies = [reply for _, reply in steps]
    state, last = steps[-1]
    question = state.frames[-1].question if state.frames else None
    quoted = [prompt.article for reply in replies for prompt in reply.prompts]
    flows = [name for step, reply in steps for name in _flows(step, reply)]
    slots = {name: value for step, reply in steps for name, value in _slots(step, reply).items()}
    return Observed(
        said=" ".join(prompt.text for reply in replies for prompt in reply.prompts),
        articles=tuple(dict.fromkeys(article for article in quoted if article)),
        flows=tuple(dict.fromkeys(flows)),
        asks=question.slot if isinstance(question, SlotAsked | SlotDoubtful) else None,
        slots=slots,
        rules=tuple(reply.decision.rule for reply in replies),
        hands_off=last.action.department if isinstance(last.action, HandOff) else None,
        ends=isinstance(last.action, HangUp),
        choice=_choice(state),
        language=state.language,
        score=last.decision.score,
        rings=bool(state.ringing),
        rating=next((int(str(told)) for told in _ratings(replies)), None),
    )


def _ratings(replies: Sequence[Reply]) -> Iterator[object]:
    return (reply.decision.details["rating"] for reply in replies if "rating" in reply.decision.details)


def _flows(state: State, reply: Reply) -> list[str]:
    """Flows of a step, the one that has the floor last; one that ended in it is in its decision only."""
    decided = reply.decision.details.get("flow")
    return [*([str(decided)] if decided else []), *(frame.flow for frame in state.frames)]


def _slots(state: State, reply: Reply) -> dict[str, str]:
    decided = reply.decision.details.get("slots")
    found = {str(name): str(value) for name, value in decided.items()} if isinstance(decided, Mapping) else {}
    return found | {filled.slot: filled.value for frame in state.frames for filled in frame.slots}


def _choice(state: State) -> tuple[str, ...]:
    return (
        tuple(topic.article or topic.flow for topic in state.question.topics)
        if isinstance(state.question, WhichTopic)
        else ()
    )


def differences(expected: Expected, observed: Observed, shown: str) -> tuple[Difference, ...]:
    """Where a turn was not as its script wants it, in the order of docs/testing-a-bot.md.

    Args:
        expected: by the script.
        observed: in the conversation.
        shown: what was said, as it is written for eyes; `says` may use this or the words of the folder.
    """
    return tuple(_differences(expected, observed, shown))


def _differences(expected: Expected, observed: Observed, shown: str) -> Iterator[Difference]:
    if expected.article is not None and expected.article not in observed.articles:
        yield Difference("article", expected.article, _listed(observed.articles))
    if expected.flow is not None and expected.flow not in observed.flows:
        yield Difference("flow", expected.flow, _listed(observed.flows))
    if expected.asks is not None and expected.asks != observed.asks:
        yield Difference("asks", expected.asks, observed.asks or "nothing")
    for slot, value in expected.slots.items():
        if observed.slots.get(slot, "") != value:
            yield Difference(f"slot {slot}", value or "unknown", observed.slots.get(slot) or "unknown")
    said = [_folded(text) for text in (observed.said, unmarked(observed.said), shown)]
    for part in expected.says:
        if not any(_folded(part) in text for text in said):
            yield Difference("says", part, shown or "nothing")
    for part in expected.not_says:
        if any(_folded(part) in text for text in said):
            yield Difference("not_says", f"never {part}", shown)
    if expected.rule and not set(expected.rule) & set(observed.rules):
        yield Difference("rule", " or ".join(expected.rule), ", ".join(observed.rules))
    yield from _ending(expected, observed)
    if missing := [name for name in expected.choice if name not in observed.choice]:
        yield Difference("choice", _listed(missing), _listed(observed.choice))
    if expected.rings is not None and expected.rings != observed.rings:
        words = {True: "somebody is rung", False: "nobody is rung"}
        yield Difference("rings", words[expected.rings], words[observed.rings])
    if expected.rating is not None and expected.rating != observed.rating:
        yield Difference("rating", str(expected.rating), str(observed.rating or "none"))
    if expected.language is not None and expected.language != observed.language:
        yield Difference("language", expected.language, observed.language)


def _ending(expected: Expected, observed: Observed) -> Iterator[Difference]:
    wanted, got = expected.hands_off, observed.hands_off
    if isinstance(wanted, bool) and wanted != (got is not None):
        yield Difference("hands_off", "a person" if wanted else "nobody", got or "nobody")
    elif isinstance(wanted, str) and wanted != got:
        yield Difference("hands_off", wanted, got or "nobody")
    if expected.ends is not None and expected.ends != observed.ends:
        words = {True: "hangs up", False: "goes on"}
        yield Difference("ends", words[expected.ends], words[observed.ends])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
