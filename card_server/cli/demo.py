"""`demo`: a database of invented guests, the server, a guest's visit over its real port."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from card_server.cli.demo_data import progress_on
from card_server.cli.exit_codes import COULD_NOT_RUN, FINDING, OK
from card_server.cli.language import language_of
from card_server.composition import clock
from card_server.db.engine import DatabaseAddress, address_of
from card_server.demo.generator import Demo, Wish, generate, is_unfinished
from card_server.demo.visit import Visit
from card_server.demo.words import WORDS

STOP_S = 60
LOG_FILE = "server.log"
"""What the server says to itself, in the data folder; the story is not interrupted by it."""

PASSWORD_VARIABLE = "KARTOTEKA_DEMO_PASSWORD"  # noqa: S105 - the name of a variable
MOST_LOG = 4_000
PORTS = {"--relay-port": 9192, "--raw-port": 9191, "--management-port": 9193}
NEW_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
STOP_SIGNAL: signal.Signals = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
"""What ends the server in order: on Windows only a break can be sent, and only to a group."""

Say = Callable[[str], None]


class ServerGone(Exception):  # noqa: N818 - told as a sentence
    """The server did not start, or stopped answering."""


class Server:
    """The card server as a child process."""

    def __init__(self, data: Path, ports: dict[str, int]) -> None:
        options = [word for name, port in ports.items() for word in (name, str(port))]
        command = [sys.executable, "-m", "card_server", "serve", "--data", str(data), *options]
        log = data / LOG_FILE
        with log.open("wb") as written:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdout=subprocess.PIPE, stderr=written, creationflags=NEW_GROUP
            )
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            self.stop()
            sys.stderr.write(log.read_text("utf-8", "replace")[-MOST_LOG:])
            raise ServerGone
        self.ports: dict[str, Any] = msgspec.json.decode(line)

    def wait(self) -> None:
        """Until the server ends or Ctrl+C."""
        try:
            self._process.wait()
        except KeyboardInterrupt:
            self.stop()

    def stop(self) -> int:
        """End it in order; whatever happens, it does not stay behind."""
        if self._process.poll() is None:
            self._process.send_signal(STOP_SIGNAL)
        try:
            return self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            if self._process.stdout is not None:
                self._process.stdout.close()


class Till:
    """A till with one kept connection; called with a function and a body it gives the answer."""

    def __init__(self, port: int, code: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=15)
        self._code = code

    def __call__(self, function: str, body: str) -> bytes:
        """Ask the server."""
        self._connection.request(
            "POST",
            f"/{function}.php?qualifier={self._code}",
            body.encode(),
            {"Content-Type": "text/xml"},
        )
        return self._connection.getresponse().read()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def tell_visit(server: Server, demo: Demo, say: Say, language: str) -> Visit:
    """The visit over the server's real port; a server that is gone is a sentence."""
    till = Till(int(server.ports["relay_port"]), demo.classifiers[0].code)
    now = clock().astimezone(ZoneInfo("Europe/Moscow"))
    visit = Visit(till, demo.story_card, now, say, language)
    try:
        visit.run()
    except (OSError, HTTPException) as error:
        raise ServerGone(str(error) or type(error).__name__) from error
    finally:
        till.close()
    return visit


def prove(data: Path) -> dict[str, Any]:
    """What `verify --full` says."""
    command = [sys.executable, "-m", "card_server", "verify", "--full", "--data", str(data)]
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, "--json"], check=False, capture_output=True, text=True
    )
    try:
        report = msgspec.json.decode(done.stdout)
    except msgspec.DecodeError:
        report = {"ok": False, "operations": 0, "findings": [done.stderr.strip()[-500:]]}
    return {**report, "exit_code": done.returncode}


