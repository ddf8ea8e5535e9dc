"""pgbench's TPC-B on a PostgreSQL of its own: default durable settings, the same disk.

One transaction of TPC-B (three updates, one insert, one select, durable) is the yardstick of what
a database server makes of the same disk and cores.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

NOT_INSTALLED: Final = "PostgreSQL is not installed"
TPS: Final = re.compile(r"tps = ([0-9.]+)")
CLIENTS: Final = (8, 16, 32, 64, 128)
UNPRIVILEGED: Final = ("postgres", "nobody")


def programs() -> Path | None:
    """The folder of initdb, pg_ctl and pgbench; None where PostgreSQL is not installed."""
    places = [Path(found).parent for name in ("initdb",) if (found := shutil.which(name))]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if all((place / name).exists() for name in ("initdb", "pg_ctl", "pgbench")):
            return place
    return None


class TpcB:
    """A running PostgreSQL with the tables of TPC-B."""

    def __init__(self, programs: Path, port: int, folder: Path, user: str | None) -> None:
        self._programs = programs
        self._port = port
        self._folder = folder
        self._user = user

    def run(self, name: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs; returns what it printed."""
        done = subprocess.run(  # noqa: S603 - a program that was found in its folder
            [str(self._programs / name), *arguments],
            check=True,
            user=self._user,
            cwd=self._folder,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def fill(self, scale: int) -> None:
        """So many branches, 100 000 accounts to each."""
        self._pgbench("-i", "-q", "-s", str(scale))

    def rate(self, clients: int, seconds: float) -> float:
        """Transactions a second."""
        printed = self._pgbench(
            "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds)))
        )
        found = TPS.findall(printed)
        return float(found[-1]) if found else 0.0

    def best_clients(self, seconds: float) -> int:
        """The number of clients with the highest rate."""
        return max(CLIENTS, key=lambda clients: self.rate(clients, seconds))

    def _pgbench(self, *arguments: str) -> str:
        where = ("-h", str(self._folder), "-p", str(self._port), "-U", "bench", "postgres")
        return self.run("pgbench", *arguments, *where)


@contextmanager
def running(
    folder: Path, scale: int, environment: Mapping[str, str] | None = None
) -> Iterator[TpcB | None]:
    """A filled PostgreSQL in a folder; None where it is not installed."""
    found = programs()
    if found is None:
        yield None
        return
    user = _unprivileged()
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was cut off
    folder.mkdir(parents=True)
    if user is not None:
        shutil.chown(folder, user)
    server = TpcB(found, _free_port(), folder, user)
    data = str(folder / "data")
    server.run("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8")
    options = f"-p {server._port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=300"
    log = str(folder / "server.log")
    before = {name: os.environ.get(name) for name in environment or {}}
    os.environ.update(environment or {})
    try:
        server.run("pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    try:
        server.fill(scale)
        yield server
    finally:
        server.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - only where there is a root

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in UNPRIVILEGED if name in known), None)


__all__ = ["NOT_INSTALLED", "TpcB", "programs", "running"]
