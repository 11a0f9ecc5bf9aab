"""Every setting's raw value found where it stands: the environment, a file of one secret, or the YAML file."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from voicebot.config_settings import SETTINGS, Setting

SECRET_BYTES = 65_536
"""More than any key or token; a path that was mistaken for another file is not read into memory whole."""


@dataclass
class Findings:
    """What was found while reading: faults stop the start, warnings do not."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_values(path: Path | None, env: Mapping[str, str], findings: Findings) -> dict[str, Any]:
    """Every setting's typed value by key; the default where it is given nowhere or cannot be read.

    Args:
        path: the YAML file, or None.
        env: the environment.
        findings: receives every fault and warning.
    """
    from_file = {} if path is None else _read_file(path, findings.faults)
    return {setting.key: _value(setting, from_file, env, findings) for setting in SETTINGS}


def _value(setting: Setting, from_file: dict[str, tuple[Any, str]], env: Mapping[str, str], findings: Findings) -> Any:
    named = _named_file(setting, env)
    raw: Any
    if env.get(setting.env, "").strip():
        raw, place = env[setting.env], f"environment variable {setting.env}"
        if named:
            findings.faults.append(f"{setting.env} and {setting.env}_FILE are both set -> unset one of them")
            return setting.default
    elif named:
        place = f"the file that {setting.env}_FILE names"
        raw = _secret_in(Path(named).expanduser(), setting, findings)
        if raw is None:
            return setting.default
    elif setting.key in from_file:
        raw, place = from_file[setting.key]
        if setting.secret:
            findings.faults.append(
                f"{place}: {setting.key} is a secret -> set {setting.env} in the environment instead, "
                f"or {setting.env}_FILE to the path of a file that holds it"
            )
            return None
    else:
        default = setting.default
        return default.expanduser() if isinstance(default, Path) else default
    try:
        return setting.read(raw)
    except ValueError as error:
        shown = "(hidden)" if setting.secret else repr(raw)
        findings.faults.append(f"{place}: {setting.key} = {shown} {error} ({setting.what})")
        return setting.default


def _named_file(setting: Setting, env: Mapping[str, str]) -> str:
    """The path in NAME_FILE of a secret NAME; empty when there is none, or when NAME_FILE is a setting of its own."""
    name = f"{setting.env}_FILE"
    if not setting.secret or any(other.env == name for other in SETTINGS):
        return ""
    return env.get(name, "").strip()


def _secret_in(path: Path, setting: Setting, findings: Findings) -> str | None:
    name = f"{setting.env}_FILE"
    try:
        with path.open("rb") as file:
            content = file.read(SECRET_BYTES + 1)
            mode = path.stat().st_mode
    except OSError as error:
        findings.faults.append(f"{name}: {path} cannot be read ({error.strerror}) -> give the secret's file")
        return None
    if len(content) > SECRET_BYTES or not content.strip():
        findings.faults.append(f"{name}: {path} is {'empty' if not content.strip() else 'too long'} for a secret")
        return None
    try:
        secret = content.decode("utf-8")
    except UnicodeDecodeError:
        findings.faults.append(f"{name}: {path} is not text in UTF-8 -> write the secret alone on one line")
        return None
    if mode & 0o077:
        findings.warnings.append(f"{path} ({name}) can be opened by others than its owner -> chmod 600 {path}")
    return secret


def _read_file(path: Path, faults: list[str]) -> dict[str, tuple[Any, str]]:
    """The file's values by dotted key, each with the place it stands at."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        faults.append(f"{path}: cannot be read ({error.strerror}) -> give another file with --config")
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        faults.append(f"{path}{line}: is not valid YAML ({getattr(error, 'problem', 'not UTF-8')}) -> mend this line")
        return {}
    if root is None:
        return {}
    known = {setting.key for setting in SETTINGS}
    found: dict[str, tuple[Any, str]] = {}
    _flatten(root, "", path, known, found, faults)
    return found


def _flatten(
    node: yaml.Node,
    prefix: str,
    path: Path,
    known: set[str],
    found: dict[str, tuple[Any, str]],
    faults: list[str],
) -> None:
    place = f"{path}:{node.start_mark.line + 1}"
    if prefix in known:
        found[prefix] = (yaml.SafeLoader("").construct_object(node, deep=True), place)
        return
    if not isinstance(node, yaml.MappingNode):
        faults.append(f"{place}: {prefix or 'the file'} must be a mapping of keys")
        return
    for key_node, value_node in node.value:
        key = f"{prefix}.{key_node.value}" if prefix else str(key_node.value)
        if key in known or any(name.startswith(f"{key}.") for name in known):
            _flatten(value_node, key, path, known, found, faults)
        else:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "`voicebot config` lists every key"
            faults.append(f"{path}:{key_node.start_mark.line + 1}: unknown key {key} -> {hint}")
