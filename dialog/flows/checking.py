"""What can only be seen when all of a bot has been read: names that lead nowhere, steps nobody reaches, circles."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialog.actions import ActionSpec
from dialog.flows.flow import (
    ELSE,
    Block,
    Branch,
    CallFlow,
    Collect,
    DoAction,
    End,
    Flow,
    PassOn,
    Path,
    Step,
    blocks_of,
    every_step,
)
from dialog.flows.reading import Draft
from dialog.identity_source import faults_of_required
from dialog.markup import BRACES, KINDS, faults_of_text
from dialog.yamlsource import did_you_mean

NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
WEB_KINDS = ("url", "email")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the flows of a bot may name.

    Args:
        articles: ids.
        departments: ids.
        actions: by name.
        identity: how the bot's callers prove who they are, or "".
    """

    articles: Collection[str]
    departments: Collection[str]
    actions: Mapping[str, ActionSpec]
    identity: str = ""


def check_flows(drafts: Sequence[Draft], around: Surroundings) -> None:
    """Put the faults of flows that were read into the lists they came with."""
    flows = {draft.flow.id: draft.flow for draft in drafts}
    taken: dict[str, str] = {}
    for draft in drafts:
        _Checker(draft, flows, around).check()
        for article in draft.flow.articles:
            if article in taken:
                what = f"`articles`: {article} is already taken by the flow {taken[article]}"
                draft.source.fault(draft.lines.get("articles"), what, "leave it to one of them")
            taken.setdefault(article, draft.flow.id)


class _Checker:
    """Checks one flow."""

    def __init__(self, draft: Draft, flows: Mapping[str, Flow], around: Surroundings) -> None:
        self._draft = draft
        self._flow = draft.flow
        self._flows = flows
        self._around = around
        self._values = dict.fromkeys(draft.slots, ()) | _names(draft.flow, flows, around)

    def check(self) -> None:
        for article in self._flow.articles:
            self._known(
                self._draft.lines.get("articles", 1), "`articles`", article, self._around.articles, "an article"
            )
        steps = every_step(self._flow.steps)
        for path, step in steps:
            self._step(path, step)
        self._identity()
        self._on_failure()
        self._slots(steps)
        self._reachable(self._flow.steps, ())
        self._circle()
        for node, where, text in self._draft.texts:
            for what, cure in faults_of_places(text, self._values):
                self._draft.source.fault(node, f"{where}: {what}", cure)

    def _fault(self, path: Path | int, what: str, cure: str, warning: bool = False) -> None:
        line = path if isinstance(path, int) else self._draft.lines.get(path)
        self._draft.source.fault(line, what, cure, warning)

    def _known(self, path: Path | int, where: str, name: str, known: Collection[str], what: str) -> bool:
        if name in known:
            return True
        self._fault(path, f"{where}: {name} is not {what}", did_you_mean(name, known))
        return False

    def _step(self, path: Path, step: Step) -> None:
        match step:
            case Collect(slot=slot):
                self._known(path, "collect", slot, self._draft.slots, "a slot of this flow")
            case DoAction():
                self._action(path, step)
            case Branch():
                self._branch(path, step)
            case CallFlow(flow=flow):
                self._known(path, "call", flow, self._flows, "a flow")
            case PassOn(department=department):
                self._known(path, "handoff", department, self._around.departments, "a department of bot.yaml")
            case _:
                pass

    def _action(self, path: Path, step: DoAction) -> None:
        actions = self._around.actions
        if not self._known(path, "action", step.action, actions, "a function of actions.py"):
            return
        spec = actions[step.action]
        if spec.from_proof and not self._flow.requires:
            what = f"action: {step.action} wants {' and '.join(spec.from_proof)}, which this flow does not prove"
            self._fault(path, what, "write `requires: identity` at the top of the flow")
        for parameter, value in step.arguments.items():
            self._known(path, f"with: {step.action}", parameter, spec.parameters, "a parameter of the function")
            if not value.startswith("="):
                self._value(path, f"with: {parameter}", value)
        for parameter, declared in spec.parameters.items():
            if parameter not in step.arguments and not declared.optional:
                self._fault(path, f"with: {step.action} needs {parameter}", f"add `{parameter}: slot` to `with`")
        if step.result and not spec.results:
            self._fault(path, f"result: {step.action} returns nothing", "remove `result`", warning=True)
        if step.result in self._flow.slots:
            self._fault(path, f"result: {step.result} is also a slot", "give one of them another name")

    def _identity(self) -> None:
        lines, file = self._draft.lines, self._draft.source.file
        line = lines.get("level", lines.get("requires"))
        faults = self._draft.source.faults
        faults += faults_of_required(file, self._flow.requires, self._around.identity, line)

    def _value(self, path: Path, where: str, name: str) -> bool:
        return self._known(path, where, name, self._values, "a slot or a field of a result")

    def _branch(self, path: Path, step: Branch) -> None:
        if not self._value(path, "branch", step.value):
            return
        if not step.cases:
            self._fault(path, "branch: there are no cases", "add at least `else:`")
        choices = self._values[step.value]
        for case in step.cases:
            if choices and case != ELSE and case not in choices:
                what = f"case {case}: {step.value} is never that"
                self._fault(path, what, did_you_mean(case, choices), warning=True)

    def _on_failure(self) -> None:
        step = self._flow.on_failure
        line = self._draft.lines.get("on_failure")
        if isinstance(step, PassOn) and step.department and line is not None:
            self._known(line, "`on_failure`", step.department, self._around.departments, "a department of bot.yaml")

    def _slots(self, steps: Sequence[tuple[Path, Step]]) -> None:
        collected = {step.slot for _, step in steps if isinstance(step, Collect)}
        for slot, line in self._draft.slots.items():
            if not NAME.fullmatch(slot) or "." in slot:
                self._fault(line, f"slot {slot}: a name has only letters, digits and _", "rename it")
            if slot not in collected:
                self._fault(line, f"slot {slot} is never collected", "collect it, or remove it", warning=True)

    def _reachable(self, block: Block, path: Path) -> None:
        for place, step in enumerate(block):
            for name, inner in blocks_of(step).items():
                self._reachable(inner, (*path, place, name))
            if _leaves(step) and place + 1 < len(block):
                what = "this step is never reached: the one before it ends the flow or goes elsewhere"
                self._fault((*path, place + 1), what, "remove it, or move it up", warning=True)
                return

    def _circle(self) -> None:
        """A flow that calls itself, through others or not."""
        for path, step in every_step(self._flow.steps):
            if isinstance(step, CallFlow) and self._flow.id in _called(step.flow, self._flows):
                what = f"call: {step.flow} leads back to {self._flow.id}: flows that call each other never end"
                self._fault(path, what, "remove one of the calls")


