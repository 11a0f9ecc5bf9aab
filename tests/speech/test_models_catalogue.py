"""An operator's own catalogue: what it may say, and what is said about its faults."""

from pathlib import Path

import pytest

from speech.models import (
    CatalogueInvalid,
    FolderSource,
    HubSource,
    Kind,
    Member,
    ModelFile,
    UrlSource,
    WheelSource,
    default_catalogue,
    read_catalogue,
)

SHA = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(CatalogueInvalid) as failure:
        read_catalogue(written(tmp_path, text))
    assert str(tmp_path / "catalogue.yaml") in str(failure.value)
    return failure.value.faults


def test_a_new_model_with_every_kind_of_source(tmp_path: Path) -> None:
    catalogue = read_catalogue(
        written(
            tmp_path,
            f"""
models:
  piper-nb-kari:
    kind: piper
    languages: [nb, nn]
    licence: ours
    summary: Kari
    files:
      kari.onnx: {{sha256: "{SHA}", size: 4}}
      kari.onnx.json:
    sources:
      - folder: voices
      - url: https://weights.nordlys.example/{{file}}
      - hub: nordlys/voices
        revision: v2
        paths: {{kari.onnx: kari/kari.onnx}}
      - members: {{kari.onnx: ["kari-voice==1.0.0:kari/a", "kari-voice==1.0.0:kari/b"]}}
""",
        )
    )
    kari = catalogue["piper-nb-kari"]
    assert (kari.kind, kari.languages, kari.licence, kari.default) == (Kind.PIPER, ("nb", "nn"), "ours", False)
    assert kari.files == (ModelFile("kari.onnx", SHA.lower(), 4), ModelFile("kari.onnx.json"))
    assert kari.sources == (
        FolderSource(tmp_path / "voices"),
        UrlSource("https://weights.nordlys.example/{file}"),
        HubSource("nordlys/voices", "v2", {"kari.onnx": "kari/kari.onnx"}),
        WheelSource({"kari.onnx": (Member("kari-voice==1.0.0", "kari/a"), Member("kari-voice==1.0.0", "kari/b"))}),
    )
    assert "whisper-base" in catalogue


def test_a_known_model_changes_only_in_what_is_said(tmp_path: Path) -> None:
    text = "models: {whisper-nb-base: {sources: [{folder: /srv/nb}]}}"
    changed, built_in = (
        read_catalogue(written(tmp_path, text))["whisper-nb-base"],
        default_catalogue()["whisper-nb-base"],
    )
    assert changed.sources == (FolderSource(Path("/srv/nb")),)
    assert (changed.files, changed.licence, changed.kind) == (built_in.files, built_in.licence, built_in.kind)


def test_a_default_model_with_another_source_belongs_to_the_set_that_needs_no_hub(tmp_path: Path) -> None:
    text = "models: {whisper-nb-base: {sources: [{folder: /srv/nb}]}}"
    catalogue = read_catalogue(written(tmp_path, text))
    assert "whisper-nb-base" in catalogue.default_ids()
    assert "whisper-nb-base" not in catalogue.hub_default_ids()


def test_all_faults_at_once(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, "models: {Bad Id: {}, new: {kind: piper}, whisper-base: {colour: red}}")
    assert faults == (
        "models.Bad Id: an id is lower-case letters, digits and dashes",
        "models.new: a new model needs licence, files, sources",
        "models.whisper-base.colour: no such field; "
        "there are kind, languages, licence, summary, files, sources, default",
    )


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("{kind: robot}", ".kind: must be one of whisper, piper, vad, turn, not 'robot'"),
        ("{kind: [piper]}", ".kind: must be one of"),
        ("{languages: nb}", ".languages: must be a list"),
        ("{languages: [no]}", ".languages[0]: must be text"),
        ("{default: maybe}", ".default: must be true or false"),
        ("{licence: 7}", ".licence: must be text"),
        ("[]", ": must be keys with values"),
        ("{files: {}}", ".files: a model has at least one file"),
        ("{files: {../x: {}}}", ".files.../x: must be a plain file name"),
        ("{files: {x: {md5: a}}}", ".files.x.md5: no such field"),
        ("{files: {x: {sha256: abc}}}", ".files.x.sha256: must be 64 hexadecimal digits"),
        ("{files: {x: {size: -1}}}", ".files.x.size: must be a number of bytes"),
        ("{files: {x: {size: true}}}", ".files.x.size: must be a number of bytes"),
        ("{sources: []}", ".sources: must be a list of"),
        ("{sources: [ftp]}", ".sources[0]: must be keys with values"),
        ("{sources: [{ftp: x}]}", ".sources[0]: must have folder, or url, or hub"),
        ("{sources: [{folder: x, url: y}]}", ".sources[0]: must have folder, or url, or hub"),
        ("{sources: [{url: 'ftp://x/{file}'}]}", ".sources[0].url: must begin with http:// or https://"),
        ("{sources: [{url: 'https://x/y'}]}", ".sources: the url needs {file} in it"),
        ("{sources: [{hub: x}]}", ".sources[0].hub: must be owner/name"),
        ("{sources: [{hub: x/y, revision: 7}]}", ".sources[0].revision: must be text"),
        ("{sources: [{hub: x/y, paths: {z: a}}]}", ".sources: z is not among the files of the model"),
        ("{sources: [{members: {model.bin: [x]}}]}", ".sources[0].members.model.bin: must be package==version:path"),
        ("{sources: [{members: {model.bin: ['--x==1:y']}}]}", ".sources[0].members.model.bin: must be package=="),
    ],
)
def test_each_fault_says_where_and_what_instead(tmp_path: Path, entry: str, fault: str) -> None:
    (found,) = faults_of(tmp_path, f"models: {{whisper-base: {entry}}}")
    assert found.startswith("models.whisper-base" + fault)


@pytest.mark.parametrize("text", ["", "[]", "models: []", "models: {}\nmore: {}", "other: {}"])
def test_a_file_of_another_shape(tmp_path: Path, text: str) -> None:
    assert "it must hold `models:`" in faults_of(tmp_path, text)[0]


def test_a_file_that_is_not_yaml_names_the_line(tmp_path: Path) -> None:
    assert "line 2" in faults_of(tmp_path, "models:\n  {x")[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogueInvalid, match="cannot be read: No such file"):
        read_catalogue(tmp_path / "none.yaml")


def test_the_example_in_the_documentation_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "models.md").read_text(encoding="utf-8")
    catalogue = read_catalogue(written(tmp_path, page.partition("```yaml\n")[2].partition("```")[0]))
    assert catalogue["piper-nb-kari"].default
    assert "piper-nb-kari" in catalogue.default_ids()
    assert len(catalogue["whisper-nb-base"].sources) == 2
