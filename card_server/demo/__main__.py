"""The demo: a database of invented guests, the server, and a guest's visit over its real port."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from card_server.composition import clock
from card_server.db.engine import address_of
from card_server.demo.generator import Demo, generate
from card_server.demo.visit import Visit

READY_S = 30


class Server:
    """The card server as a child process on free ports."""

    def __init__(self, data: Path, ports: list[str]) -> None:
        command = [sys.executable, "-m", "card_server", "serve", "--data", str(data), *ports]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own program
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            sys.exit("The server did not start; the lines above say why.")
        self.ports: dict[str, Any] = msgspec.json.decode(line)

    def wait(self) -> None:
        """Until the server ends or Ctrl+C."""
        try:
            self._process.wait()
        except KeyboardInterrupt:
            self.stop()

    def stop(self) -> int:
        """End it in order."""
        self._process.terminate()
        return self._process.wait(READY_S)


def story(data: Path, demo: Demo, out: Path | None, ports: list[str], *, stay: bool) -> int:
    """Start the server, make the visit, prove the ledger, write the report."""
    server = Server(data, ports)
    port = server.ports["relay_port"]
    print(f"Сервер отвечает: http://127.0.0.1:{port} (касса), {server.ports['raw_port']} (TCP)")
    visit = Visit(
        port,
        demo.classifiers[0].code,
        demo.first_card,
        clock().astimezone(ZoneInfo("Europe/Moscow")),
    )
    held = visit.run(print)
    if stay:
        print("Сервер работает. Ctrl+C - остановить.")
        server.wait()
        return 0 if held else 1
    server.stop()
    proof = _verify(data)
    report = {"held": held and proof == 0, "steps": visit.steps, "verify": proof}
    print("Журнал проверен: расхождений нет" if proof == 0 else "verify: FAILED")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return 0 if report["held"] else 1


def _verify(data: Path) -> int:
    command = [sys.executable, "-m", "card_server", "verify", "--full", "--data", str(data)]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program


def main() -> int:
    """`--once`: a fresh database and no questions; otherwise the server stays."""
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--data", type=Path, default=Path("data") / "demo")
    options = parser.parse_args()
    if options.once:
        folder = Path(tempfile.mkdtemp(prefix="kartoteka-"))
        try:
            demo = generate(address_of(None, folder))
            free = ["--relay-port", "0", "--raw-port", "0", "--management-port", "0"]
            return story(folder, demo, options.out, free, stay=False)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    options.data.mkdir(parents=True, exist_ok=True)
    address = address_of(None, options.data)
    card = options.data / "demo.json"
    if address.file is not None and address.file.exists() and card.exists():
        demo = msgspec.json.decode(card.read_bytes(), type=Demo)
    else:
        demo = generate(address)
        card.write_bytes(msgspec.json.encode(demo))
    return story(options.data, demo, None, [], stay=True)


if __name__ == "__main__":
    sys.exit(main())
