"""What is looked at before the first caller: names and folders that would otherwise fail in the middle of something."""

import difflib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from dialog import Bot, Engine, load_bot
from dialog.errors import BotInvalid, Fault
from speech.models import Catalogue, Kind, default_catalogue, read_catalogue
from voicebot.config import Config, ConfigInvalid


def open_mind(config: Config, bot_folder: Path) -> Engine:
    """A checked bot and its mind; takes seconds the first time a bot is seen.

    Raises:
        BotInvalid: the bot folder has faults, or names a voice that does not exist.
        ConfigInvalid: the cache folder cannot be written, or the configuration names a model that does not exist.
        ModelUnavailable: the catalogue file cannot be used.
    """
    bot = load_bot(bot_folder)
    catalogue = open_catalogue(config)
    if unknown := unknown_voices(bot, catalogue):
        raise BotInvalid(str(bot_folder), unknown)
    faults = [
        f"speech.{key}: {fault}"
        for key, chosen, kind in (
            ("whisper", config.speech.whisper, Kind.WHISPER),
            ("voices", config.speech.voices, Kind.PIPER),
        )
        for fault in _unknown(chosen, kind, catalogue)
    ]
    if faults:
        raise ConfigInvalid(tuple(faults))
    _see_that_it_can_be_written(config.speech.cache_folder)
    return Engine(bot, config.speech.cache_folder / "dialog")


def open_catalogue(config: Config) -> Catalogue:
    """The models there are: built in, or those of the operator's file.

    Raises:
        ModelUnavailable: the file cannot be used.
    """
    return default_catalogue() if config.models.catalogue is None else read_catalogue(config.models.catalogue)


def unknown_voices(bot: Bot, catalogue: Catalogue) -> tuple[Fault, ...]:
    """The bot's voices that are in no catalogue."""
    return tuple(
        Fault("bot.yaml", None, f"voices.{what}", cure)
        for what, _, cure in (fault.partition(" -> ") for fault in _unknown(bot.voices, Kind.PIPER, catalogue))
    )


def _unknown(chosen: Mapping[str, str], kind: Kind, catalogue: Catalogue) -> Iterator[str]:
    known = [model.id for model in catalogue if model.kind is kind]
    for language, model_id in chosen.items():
        if model_id not in known:
            near = difflib.get_close_matches(model_id, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"
            yield f"{language} = {model_id!r} is no {kind} model -> {hint} (`voicebot models list`)"


def _see_that_it_can_be_written(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as error:
        cure = "set VOICEBOT_CACHE_FOLDER to a folder that this user can write"
        raise ConfigInvalid(
            (f"speech.cache_folder: {folder} cannot be written ({error.strerror}) -> {cure}",)
        ) from error
