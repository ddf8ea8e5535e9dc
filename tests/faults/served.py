"""The real server as a process of its own: started, asked over its relay port, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 30.0
FREE_PORTS: Final = ("--relay-port", "0", "--raw-port", "0", "--management-port", "0")


def card_server(*arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run one command of the product to its end."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "card_server", *arguments, "--data", str(folder)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        timeout=600,
    )


def prepare(folder: Path, durability: str) -> dict[str, Any]:
    """A fresh database with guests, cards and a classifier; the settings choose the durability."""
    folder.mkdir(parents=True, exist_ok=True)
    made = card_server("demo-data", "--size", "small", "--months", "1", "--json", folder=folder)
    if made.returncode:
        raise SystemExit(made.stderr.decode())
    (folder / "server.toml").write_text(f'[server]\ndurability = "{durability}"\n', "utf-8")
    found: dict[str, Any] = json.loads(made.stdout)
    return found


class Served:
    """A running server; `port` answers Farcards and the XML API."""

    def __init__(self, folder: Path, prepare_child: Callable[[], None] | None = None) -> None:
        self.folder = folder
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "card_server", "serve", "--data", str(folder), *FREE_PORTS],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=prepare_child,  # noqa: PLW1509 - only limits of the child are set
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(PATIENCE_S)
            raise SystemExit(self.said())
        self.port = int(json.loads(line)["relay_port"])

    @property
    def pid(self) -> int:
        """Of the server's process."""
        return self.process.pid

    def kill(self) -> None:
        """Without a chance to say goodbye: SIGKILL, TerminateProcess on Windows."""
        self.process.kill()
        self._forget()

    def stop(self) -> int:
        """As a person stops it."""
        self.process.send_signal(signal.SIGTERM if os.name == "posix" else signal.SIGINT)
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = -1
        self._forget()
        return code

    def said(self) -> str:
        """What it wrote on standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode(errors="replace")

    def _forget(self) -> None:
        self.process.wait(PATIENCE_S)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def ask(port: int, function: str, code: str, body: bytes, timeout: float = 15.0) -> bytes | None:
    """One Farcards call on a connection of its own; None without a whole answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        path = f"/{function}.php?qualifier={code}"
        connection.request("POST", path, body, {"Content-Type": "text/xml"})
        return connection.getresponse().read()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