def _leaves(step: Step) -> bool:
    """True when nothing behind the step in its block is ever reached."""
    match step:
        case End() | PassOn():
            return True
        case Branch(cases=cases):
            return ELSE in cases and all(_block_leaves(block) for block in cases.values())
        case _:
            inner = blocks_of(step)
            return len(inner) > 1 and all(_block_leaves(block) for block in inner.values())


def _block_leaves(block: Block) -> bool:
    return any(_leaves(step) for step in block)


def _called(flow_id: str, flows: Mapping[str, Flow]) -> set[str]:
    """A flow and all that it calls, however far."""
    found: set[str] = set()
    waiting = [flow_id]
    while waiting:
        name = waiting.pop()
        if name not in found and name in flows:
            found.add(name)
            waiting += [step.flow for _, step in every_step(flows[name].steps) if isinstance(step, CallFlow)]
    return found | {flow_id}


def _names(flow: Flow, flows: Mapping[str, Flow], around: Surroundings) -> dict[str, tuple[str, ...]]:
    """Slots and fields of results that a flow's texts and steps may name, with the only values they can have."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(_called(flow.id, flows)):
        one = flows.get(name)
        if one is None:
            continue
        found.update({slot.id: slot.values for slot in one.slots.values()})
        for _, step in every_step(one.steps):
            if isinstance(step, DoAction) and step.result and step.action in around.actions:
                fields = around.actions[step.action].results
                found.update({f"{step.result}.{field}": _choices(value) for field, value in fields.items()})
    return found


def _choices(value: object) -> tuple[str, ...]:
    choices: tuple[str, ...] = getattr(value, "choices", ())
    return choices or (("yes", "no") if getattr(value, "kind", None) is bool else ())


def faults_of_places(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the places and marked values of a flow's text, and the cure."""
    for content in BRACES.findall(text):
        name, bar, kind = content.rpartition("|")
        name = name.strip() if bar else kind.strip()
        if name in known:
            if bar and kind not in KINDS:
                yield f"{{{content}}}: {kind} is not a kind", f"use one of {', '.join(KINDS)}"
        elif NAME.fullmatch(name) and not (bar and kind in WEB_KINDS):
            yield f"{{{content}}}: {name} is no slot and no field of a result", did_you_mean(name, known)
        else:
            yield from faults_of_text(f"{{{content}}}")
    yield from faults_of_text(BRACES.sub("", text))
