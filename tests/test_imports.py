"""The package rule: rooms do not know each other, nothing knows the house, and importing does nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MUST_NOT_KNOW = {
    "dialog": {"speech", "telephony", "voicebot"},
    "speech": {"dialog", "telephony", "voicebot"},
    "telephony": {"dialog", "speech", "voicebot"},
    "voicebot": set[str](),
}
# Everything that would tie a room to something outside of its business.
FOREIGN = {
    "dialog": {"asyncio", "fastapi", "httpx", "starlette", "twilio", "uvicorn", "websockets"},
    "speech": {"fastapi", "starlette", "twilio", "uvicorn", "websockets"},
    "telephony": {"ctranslate2", "faster_whisper", "onnxruntime", "piper"},
    "voicebot": set[str](),
}


def modules() -> Iterator[tuple[str, Path]]:
    for package in MUST_NOT_KNOW:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield package, path


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module imports, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def test_the_walk_sees_the_rooms() -> None:
    seen = {package for package, _ in modules()}
    assert seen == set(MUST_NOT_KNOW)
    assert any(name == "speech.models" for _, name in imported(ROOT / "voicebot" / "commands" / "models.py"))


def test_rooms_do_not_know_each_other() -> None:
    forbidden = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for package, path in modules()
        for line, name in imported(path)
        if name.split(".")[0] in MUST_NOT_KNOW[package] | FOREIGN[package] or name.startswith("..")
    ]
    assert forbidden == []


def test_only_the_configuration_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and {a.name for a in node.names} & {"environ"})
    }
    # The ears and mouth write one variable, unread, to keep onnxruntime from calling its maker.
    assert readers <= {"voicebot/config.py", "speech/__init__.py"}


@pytest.mark.parametrize("package", MUST_NOT_KNOW)
def test_importing_opens_nothing(package: str, tmp_path: Path) -> None:
    """No thread, no connection, no process, no file written; and no room pulls in another behind our back."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for room, path in modules()
        if room == package and path.name != "__main__.py"
    ]
    script = f"""
import importlib, sys, threading
opened = []
def audit(event, args):
    if event in ("socket.connect", "subprocess.Popen"):
        opened.append((event, str(args[1:])))
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        opened.append((event, str(args[0])))
sys.addaudithook(audit)
sys.dont_write_bytecode = True
for name in {names!r}:
    importlib.import_module(name)
print(opened, threading.active_count(), sorted({{n.split(".")[0] for n in sys.modules}} & {MUST_NOT_KNOW[package]!r}))
"""
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=home, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[] 1 []"), done.stderr
    assert list(tmp_path.rglob("*")) == [], "a library that leaves something in the home does so without our open()"
