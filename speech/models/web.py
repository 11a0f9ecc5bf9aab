"""Files over HTTP: plain addresses, and a hub that states what it will send."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx

from speech.models.catalogue import HubSource, UrlSource, without_secrets
from speech.models.fetching import (
    Digest,
    FetchSettings,
    Progressed,
    ProgressSink,
    SourceFailed,
    Wanted,
    fault_of,
)

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_HOPS = 5


class _Broken(Exception):
    """A transfer that stopped on the way and may go on."""


def fetch_from_url(
    source: UrlSource,
    wanted: list[Wanted],
    staging: Path,
    model_id: str,
    settings: FetchSettings,
    progress: ProgressSink,
) -> None:
    """Put the wanted files into `staging`. A broken transfer goes on where it stopped, even in a later run.

    Raises:
        SourceFailed: the server refused, went away too often, or sent the wrong bytes.
        OSError: the disk refused.
    """
    with _client(settings) as client:
        for file in wanted:
            url = source.url.replace("{file}", quote(file.name))
            _download(client, url, file, staging, model_id, settings, progress)


def fetch_from_hub(
    source: HubSource,
    wanted: list[Wanted],
    staging: Path,
    model_id: str,
    settings: FetchSettings,
    progress: ProgressSink,
) -> str:
    """Put the wanted files into `staging`, all of one commit.

    A file whose hash the catalogue does not give is held to what the hub states for it: the SHA-256 of large files,
    the git hash of small ones.

    Returns:
        The commit, or the revision when the hub does not say which commit it is.
    Raises:
        SourceFailed: as `fetch_from_url`, or the hub states no hash.
        OSError: the disk refused.
    Source: https://huggingface.co/docs/huggingface_hub (metadata headers of the resolve endpoint).
    """
    revision = source.revision
    with _client(settings) as client:
        for file in wanted:
            path = quote(source.paths.get(file.name, file.name))
            address = f"{settings.hub.rstrip('/')}/{source.repo}/resolve"
            stated = _stated(client, f"{address}/{quote(revision, safe='')}/{path}", settings)
            # From the first answer on, all files come from that commit, whatever is pushed meanwhile.
            revision = stated.headers.get("x-repo-commit", revision)
            pinned = _pinned(file, stated.headers)
            done = staging / file.name
            if done.exists() and fault_of(done, pinned) is None:
                continue
            url = f"{address}/{quote(revision, safe='')}/{path}"
            _download(client, url, pinned, staging, model_id, settings, progress)
    return revision


def hub_answers(settings: FetchSettings, timeout_seconds: float = 5.0) -> bool:
    """Whether there is a hub at all, asked once and briefly: behind a firewall, silence is the usual answer."""
    try:
        httpx.head(settings.hub, timeout=timeout_seconds)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return True


@contextmanager
def _client(settings: FetchSettings) -> Iterator[httpx.Client]:
    # Identity: a compressed answer has neither the stated length nor a Range that means anything.
    headers = {"Accept-Encoding": "identity"}
    try:
        with httpx.Client(timeout=settings.timeout_seconds, headers=headers) as client:
            yield client
    except httpx.InvalidURL as fault:
        raise SourceFailed(f"the address is not one: {fault}") from fault


def _stated(client: httpx.Client, url: str, settings: FetchSettings) -> httpx.Response:
    """Ask what a file is, without following the redirect to where its bytes are."""
    failures = hops = 0
    while True:
        try:
            answer = client.head(url)
        except httpx.UnsupportedProtocol as fault:
            raise SourceFailed(f"{without_secrets(url)} is neither http nor https") from fault
        except httpx.RequestError as fault:
            complaint = f"cannot be reached ({_named(fault)})"
        else:
            # Renamed repositories and cached small files are a relative redirect away; the bytes are elsewhere.
            moved = answer.is_redirect and answer.headers.get("location", "").startswith("/")
            if moved and answer.next_request and hops < _MOST_HOPS:
                url, hops = str(answer.next_request.url), hops + 1
                continue
            complaint = f"answered {_status(answer)}"
            if not moved and not answer.is_error:
                return answer
            if moved or answer.status_code not in _RETRIED:
                raise SourceFailed(f"{without_secrets(url)} {complaint}")
        failures += 1
        if failures >= settings.attempts:
            raise SourceFailed(f"{without_secrets(url)} {complaint}")
        settings.pause(2.0**failures)


def _pinned(file: Wanted, headers: httpx.Headers) -> Wanted:
    if file.digest is not None:
        return file
    etag = (headers.get("x-linked-etag") or headers.get("etag", "")).removeprefix("W/").strip('"').lower()
    size = headers.get("x-linked-size") or headers.get("content-length")
    algorithm = {64: "sha256", 40: "git-sha1"}.get(len(etag))
    if algorithm is None:
        raise SourceFailed(f"it states no hash for {file.name}")
    return replace(file, digest=Digest(algorithm, etag), size_bytes=int(size) if size and size != "0" else None)


def _download(
    client: httpx.Client,
    url: str,
    file: Wanted,
    staging: Path,
    model_id: str,
    settings: FetchSettings,
    progress: ProgressSink,
) -> None:
    """Fetch one file, going on where a broken transfer stopped; the hash decides whether it is the file."""
    part = staging / f"{file.name}.part"
    failures = 0
    while True:
        had_bytes = _size(part)
        try:
            _transfer(client, url, part, file, model_id, progress)
        except _Broken as broken:
            failures = 1 if _size(part) > had_bytes else failures + 1
            if failures >= settings.attempts:
                raise SourceFailed(f"{without_secrets(url)} {broken}") from broken
            settings.pause(2.0**failures)
            continue
        if (fault := fault_of(part, file)) is None:
            part.replace(staging / file.name)
            return
        part.unlink()
        if not had_bytes:
            raise SourceFailed(f"{without_secrets(url)} sent wrong bytes: {fault}")
        # What was there before may have been the beginning of another file: once more, from nothing.


def _transfer(client: httpx.Client, url: str, part: Path, file: Wanted, model_id: str, progress: ProgressSink) -> None:
    have = _size(part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with client.stream("GET", url, headers=headers, follow_redirects=True) as answer:
            if have and answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # there is nothing behind what we have; the hash will tell
            if answer.status_code in _RETRIED:
                raise _Broken(f"answered {_status(answer)}")
            if answer.is_error:
                raise SourceFailed(f"{without_secrets(url)} answered {_status(answer)}")
            resumed = answer.status_code == HTTPStatus.PARTIAL_CONTENT
            _write(answer, part, have if resumed else 0, file, model_id, progress)
    except httpx.TooManyRedirects as fault:
        raise SourceFailed(f"{without_secrets(url)} redirects in circles") from fault
    except httpx.UnsupportedProtocol as fault:
        raise SourceFailed(f"{without_secrets(url)} is neither http nor https") from fault
    except httpx.RequestError as fault:
        raise _Broken(f"broke off ({_named(fault)})") from fault


def _write(answer: httpx.Response, part: Path, have: int, file: Wanted, model_id: str, progress: ProgressSink) -> None:
    length = answer.headers.get("content-length")
    total = file.size_bytes or (have + int(length) if length else None)
    done = have
    progress(Progressed(model_id, file.name, done, total))
    with part.open("ab" if have else "wb") as out:
        # As they come: blocks of a given size would lose the last, incomplete one when the line breaks.
        for block in answer.iter_raw():
            out.write(block)
            done += len(block)
            progress(Progressed(model_id, file.name, done, total))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _status(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.reason_phrase}".strip()


def _named(fault: httpx.RequestError) -> str:
    return str(fault) or type(fault).__name__
