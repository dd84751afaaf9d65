"""A PostgreSQL server of the tests' own, on loopback in a passing folder; absent where its programs are not here."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

# Debian keeps the programs of each version in a folder of their own, and none of them on the PATH.
_DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where there is no PostgreSQL on this machine."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(_DEBIAN.glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `make` gives a new database, a copy of `template` where one is named."""

    port: int
    user: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{name}"

    def make(self, template: str = "template0") -> str:
        """The address of a new database."""
        name = f"t{os.getpid()}_{next(self._numbers)}"
        # files as they are: half the time of writing every page to the log first
        self._do(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.rpartition("/")[2]
        self._do(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _do(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server() -> Iterator[Server]:
    """Make a cluster and run it until the end; as the user `postgres` where we are root, whom the server refuses."""
    folder = programs()
    assert folder is not None
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="hrwatch-pg-") as place:
        if user is not None:
            shutil.chown(place, user)

        def run(program: str, *options: str) -> None:
            subprocess.run(
                [folder / program, "-D", f"{place}/data", *options],
                check=True,
                cwd=place,
                user=user,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=250,
            )

        # what a test leaves behind is thrown away with the cluster: nothing need reach the disk
        settings = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
        run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=hrwatch")
        for tries_left in range(4, -1, -1):
            port = free_port()
            try:
                run("pg_ctl", "-w", "-t", "240", "-l", f"{place}/log", "-o", f"{settings} -c port={port}", "start")
                break
            except subprocess.CalledProcessError:
                if not tries_left:  # else somebody else took the port meanwhile
                    raise
        try:
            yield Server(port, "hrwatch")
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
