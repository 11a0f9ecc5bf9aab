"""Fetching over HTTP: resume, retry, redirects, and never the wrong bytes."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speech.errors import ModelUnavailable
from speech.models import Catalogue, FetchSettings, HubSource, Kind, Model, ModelFile, ModelStore, UrlSource
from speech.models.web import hub_answers
from tests.hub_server import COMMIT, CutAfter, Hub, IgnoreRange, Status, WrongBytes, running_hub

WEIGHTS = bytes(range(256)) * 400
CONFIG = b'{"layers": 6}'


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as hub:
        hub.repos["nordlys/ears"] = {"model.bin": WEIGHTS, "sub/config.json": CONFIG}
        hub.large.add("model.bin")
        yield hub


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def ears(*, stated: str | None = None, repo: str = "nordlys/ears") -> Model:
    files = (ModelFile("model.bin", stated), ModelFile("config.json"))
    source = HubSource(repo, "main", {"config.json": "sub/config.json"})
    return Model("ears", Kind.WHISPER, ("nb",), "MIT", "test", files, (source,))


def plain(url: str, content: bytes = WEIGHTS, *, hashed: bool = True) -> Model:
    file = ModelFile("model.bin", sha256(content) if hashed else None)
    return Model("ears", Kind.WHISPER, ("nb",), "MIT", "test", (file,), (UrlSource(url),))


def store_of(folder: Path, hub_url: str, *models: Model) -> ModelStore:
    return ModelStore(folder, Catalogue(models), FetchSettings(hub=hub_url, pause=lambda seconds: None))


def test_large_and_small_files_arrive_with_what_the_hub_states(hub: Hub, tmp_path: Path) -> None:
    store = store_of(tmp_path, hub.url, ears())
    folder = store.fetch("ears")
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert (folder / "config.json").read_bytes() == CONFIG
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["commit"] == COMMIT
    assert manifest["files"]["model.bin"]["sha256"] == sha256(WEIGHTS)
    # The first question names the branch, everything after it the commit that the hub named.
    assert hub.asked[0] == "HEAD /nordlys/ears/resolve/main/model.bin"
    assert all(COMMIT in request or "/elsewhere/" in request for request in hub.asked[1:])


def test_ready_models_ask_nobody(hub: Hub, tmp_path: Path) -> None:
    store = store_of(tmp_path, hub.url, ears())
    store.fetch("ears")
    hub.asked.clear()
    assert store.fetch("ears") == store.folder_of("ears")
    assert store.verify("ears") == ()
    assert hub.asked == []


def test_first_fetch_pins_for_ever(hub: Hub, tmp_path: Path) -> None:
    store = store_of(tmp_path, hub.url, ears())
    folder = store.fetch("ears")
    (folder / "config.json").write_bytes(b'{"layers": 7}')
    assert "config.json has SHA-256" in store.verify("ears")[0]
    hub.repos["nordlys/ears"]["sub/config.json"] = b'{"layers": 8}'
    with pytest.raises(ModelUnavailable, match="sent wrong bytes"):
        store.fetch("ears")
    hub.repos["nordlys/ears"]["sub/config.json"] = CONFIG
    hub.asked.clear()
    assert (store.fetch("ears") / "config.json").read_bytes() == CONFIG
    assert hub.transfers("elsewhere") == [], "the sound file was kept"


def test_a_hash_in_the_catalogue_wins_over_the_hub(hub: Hub, tmp_path: Path) -> None:
    store = store_of(tmp_path, hub.url, ears(stated="0" * 64))
    with pytest.raises(ModelUnavailable, match="sent wrong bytes: model.bin has SHA-256"):
        store.fetch("ears")
    assert not store.has("ears")


def test_a_renamed_repository_is_followed(hub: Hub, tmp_path: Path) -> None:
    hub.renamed["nordlys/old-ears"] = "nordlys/ears"
    store = store_of(tmp_path, hub.url, ears(repo="nordlys/old-ears"))
    assert (store.fetch("ears") / "config.json").read_bytes() == CONFIG


def test_redirects_in_circles_end(hub: Hub, tmp_path: Path) -> None:
    hub.renamed["nordlys/ears"] = "nordlys/ears"
    with pytest.raises(ModelUnavailable, match="307"):
        store_of(tmp_path, hub.url, ears()).fetch("ears")


def test_a_broken_transfer_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.faults.extend([CutAfter(1000), Status(503), CutAfter(500)])
    store = store_of(tmp_path, hub.url, ears())
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS
    ranges = [request.rpartition(" ")[2] for request in hub.transfers("elsewhere")]
    assert ranges[1:] == ["bytes=1000-", "bytes=1000-", "bytes=1500-"]


def test_a_broken_fetch_is_resumed_by_the_next(hub: Hub, tmp_path: Path) -> None:
    store = store_of(tmp_path, hub.url, ears())
    hub.faults.extend([CutAfter(70_000), *[Status(500)] * 3])
    with pytest.raises(ModelUnavailable, match="answered 500"):
        store.fetch("ears")
    assert not store.has("ears")
    hub.asked.clear()
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS
    assert hub.transfers("elsewhere") == [f"GET /elsewhere/{sha256(WEIGHTS)}?signature=secret bytes=70000-"]


def test_a_server_that_ignores_ranges_is_taken_from_the_start(hub: Hub, tmp_path: Path) -> None:
    hub.faults.extend([CutAfter(1000), IgnoreRange()])
    store = store_of(tmp_path, hub.url, ears())
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS


def test_a_beginning_of_another_file_costs_one_clean_retry(hub: Hub, tmp_path: Path) -> None:
    staging = tmp_path / ".fetching" / "ears"
    staging.mkdir(parents=True)
    (staging / "model.bin.part").write_bytes(b"x" * 5000)
    store = store_of(tmp_path, hub.url, ears())
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS


def test_a_part_that_is_too_long_costs_one_clean_retry(hub: Hub, tmp_path: Path) -> None:
    staging = tmp_path / ".fetching" / "ears"
    staging.mkdir(parents=True)
    (staging / "model.bin.part").write_bytes(WEIGHTS + b"x")
    store = store_of(tmp_path, hub.url, ears())
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS


def test_wrong_bytes_are_never_installed(hub: Hub, tmp_path: Path) -> None:
    hub.faults.append(WrongBytes())
    store = store_of(tmp_path, hub.url, ears())
    with pytest.raises(ModelUnavailable, match=f"sent wrong bytes: model.bin has SHA-256 .*, not {sha256(WEIGHTS)}"):
        store.fetch("ears")
    assert not store.has("ears")
    store.fetch("ears")


def test_what_is_not_there_is_not_asked_twice(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"the hub \(nordlys/none@main\): .*answered 404"):
        store_of(tmp_path, hub.url, ears(repo="nordlys/none")).fetch("ears")
    assert len(hub.asked) == 1


def test_a_hub_in_trouble_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.head_faults.extend([Status(500), Status(429)])
    assert store_of(tmp_path, hub.url, ears()).fetch("ears")


def test_no_hub_at_all_says_so(tmp_path: Path) -> None:
    with running_hub() as gone:
        url = gone.url
    store = store_of(tmp_path, url, ears())
    assert not hub_answers(store.settings)
    with pytest.raises(ModelUnavailable) as failure:
        store.fetch("ears")
    told = str(failure.value)
    assert "model ears cannot be had" in told
    assert "cannot be reached" in told
    assert "voicebot models fetch ears" in told
    assert f"put model.bin, config.json into {tmp_path / 'ears'}" in told


def test_a_hub_that_states_no_hash_is_not_trusted(hub: Hub, tmp_path: Path) -> None:
    hub.head_faults.append(Status(200))
    with pytest.raises(ModelUnavailable, match="it states no hash for model.bin"):
        store_of(tmp_path, hub.url, ears()).fetch("ears")


def test_a_plain_address(hub: Hub, tmp_path: Path) -> None:
    hub.files["model.bin"] = WEIGHTS
    store = store_of(tmp_path, hub.url, plain(hub.url + "/files/{file}"))
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS


def test_a_plain_address_without_a_hash_is_pinned_by_what_came_first(hub: Hub, tmp_path: Path) -> None:
    hub.files["model.bin"] = WEIGHTS
    store = store_of(tmp_path, hub.url, plain(hub.url + "/files/{file}", hashed=False))
    folder = store.fetch("ears")
    (folder / "model.bin").write_bytes(b"short")
    hub.files["model.bin"] = b"another model"
    with pytest.raises(ModelUnavailable, match="sent wrong bytes"):
        store.fetch("ears")


def test_keys_in_an_address_are_not_told(hub: Hub, tmp_path: Path) -> None:
    address = hub.url.replace("http://", "http://anna:hunter2@") + "/files/{file}?token=hunter3"
    with pytest.raises(ModelUnavailable) as failure:
        store_of(tmp_path, hub.url, plain(address)).fetch("ears")
    assert "404" in str(failure.value)
    assert "hunter" not in str(failure.value)


def test_the_next_source_is_tried(hub: Hub, tmp_path: Path) -> None:
    hub.files["model.bin"] = WEIGHTS
    file = ModelFile("model.bin", sha256(WEIGHTS))
    sources = (HubSource("nordlys/none", "main", {}), UrlSource(hub.url + "/files/{file}"))
    store = store_of(tmp_path, hub.url, Model("ears", Kind.WHISPER, (), "MIT", "test", (file,), sources))
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 40_000), max_size=3), content=st.binary(min_size=1, max_size=100_000))
def test_wherever_a_transfer_breaks_the_file_arrives_whole(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], content: bytes
) -> None:
    with running_hub() as hub:
        hub.files["model.bin"] = content
        hub.faults.extend(CutAfter(cut) for cut in cuts)
        store = store_of(tmp_path_factory.mktemp("cut"), hub.url, plain(hub.url + "/files/{file}", content))
        assert (store.fetch("ears") / "model.bin").read_bytes() == content


FETCHER = """
import sys
from pathlib import Path
from speech.models import Catalogue, FetchSettings, HubSource, Kind, Model, ModelFile, ModelStore
folder, hub = sys.argv[1:]
source = HubSource("nordlys/ears", "main", {"config.json": "sub/config.json"})
files = (ModelFile("model.bin"), ModelFile("config.json"))
model = Model("ears", Kind.WHISPER, ("nb",), "MIT", "test", files, (source,))
store = ModelStore(Path(folder), Catalogue((model,)), FetchSettings(hub=hub))
print("ready", flush=True)
sys.stdin.readline()
print(store.fetch("ears"))
"""


def test_two_processes_at_once_fetch_once(hub: Hub, tmp_path: Path) -> None:
    command = [sys.executable, "-c", FETCHER, str(tmp_path), hub.url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip(), err) == (0, str(tmp_path / "ears"), "")
    assert len(hub.transfers("elsewhere")) == 1
    assert len(hub.transfers("config.json")) == 1
