"""A web server on the loopback that answers like the Hugging Face hub, and misbehaves when told to.

Large files (LFS) answer with their SHA-256 in `X-Linked-ETag` and a redirect to a signed address elsewhere; small ones
with their git hash in `ETag`. Plain addresses (`/files/NAME`) serve the URL source.
Source: the answers of https://huggingface.co/{repo}/resolve/{revision}/{path} as huggingface_hub documents them.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34


@dataclass(frozen=True, slots=True)
class CutAfter:
    """Promise the whole file, send this many bytes of it, and hang up."""

    size_bytes: int


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with this status and nothing else."""

    code: int


@dataclass(frozen=True, slots=True)
class WrongBytes:
    """Send as many bytes as promised, but others."""


@dataclass(frozen=True, slots=True)
class IgnoreRange:
    """Send the whole file although only the end of it was asked for."""


Fault = CutAfter | Status | WrongBytes | IgnoreRange


@dataclass
class Hub:
    """What the server holds, how it is to misbehave, and what it was asked.

    Args:
        repos: content by repository and path.
        files: content by name, under `/files/`.
        large: paths kept in LFS.
        renamed: old repository to new one.
        faults: what happens to the next transfers of bytes, in order; after that all goes well.
        head_faults: the same for questions about files.
        asked: "METHOD path" of every request, with the range behind it when there was one.
    """

    url: str = ""
    repos: dict[str, dict[str, bytes]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    large: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    head_faults: deque[Status] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)

    def transfers(self, word: str) -> list[str]:
        """Requests for bytes whose address has `word` in it."""
        return [request for request in self.asked if request.startswith("GET") and word in request]


def git_hash(content: bytes) -> str:
    """What git calls a blob of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Serve on a free port of the loopback until the block ends."""
    hub = Hub()

    class Answers(_Answers):
        pass

    Answers.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._note()
        if self.hub.head_faults:
            self._answer(self.hub.head_faults.popleft().code)
        elif self.path == "/":
            self._answer(200)
        else:
            self._resolve()

    def do_GET(self) -> None:
        self._note()
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/files/"):
            self._send(self.hub.files.get(path.removeprefix("/files/")), {})
        elif path.startswith("/elsewhere/"):
            sha256 = path.removeprefix("/elsewhere/")
            contents = (content for files in self.hub.repos.values() for content in files.values())
            self._send(next((c for c in contents if hashlib.sha256(c).hexdigest() == sha256), None), {})
        else:
            self._resolve()

    def _resolve(self) -> None:
        owner, name, _, revision, path = unquote(self.path.lstrip("/")).split("/", 4)
        repo = f"{owner}/{name}"
        if repo in self.hub.renamed:
            self._answer(307, {"Location": f"/{self.hub.renamed[repo]}/resolve/{revision}/{path}"})
            return
        content = self.hub.repos.get(repo, {}).get(path) if revision in ("main", COMMIT) else None
        if content is None:
            self._answer(404)
        elif path in self.hub.large:
            sha256 = hashlib.sha256(content).hexdigest()
            stated = {"X-Linked-ETag": f'"{sha256}"', "X-Linked-Size": str(len(content))}
            # The pointer's own ETag is not that of the bytes; who reads it instead fetches in vain.
            stated |= {"ETag": f'"{git_hash(b"pointer")}"', "X-Repo-Commit": COMMIT}
            self._answer(302, stated | {"Location": f"{self.hub.url}/elsewhere/{sha256}?signature=secret"})
        else:
            self._send(content, {"ETag": f'"{git_hash(content)}"', "X-Repo-Commit": COMMIT})

    def _send(self, content: bytes | None, headers: dict[str, str]) -> None:
        if content is None:
            self._answer(404)
            return
        if self.command == "HEAD":
            self._answer(200, headers | {"Content-Length": str(len(content))})
            return
        fault = self.hub.faults.popleft() if self.hub.faults else None
        if isinstance(fault, Status):
            self._answer(fault.code)
            return
        start = 0 if isinstance(fault, IgnoreRange) else self._range_start()
        if start and start >= len(content):
            self._answer(416)
            return
        rest = content[start:]
        body = bytes(byte ^ 0xFF for byte in rest) if isinstance(fault, WrongBytes) else rest
        self.send_response(206 if start else 200)
        for key, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        if isinstance(fault, CutAfter):
            body = body[: fault.size_bytes]
            self.close_connection = True
        self.wfile.write(body)

    def _range_start(self) -> int:
        asked = self.headers.get("Range", "")
        return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0

    def _answer(self, code: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for key, value in ({"Content-Length": "0"} | (headers or {})).items():
            self.send_header(key, value)
        self.end_headers()

    def _note(self) -> None:
        asked = self.headers.get("Range", "")
        self.hub.asked.append(f"{self.command} {self.path} {asked}".strip())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests read `asked`."""
