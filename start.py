"""Kartoteka on a bare machine: `python3 start.py`, `start.py test`, `start.py demo --once`.

Standard library only. Makes an isolated environment beside this file, installs the pinned
requirements into it, and goes on inside it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
OLDEST = (3, 11)
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

CHECKS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("walls", ["lint-imports"]),
)


def say(text: str) -> None:
    """One line to the person at the console."""
    print(text, flush=True)


def run(command: list[str], **options: object) -> int:
    """Run a program to its end; its output goes straight to the console."""
    return subprocess.run(command, cwd=HERE, check=False, **options).returncode  # type: ignore[call-overload,no-any-return] # noqa: S603 - our own commands


def make_environment() -> None:
    """`.venv` with pip; on Debian the module may have to be installed first."""
    if PYTHON.exists():
        return
    say("Making an isolated environment in .venv ...")
    if run([sys.executable, "-m", "venv", str(VENV)]) == 0 and PYTHON.exists():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if hasattr(os, "geteuid") and os.geteuid() == 0 and Path("/usr/bin/apt-get").exists():
        run(["apt-get", "update", "-qq"])
        run(["apt-get", "install", "-y", "-qq", package])
        if run([sys.executable, "-m", "venv", "--clear", str(VENV)]) == 0 and PYTHON.exists():
            return
    sys.exit(f"Python's venv is missing. Install it and start again:  sudo apt install {package}")


def install(name: str) -> None:
    """Install one pinned list when it changed since the last time."""
    wanted = HERE / "requirements" / f"{name}.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    mark = VENV / f"installed-{name}.txt"
    if mark.exists() and mark.read_text() == digest:
        return
    say(f"Installing what {wanted.name} lists (once) ...")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if run([*command, "--require-hashes", "-r", str(wanted)]) != 0:
        sys.exit("The requirements could not be installed; the lines above say why.")
    mark.write_text(digest)


def test() -> int:
    """Every check and every test; all of them run, the first failure decides the exit code."""
    install("dev")
    failed = []
    for name, command in CHECKS:
        say(f"== {name}")
        if run([str(BIN / command[0]), *command[1:]]) != 0:
            failed.append(name)
    say("== tests")
    workers = str(min(4, os.cpu_count() or 1))
    if run([str(PYTHON), "-m", "pytest", "-q", "-n", workers]) != 0:
        failed.append("tests")
    say("failed: " + ", ".join(failed) if failed else "all checks and tests passed")
    return 1 if failed else 0


def demo(arguments: list[str]) -> int:
    """The server with demo data and a guest's visit over its real port."""
    install("server")
    return run([str(PYTHON), "-m", "card_server.demo", *arguments])


def main() -> int:
    """Read the command and do it."""
    if sys.version_info < OLDEST:
        sys.exit(f"Kartoteka needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    parser = argparse.ArgumentParser(prog="start.py", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("suite", "test", "demo"), default="suite")
    parser.add_argument("--once", action="store_true", help="no questions, ends by itself")
    parser.add_argument("--out", help="folder for report.json (demo)")
    options = parser.parse_args()
    make_environment()
    if options.what == "test":
        return test()
    arguments = ["--once"] if options.once or options.what == "demo" else []
    if options.out:
        arguments += ["--out", str(Path(options.out).absolute())]
    try:
        return demo(arguments)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
