"""What every test may ask for."""

from pathlib import Path

import pytest

from speech.models import ModelStore


@pytest.fixture(scope="session")
def models() -> ModelStore:
    """The real models of the default set, fetched once into the cache that `make models` fills."""
    store = ModelStore(Path.home() / ".cache" / "voicebot" / "models")
    for model_id in store.catalogue.default_ids():
        store.fetch(model_id)
    return store