def run_beside(server: Server, demo: Demo, then: Sequence[str]) -> int:
    """Run a program of the suite against the demo's server until it ends; its exit code.

    It gets the server's address and the first user; the invented password goes by the environment.
    """
    user = demo.users[0]
    address = f"127.0.0.1:{server.ports['management_port']}"
    command = [sys.executable, "-m", *then, "--server", address, "--login", user.login]
    environment = {**os.environ, PASSWORD_VARIABLE: user.password}
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603 - our own program
        try:
            return process.wait()
        except KeyboardInterrupt:
            return process.wait()


def once(out: Path | None, say: Say, language: str, then: Sequence[str] = ()) -> int:
    """A fresh database, free ports, the visit, the proof, the report."""
    words = WORDS[language]
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="kartoteka-"))
    try:
        say(words["making"])
        demo = generate(address_of(None, folder))
        server = Server(folder, dict.fromkeys(PORTS, 0))
        try:
            say(_greeting(server, words))
            visit = tell_visit(server, demo, say, language)
            beside = run_beside(server, demo, then) if then else OK
        finally:
            server.stop()
        proof = prove(folder)
        counts = {"operations": proof["operations"], "findings": len(proof["findings"])}
        say("\n" + words["verify"].format(**counts))
        proven = proof["exit_code"] == OK and proof["operations"] > 0
        held = all(step.held for step in visit.steps) and proven and beside == OK
        if out is not None:
            report = {
                "held": held,
                "language": language,
                "card": demo.story_card,
                "dump_hash": demo.dump_hash,
                "steps": [step.told() for step in visit.steps],
                "verify": proof,
            }
            path = out / "report.json"
            path.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
            say(words["report"].format(path=path))
        say(words["good"] if held else words["bad"])
        return OK if held else FINDING
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def suite(data: Path, say: Say, language: str, then: Sequence[str] = ()) -> int:
    """The demo that stays: its database is made once, its server runs until Ctrl+C."""
    words = WORDS[language]
    demo = _kept(data, say, words)
    ports = {name: port if is_free(port) else 0 for name, port in PORTS.items()}
    for name, port in PORTS.items():
        if ports[name] != port:
            say(words["busy"].format(port=port))
    server = Server(data, ports)
    try:
        say(_greeting(server, words))
        visit = tell_visit(server, demo, say, language)
        held = all(step.held for step in visit.steps)
        say("\n" + words["users"])
        for user in demo.users:
            say(f"  {user.login}: {user.password} ({user.role})")
        if then:
            return run_beside(server, demo, then)
        say(words["stays"])
        server.wait()
    finally:
        server.stop()
    return OK if held else FINDING


def _greeting(server: Server, words: dict[str, str]) -> str:
    ports = server.ports
    return words["server"].format(
        relay=ports["relay_port"], raw=ports["raw_port"], manage=ports["management_port"]
    )


def _kept(data: Path, say: Say, words: dict[str, str]) -> Demo:
    """The demo of the folder, made if there is none or if its making was cut off."""
    data.mkdir(parents=True, exist_ok=True)
    address = address_of(None, data)
    card = data / "demo.json"
    if address.file is not None and address.file.exists() and card.exists():
        return msgspec.json.decode(card.read_bytes(), type=Demo)
    if is_unfinished(address):
        _remove(address)
    say(words["making"])
    demo = generate(address, Wish(), progress_on(sys.stderr.write))
    sys.stderr.write("\n")
    card.write_bytes(msgspec.json.encode(demo))
    return demo


def _remove(address: DatabaseAddress) -> None:
    for suffix in ("", "-wal", "-shm"):
        if address.file is not None:
            address.file.with_name(address.file.name + suffix).unlink(missing_ok=True)


def is_free(port: int) -> bool:
    """Nobody listens on the port of this machine."""
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(options: argparse.Namespace) -> int:
    """The story on a fresh database, or on the one of the data folder with a server that stays."""
    language = language_of(options)
    try:
        if options.once:
            out = Path(options.out) if options.out else None
            return once(out, _print, language, options.then or ())
        return suite(Path(options.data), _print, language, options.then or ())
    except ServerGone as gone:
        words = WORDS[language]
        _print(words["lost"].format(why=gone) if gone.args else words["failed"])
        return COULD_NOT_RUN
