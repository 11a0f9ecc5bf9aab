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
from speech.models.operator_catalogue import CatalogueInvalid, read_catalogue
from speech.models.store import ModelStore
from speech.models.web import hub_answers

__all__ = [
    "Catalogue",
    "CatalogueInvalid",
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
    "hub_answers",
    "quiet",
    "read_catalogue",
]
