"""The programs that are measured: started on a free port, watched by their CPU time, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.benchmarks.arithmetic import micros_per

ROOT: Final = Path(__file__).resolve().parents[2]
LONGEST_STOP_S: Final = 30


class Figures(msgspec.Struct, kw_only=True):
    """What one run of the load generator found."""

    rate: float
    answers: int
    failures: int
    first_failure: str
    p50_ms: float
    p95_ms: float
    p99_ms: float
    client_cpu_share: float
    server_cpu_s: float

    @property
    def cpu_us(self) -> float | None:
        """CPU microseconds of the server for each request."""
        return micros_per(self.server_cpu_s, self.answers)


class Load(msgspec.Struct, kw_only=True, frozen=True):
    """One load: what is asked, on how many connections, for how long."""

    kind: str
    code: str
    cards: Path
    connections: int = 64
    seconds: float = 5.0
    warm: float = 1.0
    silent: int = 0
    rate: float = 0.0
    seed: int = 1


class Served(msgspec.Struct):
    """A program that answers on a port."""

    pid: int
    port: int
    management_port: int = 0

    def under(self, load: Load) -> Figures:
        """Put a load on it from a process of its own."""
        arguments = [f"--{name}={value}" for name, value in msgspec.structs.asdict(load).items()]
        done = subprocess.run(  # noqa: S603 - our own module
            [
                sys.executable,
                "-m",
                "tests.benchmarks.load",
                f"--port={self.port}",
                f"--pid={self.pid}",
                *arguments,
            ],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
        )
        return msgspec.json.decode(done.stdout, type=Figures)


@contextmanager
def started(
    module: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """A Python module that prints one JSON line with its port when it answers."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
        if not line:
            message = f"{module} ended before it answered"
            raise RuntimeError(message)
        ready: dict[str, Any] = json.loads(line)
        ports = int(ready["relay_port"]), int(ready.get("management_port", 0))
        yield Served(process.pid, *ports)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(LONGEST_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def card_server(
    data: Path, *, database: str | None = None, environment: Mapping[str, str] | None = None
) -> AbstractContextManager[Served]:
    """The card server on a data folder, as a restaurant starts it."""
    arguments = ["serve", "--data", str(data)]
    for name in ("relay", "raw", "management"):
        arguments += [f"--{name}-port", "0"]
    if database is not None:
        arguments += ["--database", database]
    return started("card_server", arguments, environment=environment)
