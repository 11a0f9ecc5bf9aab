"""What every test may ask for."""

import pytest

from speech.models import ModelStore
from voicebot.commands.models import prepare
from voicebot.config import load_config
from voicebot.house import open_store


@pytest.fixture(scope="session")
def models() -> ModelStore:
    """The real models of the default set, fetched and prepared once, in the folder that `make models` fills."""
    store = open_store(load_config())
    for model_id in store.catalogue.default_ids():
        store.fetch(model_id)
        prepare(store, model_id)
    return store
