"""A PostgreSQL server over a cluster that stays in a folder between runs, for archives that take long to build."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.postgresql import Server, free_port, programs

# What a machine of a few GB gives a database; a commit reaches the disk, as it does on a server of users.
_SETTINGS = "-c shared_buffers=512MB -c maintenance_work_mem=512MB -c max_wal_size=4GB -c checkpoint_timeout=30min"


@contextmanager
def kept_server(folder: Path) -> Iterator[Server]:
    """Run the cluster in `folder`, made where there is none; as the user `postgres` where we are root."""
    found = programs()
    if found is None:
        raise FileNotFoundError("initdb")
    user = "postgres" if os.geteuid() == 0 else None
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *options: str) -> None:
        subprocess.run(
            [found / program, "-D", f"{folder}/data", *options],
            check=True,
            cwd=folder,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )

    if not (folder / "data" / "PG_VERSION").exists():
        run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=hrwatch")
    port = free_port()
    settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} {_SETTINGS}"
    run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", settings, "start")
    try:
        yield Server(port, "hrwatch")
    finally:
        run("pg_ctl", "-w", "-m", "fast", "stop")


def database(server: Server, name: str) -> str:
    """The address of the database of that name, made where there is none."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.url(name)
