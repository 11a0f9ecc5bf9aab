"""A real PostgreSQL for tests: a private cluster in a folder of its own, reached by a socket there and by no port."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

START_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "log_min_messages": "panic",
}
"""Fast and not durable: what is tested is a process that dies, not a machine. `Cluster.durable` says otherwise."""


class PostgresMissing(Exception):
    """PostgreSQL's server programs are not installed, or nobody may run them; says which and how to get them."""


class Cluster:
    """A server that can be stopped and started again, with its databases.

    Args:
        folder: its own, empty, with a short path (a socket's name may have 107 characters).
        durable: keep what was committed even when the machine stops; slower.
    """

    def __init__(self, folder: Path, durable: bool = False) -> None:
        self.folder = folder
        self._bin = _programs()
        self._user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            shutil.chown(folder, self._user)
        self._run("initdb", "--pgdata", str(self._data), "--auth", "trust", "--encoding", "UTF8", "--no-locale", "-N")
        settings = {key: value for key, value in SETTINGS.items() if not durable or key == "listen_addresses"}
        lines = [f"{key} = '{value}'\n" for key, value in settings.items()]
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines([*lines, f"unix_socket_directories = '{folder}'\n"])
        self._made = 0

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start it and wait until it answers; where it was stopped in the middle, it recovers first."""
        self._run("pg_ctl", "start", "--pgdata", str(self._data), "--wait", "--timeout", str(START_SECONDS), "--silent")

    def stop(self, at_once: bool = False) -> None:
        """Stop it; open connections are cut. at_once: as if the server had been killed."""
        mode = "immediate" if at_once else "fast"
        self._run("pg_ctl", "stop", "--pgdata", str(self._data), "--mode", mode, "--wait", "--silent")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It is away for the length of the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def new_database(self, like: str | None = None) -> str:
        """The URL of a database for `VOICEBOT_DATABASE_URL`.

        Args:
            like: the URL of another that nobody is in, whose content it has; None for nothing in it.
        """
        self._made += 1
        name = f"test{self._made}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            made = sql.SQL("CREATE DATABASE {} STRATEGY wal_log").format(sql.Identifier(name))
            if like is not None:  # copied as files: through the log it would take several times as long
                model = sql.Identifier(str(make_url(like).database))
                copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
                made = copied.format(sql.Identifier(name), model)
            connection.execute(made)
        return f"postgresql+psycopg://{self._user}@/{name}?host={self.folder}"

    def drop_database(self, url: str) -> None:
        """Throw a database of `new_database` away, whoever is in it."""
        name = str(make_url(url).database)
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _address(self, name: str) -> str:
        return f"postgresql://{self._user}@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = (str(self._bin / program), *arguments)
        if os.getuid() == 0:
            command = ("setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups", *command)
        subprocess.run(
            command,
            check=True,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be held open by the server that pg_ctl leaves behind
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", "/usr/bin"), "LC_ALL": "C.UTF-8"},
        )


def _programs() -> Path:
    """The folder with `initdb` and `pg_ctl`: the newest that Debian's packages put there, or what is on the path.

    Raises:
        PostgresMissing: there is none, or this user may not become the one that a server runs as.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise PostgresMissing("PostgreSQL is not installed -> apt-get install postgresql")
    if os.getuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            raise PostgresMissing(
                "there is no user `postgres` to run the server -> apt-get install postgresql"
            ) from None
        if shutil.which("setpriv") is None:
            raise PostgresMissing("setpriv is missing, and root may not run PostgreSQL -> apt-get install util-linux")
    return found[-1].parent if found else Path(on_path or "").resolve().parent


@contextmanager
def running_cluster(durable: bool = False) -> Iterator[Cluster]:
    """A cluster that runs until the end of the block, and leaves nothing behind.

    Raises:
        PostgresMissing: it cannot be had here.
    """
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:
        cluster = Cluster(Path(folder), durable)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop(at_once=True)
