"""What every test may ask for."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from speech.models import ModelStore
from tests.browser import Page
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


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--screenshots FOLDER`: tests in a browser leave pictures of what they see on the way."""
    parser.addoption("--screenshots", type=Path, default=None, help="a folder for pictures of pages")


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[[Page, str], Awaitable[None]]:
    """Leave a picture of a page under this name, where pictures were asked for."""
    folder: Path | None = request.config.getoption("--screenshots")

    async def take(page: Page, name: str) -> None:
        if folder is not None:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            await page.screenshot(folder / f"{name}.png")

    return take
