"""What a bot can do in the world: typed functions in its actions.py, found, checked and converted, never run here.

    from dialog.actions import action

    @dataclass(frozen=True)
    class Order:
        status: Literal["sent", "packed", "not_found"]
        arrives: date | None = None

    @action(timeout_seconds=3)
    def find_order(order: str, post_code: str) -> Order: ...

Parameters get the canonical text of a slot, converted when the annotation says int, Decimal, date, time, datetime or
bool. Results are dataclasses of such fields, or None.
"""

import hashlib
import importlib.util
import inspect
import sys
import traceback
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from dialog.errors import DialogError, Fault
from dialog.identity import FROM_PROOF, Identity

ACTIONS_FILE = "actions.py"
SEND_LINK = "send_link"
"""The one action that every bot has: the program itself sends a text message."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Policy:
    """How patiently an action is run.

    Args:
        timeout_seconds: for each attempt.
        attempts: at most; more than one only for what may safely be done twice.
        retry_on: exceptions after which it is tried again.
    """

    timeout_seconds: float = 5.0
    attempts: int = 1
    retry_on: tuple[type[Exception], ...] = (ConnectionError,)


@dataclass(frozen=True, slots=True)
class Value:
    """What a parameter takes or a field of a result holds.

    Args:
        kind: str, int, bool, Decimal, date, time or datetime.
        optional: it may be None, or has a default.
        choices: the only texts it can be, or empty.
    """

    kind: type
    optional: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """An action as the flows see it.

    Args:
        name: of the function.
        function: plain or async.
        parameters: what it takes.
        results: fields of its result; empty when it returns None.
        policy: how it is run.
        line: in actions.py.
        from_proof: parameters beside `parameters` that the program fills in once the caller is proven to be somebody.
    """

    name: str
    function: Callable[..., Any]
    parameters: Mapping[str, Value]
    results: Mapping[str, Value]
    policy: Policy = Policy()
    line: int | None = None
    from_proof: tuple[str, ...] = ()

    @property
    def is_async(self) -> bool:
        """True when calling it gives something to await."""
        return inspect.iscoroutinefunction(self.function)


class ArgumentsInvalid(DialogError):
    """An argument cannot be converted to what the function takes; names the parameter, never its value."""


def action(
    *, timeout_seconds: float = 5.0, attempts: int = 1, retry_on: tuple[type[Exception], ...] = (ConnectionError,)
) -> Callable[[F], F]:
    """Mark a function as one that flows may call.

    Args:
        timeout_seconds: for each attempt; the caller hears that it takes a moment.
        attempts: at most. More than one only for what may be done twice: looking up, not ordering.
        retry_on: exceptions after which it is tried again.
    """

    def marked(function: F) -> F:
        setattr(function, _MARK, Policy(timeout_seconds, attempts, retry_on))
        return function

    return marked


_MARK = "__voicebot_action__"
_KINDS: tuple[type, ...] = (str, int, bool, Decimal, date, time, datetime)


def load_actions(folder: Path, faults: list[Fault]) -> Mapping[str, ActionSpec]:
    """The actions of a bot folder, by name; empty without an actions.py. Runs that file, and calls nothing in it.

    Args:
        folder: the bot folder.
        faults: where faults are put.
    """
    path = folder / ACTIONS_FILE
    if not path.is_file():
        return {}
    module = _imported(path, faults)
    if module is None:
        return {}
    found: dict[str, ActionSpec] = {}
    for name, member in vars(module).items():
        policy = getattr(member, _MARK, None)
        if isinstance(policy, Policy) and inspect.isfunction(member):
            spec = _spec(name, member, policy, faults)
            if spec is not None:
                found[name] = spec
    return found


def _imported(path: Path, faults: list[Fault]) -> types.ModuleType | None:
    """The module, under a name of its own: two bots may both have an actions.py."""
    digest = hashlib.sha256(str(path.resolve()).encode() + path.read_bytes()).hexdigest()[:16]
    name = f"bot_actions_{digest}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        faults.append(Fault(ACTIONS_FILE, None, "this file cannot be imported", "write it as a Python module"))
        return None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look for their module by name when annotations are texts.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the bot's own code raises is a fault of that file
        del sys.modules[name]
        faults.append(
            Fault(
                ACTIONS_FILE,
                _line_of(error, path),
                f"importing it fails: {type(error).__name__}: {error}",
                "correct it; nothing may be opened or looked up when the file is imported",
            )
        )
        return None
    return module


def _line_of(error: Exception, path: Path) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] if lines else None


def _spec(name: str, function: Callable[..., Any], policy: Policy, faults: list[Fault]) -> ActionSpec | None:
    line = function.__code__.co_firstlineno
    wrong: list[tuple[str, str]] = []
    try:
        hints = get_type_hints(function)
    except (NameError, TypeError) as error:
        faults.append(Fault(ACTIONS_FILE, line, f"{name}: an annotation cannot be read: {error}", "correct it"))
        return None
    parameters: dict[str, Value] = {}
    from_proof: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in FROM_PROOF:
            from_proof.append(parameter.name)
            if hints.get(parameter.name) != _FROM_PROOF_TYPES[parameter.name]:
                wrong.append((f"{name}: parameter {parameter.name} is filled in from the proof", _FROM_PROOF_CURE))
            continue
        value = _value(hints.get(parameter.name))
        if value is None or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            wrong.append((f"{name}: parameter {parameter.name} has no type a slot can be", _CURE))
            continue
        has_default = parameter.default is not parameter.empty
        parameters[parameter.name] = Value(value.kind, value.optional or has_default, value.choices)
    results = _results(name, hints.get("return", types.NoneType), wrong)
    faults += [Fault(ACTIONS_FILE, line, what, cure) for what, cure in wrong]
    return None if wrong else ActionSpec(name, function, parameters, results, policy, line, tuple(from_proof))


_FROM_PROOF_TYPES: Mapping[str, object] = {"identity": Identity, "national_id": str | None}
_FROM_PROOF_CURE = "annotate `identity: Identity` (from dialog.identity) and `national_id: str | None`"
_CURE = "annotate it: str, int, bool, Decimal, date, time, datetime, Literal of texts, or one of these | None"


def _results(name: str, annotation: Any, wrong: list[tuple[str, str]]) -> dict[str, Value]:
    if annotation in (None, types.NoneType):
        return {}
    if not (inspect.isclass(annotation) and is_dataclass(annotation)):
        wrong.append((f"{name} returns no dataclass", "return a frozen dataclass, or None"))
        return {}
    hints = get_type_hints(annotation)
    found: dict[str, Value] = {}
    for field in fields(annotation):
        value = _value(hints[field.name])
        if value is None:
            wrong.append((f"{name}: field {field.name} of its result has no type that can be said", _CURE))
        else:
            found[field.name] = value
    return found


def _value(annotation: Any) -> Value | None:
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [one for one in get_args(annotation) if one is not types.NoneType]
        value = _value(inner[0]) if len(inner) == 1 else None
        return None if value is None else Value(value.kind, True, value.choices)
    if get_origin(annotation) is Literal:
        choices = get_args(annotation)
        return Value(str, choices=choices) if all(isinstance(choice, str) for choice in choices) else None
    return Value(annotation) if annotation in _KINDS else None


def typed_arguments(spec: ActionSpec, arguments: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of an `Act` as the function takes them, but for those that come from a proof of identity.

    An empty text is None, or the parameter's default.

    Raises:
        ArgumentsInvalid: a text does not fit its parameter.
    """
    found: dict[str, Any] = {}
    for name, text in arguments.items():
        value = spec.parameters.get(name)
        if value is None:
            raise ArgumentsInvalid(f"{spec.name} has no parameter {name}")
        if not text and value.optional:
            continue
        try:
            found[name] = _typed(text, value.kind)
        except (ValueError, InvalidOperation) as error:
            raise ArgumentsInvalid(f"{spec.name}: {name} is no {value.kind.__name__}") from error
    for name, parameter in inspect.signature(spec.function).parameters.items():
        if name in spec.from_proof:
            continue
        if name not in found and parameter.default is parameter.empty and spec.parameters[name].optional:
            found[name] = None
    return found


def _typed(text: str, kind: type) -> Any:
    if kind is bool:
        if text not in ("yes", "no"):
            raise ValueError(kind)
        return text == "yes"
    if kind is datetime or kind is date or kind is time:
        return kind.fromisoformat(text)
    if kind is Decimal:
        return Decimal(text.partition(" ")[0])
    return kind(text)


def result_texts(result: object) -> dict[str, str]:
    """A function's result as `ActionDone` carries it: texts by field, without those that are None."""
    if result is None or not is_dataclass(result):
        return {}
    values = ((field.name, getattr(result, field.name)) for field in fields(result))
    return {name: _text(value) for name, value in values if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="minutes")
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else str(value)
