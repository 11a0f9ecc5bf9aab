"""Model files: what there is, where it can be had, and whether the bytes are the right ones."""

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
from speech.models.fetching import FetchSettings, Progressed, ProgressSink, quiet
from speech.models.store import ModelStore

__all__ = [
    "Catalogue",
    "FetchSettings",
    "FolderSource",
    "HubSource",
    "Kind",
    "Member",
    "Model",
    "ModelFile",
    "ModelStore",
    "Progressed",
    "ProgressSink",
    "Source",
    "UrlSource",
    "WheelSource",
    "default_catalogue",
    "quiet",
]
