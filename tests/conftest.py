"""What every test may ask for."""

import pytest

from speech.models import ModelStore
from voicebot.commands.models import open_store, prepare
from voicebot.config import load_config


@pytest.fixture(scope="session")
def models() -> ModelStore:
    """The real models of the default set, fetched and prepared once, in the folder that `make models` fills."""
    store = open_store(load_config().models)
    for model_id in store.catalogue.default_ids():
        store.fetch(model_id)
        prepare(store, model_id)
    return store
