"""An operator's own catalogue: a YAML file that adds models, or changes what the built-in catalogue says of one.

models:
  whisper-nb-base:                  # a known id: only the fields given here change
    sources:
      - folder: /srv/models/nb-whisper-base
      - url: https://weights.nordlys.example/nb-whisper-base/{file}
  piper-nb-kari:                    # a new id: kind, licence, files and sources are needed
    kind: piper                     # whisper, piper, vad or turn
    languages: [nb, nn]
    licence: ours
    summary: Kari, the voice of Nordlys
    files:
      kari.onnx: {sha256: 9f86d081884c7d65…, size: 63201294}      # both optional; the hash is worth having
      kari.onnx.json: {}
    sources:
      - hub: nordlys/voices         # owner/name
        revision: main
        paths: {kari.onnx: kari/kari.onnx}                        # those not at the root under their own name
      - members: {kari.onnx: [kari-voice==1.0.0:kari_voice/kari.onnx], …}     # of wheels; several are joined
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from speech.errors import SpeechError
from speech.models.catalogue import (
    Catalogue,
    FolderSource,
    HubSource,
    Kind,
    Member,
    Model,
    ModelFile,
    Source,
    UrlSource,
    WheelSource,
)
from speech.models.defaults import default_catalogue

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPO = re.compile(r"[\w.-]+/[\w.-]+")
_WHEEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+_-]+")
_FIELDS = ("kind", "languages", "licence", "summary", "files", "sources", "default")


class CatalogueInvalid(SpeechError):
    """A catalogue file cannot be used; `faults` holds every fault at once."""

    def __init__(self, path: Path, faults: Iterable[str]) -> None:
        """Name the file once, and each fault on its own line."""
        self.faults = tuple(faults)
        super().__init__(f"{path} has faults:\n" + "\n".join(f"  {fault}" for fault in self.faults))


class _Fault(Exception):
    """One thing wrong; the message says where and what to write instead."""


def read_catalogue(path: Path, known: Catalogue | None = None) -> Catalogue:
    """Join an operator's catalogue to the one there is.

    Args:
        path: a YAML file as shown above.
        known: what the file adds to; the built-in catalogue when not given.
    Raises:
        CatalogueInvalid: the file cannot be read or has faults; all of them are listed.
    """
    known = known or default_catalogue()
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise CatalogueInvalid(path, [f"it cannot be read: {fault.strerror}"]) from fault
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise CatalogueInvalid(path, [f"it is not YAML: {' '.join(str(fault).split())}"]) from fault
    if not isinstance(told, dict) or set(told) != {"models"} or not isinstance(told["models"], dict):
        raise CatalogueInvalid(path, ["it must hold `models:` and under it one entry per model id"])
    models: list[Model] = []
    faults: list[str] = []
    for model_id, entry in told["models"].items():
        try:
            models.append(_model(model_id, entry, known, path.parent))
        except _Fault as fault:
            faults.append(f"models.{model_id}{fault}")
    if faults:
        raise CatalogueInvalid(path, faults)
    return Catalogue((*known, *models))


def _model(model_id: Any, entry: Any, known: Catalogue, beside: Path) -> Model:
    if not isinstance(model_id, str) or not _ID.fullmatch(model_id):
        raise _Fault(": an id is lower-case letters, digits and dashes")
    fields = _mapping(entry, "")
    if unknown := sorted(set(map(str, fields)) - set(_FIELDS)):
        raise _Fault(f".{unknown[0]}: no such field; there are {', '.join(_FIELDS)}")
    if model_id in known:
        model = known[model_id]
    elif missing := [field for field in ("kind", "licence", "files", "sources") if field not in fields]:
        raise _Fault(f": a new model needs {', '.join(missing)}")
    else:
        model = Model(model_id, Kind.WHISPER, (), "", "", (), ())
    changed = replace(model, **{name: _field(name, value, beside) for name, value in fields.items()})
    _check_names(changed)
    return changed


def _field(name: str, value: Any, beside: Path) -> Any:
    match name:
        case "kind":
            if value not in list(Kind):
                raise _Fault(f".kind: must be one of {', '.join(Kind)}, not {value!r}")
            return Kind(value)
        case "languages":
            return _texts(value, ".languages")
        case "files":
            files = _mapping(value, ".files")
            if not files:
                raise _Fault(".files: a model has at least one file")
            return tuple(_file(file, told) for file, told in files.items())
        case "sources":
            if not isinstance(value, list) or not value:
                raise _Fault(".sources: must be a list of folder, url, hub or members")
            return tuple(_source(told, f".sources[{number}]", beside) for number, told in enumerate(value))
        case "default":
            if not isinstance(value, bool):
                raise _Fault(".default: must be true or false")
            return value
        case _:
            return _text(value, f".{name}")


def _file(name: Any, told: Any) -> ModelFile:
    place = f".files.{name}"
    if not isinstance(name, str) or not _FILE.fullmatch(name):
        raise _Fault(f"{place}: must be a plain file name")
    fields = _mapping({} if told is None else told, place)
    if unknown := sorted(set(map(str, fields)) - {"sha256", "size"}):
        raise _Fault(f"{place}.{unknown[0]}: no such field; there are sha256 and size")
    sha256, size = fields.get("sha256"), fields.get("size")
    if sha256 is not None and not (isinstance(sha256, str) and _SHA256.fullmatch(sha256.lower())):
        raise _Fault(f"{place}.sha256: must be 64 hexadecimal digits in quotes (`sha256sum {name}` prints them)")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
        raise _Fault(f"{place}.size: must be a number of bytes")
    return ModelFile(name, sha256.lower() if sha256 else None, size)


def _source(told: Any, place: str, beside: Path) -> Source:
    fields = _mapping(told, place)
    match fields:
        case {"folder": folder, **rest} if not rest:
            # A relative folder is meant from where the catalogue file is.
            return FolderSource(beside / Path(_text(folder, f"{place}.folder")).expanduser())
        case {"url": url, **rest} if not rest:
            if not _text(url, f"{place}.url").startswith(("http://", "https://")):
                raise _Fault(f"{place}.url: must begin with http:// or https://")
            return UrlSource(url)
        case {"hub": repo, **rest} if set(rest) <= {"revision", "paths"}:
            if not _REPO.fullmatch(_text(repo, f"{place}.hub")):
                raise _Fault(f"{place}.hub: must be owner/name")
            revision = _text(rest.get("revision", "main"), f"{place}.revision")
            paths = _mapping(rest.get("paths", {}), f"{place}.paths")
            return HubSource(repo, revision, {name: _text(at, f"{place}.paths.{name}") for name, at in paths.items()})
        case {"members": members, **rest} if not rest:
            return WheelSource(
                {
                    name: tuple(_member(text, f"{place}.members.{name}") for text in _texts(parts, f"{place}.members"))
                    for name, parts in _mapping(members, f"{place}.members").items()
                }
            )
        case _:
            raise _Fault(f"{place}: must have folder, or url, or hub (with revision and paths), or members, no more")


def _member(text: str, place: str) -> Member:
    wheel, colon, path = text.partition(":")
    if not colon or not _WHEEL.fullmatch(wheel) or not path:
        raise _Fault(f"{place}: must be package==version:path/inside, not {text!r}")
    return Member(wheel, path)


def _check_names(model: Model) -> None:
    """A source that names a file the model does not have is a slip of the pen."""
    names = {file.name for file in model.files}
    for source in model.sources:
        named: Mapping[str, object] = {}
        if isinstance(source, HubSource):
            named = source.paths
        elif isinstance(source, WheelSource):
            named = source.members
        if strangers := sorted(set(named) - names):
            raise _Fault(f".sources: {strangers[0]} is not among the files of the model")
        if isinstance(source, UrlSource) and len(names) > 1 and "{file}" not in source.url:
            raise _Fault(".sources: the url needs {file} in it, for the model has several files")


def _mapping(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Fault(f"{place}: must be keys with values")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Fault(f"{place}: must be text")
    return value


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Fault(f"{place}: must be a list")
    # YAML reads a bare `no` as false; whoever writes Norwegian that way should hear about it.
    return tuple(_text(item, f"{place}[{number}]") for number, item in enumerate(value))
