"""Kartoteka on a bare machine: `python3 start.py`, `start.py test`, `start.py demo --once`.

Standard library only, Windows and Linux. Makes an isolated environment beside this file, installs
the pinned requirements into it, looks after the system libraries that windows need, and goes on
inside it. Without a display the programs run in the console.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
OLDEST = (3, 11)
NEWEST = (3, 14)
"""Versions that were tried; a newer one may lack wheels of what the requirements pin."""

WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
APT = "/usr/bin/apt-get"

CHECKS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("walls", ["lint-imports"]),
)

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libX11.so.6": "libx11-6",
}
"""What Qt loads, with or without a display, and the Debian package of each."""

SCREEN_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""What it loads besides to draw on an X display."""

WINDOW_PROGRAMS = ("crm_manager", "crm_config", "user_manager")


def say(text: str) -> None:
    """One line to the person at the console; a sign it cannot show is escaped."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def run(command: Sequence[str]) -> int:
    """Run a program to its end; its output goes straight to the console.

    Ctrl+C reaches it too, and it ends in order: it is waited for, not killed.
    """
    with subprocess.Popen(list(command), cwd=HERE) as process:  # noqa: S603 - our own commands
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def can_install() -> bool:
    """Debian or Ubuntu, and we are root."""
    getuid: Callable[[], int] = getattr(os, "geteuid", lambda: 1)
    return getuid() == 0 and Path(APT).exists()


# ------------------------------------------------------------------ the interpreter


def version_fault(version: Sequence[int], executable: str) -> str | None:
    """Why this interpreter will not do; None if it will."""
    shown = ".".join(str(part) for part in version[:3])
    if tuple(version[:2]) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return (
            f"Kartoteka needs Python {wanted} or newer; {executable} is {shown}. "
            f"Start it with a newer one, for example: python{wanted} start.py"
        )
    return None


def version_warning(version: Sequence[int]) -> str | None:
    """A newer interpreter than was tried is named, and used."""
    if tuple(version[:2]) > NEWEST:
        shown = ".".join(str(part) for part in version[:3])
        newest = ".".join(map(str, NEWEST))
        return f"Python {shown} is newer than what was tried ({newest}); going on with it."
    return None


# ------------------------------------------------------------------ the environment


def is_sound(python: Path) -> bool:
    """The environment's interpreter starts, is new enough and has pip."""
    if not python.exists():
        return False
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST!r})"
    try:
        done = subprocess.run(  # noqa: S603 - our own environment
            [str(python), "-c", probe], check=False, capture_output=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def make_environment() -> None:
    """`.venv` with pip; a broken or half-made one is made anew."""
    if is_sound(PYTHON):
        return
    if VENV.exists():
        say("The environment in .venv is broken: making it anew ...")
    else:
        say("Making an isolated environment in .venv ...")
    if create_environment():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if can_install():
        run([APT, "update", "-qq"])
        run([APT, "install", "-y", "-qq", package])
        if create_environment():
            return
    hint = (
        "" if WINDOWS else f"  Install its venv module and start again: sudo apt install {package}"
    )
    sys.exit(f"The environment {VENV} could not be made; the lines above say why.{hint}")


def create_environment() -> bool:
    """Make it from nothing; whether it is sound now."""
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV, ignore_errors=True)
    done = run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    return done == 0 and is_sound(PYTHON)


def digest_of(path: Path) -> str:
    """What a pinned list asks for, by its content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def install(name: str) -> None:
    """Install one pinned list when it changed since the last time."""
    wanted = HERE / "requirements" / f"{name}.txt"
    if not wanted.exists():
        sys.exit(f"{wanted} is missing: this folder is not the whole of Kartoteka.")
    digest = digest_of(wanted)
    mark = VENV / f"installed-{name}.txt"
    if mark.exists() and mark.read_text(encoding="ascii", errors="replace") == digest:
        return
    say(f"Installing what {wanted.name} lists (once) ...")
    mark.unlink(missing_ok=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if run([*command, "--require-hashes", "-r", str(wanted)]) != 0:
        sys.exit(
            "The requirements could not be installed; the lines above say why. "
            "Check the connection to the package index (a proxy stands in HTTPS_PROXY) and repeat."
        )
    mark.write_text(digest, encoding="ascii")


# ------------------------------------------------------------------ windows


def has_windows(folder: Path = HERE) -> bool:
    """Some desktop program exists in this version."""
    return any((folder / name / "__main__.py").exists() for name in WINDOW_PROGRAMS)


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Windows and macOS always have one; elsewhere the session says so."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def loads(name: str) -> bool:
    """The system finds the library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_packages(
    wanted: Mapping[str, str], is_there: Callable[[str], bool] = loads
) -> list[str]:
    """Debian packages of the libraries that do not load."""
    return [package for name, package in wanted.items() if not is_there(name)]


def look_after_libraries() -> None:
    """Install what Qt lacks where we may, else print the command; the server needs none of it."""
    if not sys.platform.startswith("linux"):
        return
    wanted = {**LIBRARIES, **(SCREEN_LIBRARIES if has_display() else {})}
    missing = missing_packages(wanted)
    if not missing:
        return
    if can_install():
        say(f"Installing system libraries for windows: {' '.join(missing)}")
        run([APT, "update", "-qq"])
        run([APT, "install", "-y", "-qq", "--no-install-recommends", *missing])
        missing = missing_packages(wanted)
    if missing:
        say("Windows need system libraries that are missing here. To install them:")
        say(f"  sudo apt-get install -y {' '.join(missing)}")


# ------------------------------------------------------------------ what it can do


def test() -> int:
    """Every check and every test; all of them run, one failure makes the exit code 1."""
    install("dev")
    look_after_libraries()
    failed = []
    for name, command in CHECKS:
        say(f"== {name}")
        program = BIN / (command[0] + (".exe" if WINDOWS else ""))
        if run([str(program), *command[1:]]) != 0:
            failed.append(name)
    say("== tests")
    workers = str(min(4, os.cpu_count() or 1))
    if run([str(PYTHON), "-m", "pytest", "-q", "-n", workers]) != 0:
        failed.append("tests")
    say("failed: " + ", ".join(failed) if failed else "all checks and tests passed")
    return 1 if failed else 0


def demo(arguments: Sequence[str]) -> int:
    """The server with demo data and a guest's visit over its real port; then the Card Editor."""
    opens = "--once" not in arguments and has_windows() and has_display()
    install("desktop" if opens else "server")
    if opens:
        look_after_libraries()
        say("The Card Editor opens; the demo ends when it is closed.")
        arguments = [*arguments, "--then", "crm_manager"]
    elif "--once" not in arguments:
        say("There is no display here: the servers run in this console.")
    return run([str(PYTHON), "-m", "card_server", "demo", *arguments])


def screenshots(out: Path) -> int:
    """Pictures of every page and dialog of the windows, on a fresh demo; needs no display."""
    install("desktop")
    look_after_libraries()
    failed = 0
    for name in WINDOW_PROGRAMS:
        if (HERE / name / "pictures.py").exists():
            then = ["--then", f"{name}.pictures", "--out", str(out / name)]
            failed |= run([str(PYTHON), "-m", "card_server", "demo", "--once", *then])
    return failed


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="start.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=("suite", "test", "demo", "screenshots"),
        default="suite",
        help="suite: demo data, a visit, and the Card Editor where there is a display (default);"
        " test: every check and test; demo: the story on a fresh database, ends by itself;"
        " screenshots: pictures of every page and dialog in --out",
    )
    parser.add_argument("--once", action="store_true", help="no questions, ends by itself")
    parser.add_argument("--out", metavar="DIR", help="folder for report.json or for the pictures")
    parser.add_argument("--language", choices=("ru", "en"), default="ru", help="of the story")
    return parser.parse_args(arguments)


def demo_arguments(options: argparse.Namespace, started_in: Path) -> list[str]:
    """What the demo program is told; a folder is meant where the person stands."""
    arguments = ["--language", str(options.language)]
    if options.once or options.what == "demo":
        arguments.append("--once")
    else:
        arguments += ["--data", str(HERE / "data" / "demo")]
    if options.out:
        arguments += ["--out", str(started_in / options.out)]
    return arguments


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command and do it."""
    fault = version_fault(sys.version_info[:3], sys.executable)
    if fault is not None:
        sys.exit(fault)
    options = parse(sys.argv[1:] if arguments is None else arguments)
    warning = version_warning(sys.version_info[:3])
    if warning is not None:
        say(warning)
    started_in = Path.cwd()
    try:
        make_environment()
        if options.what == "test":
            return test()
        if options.what == "screenshots":
            return screenshots(started_in / (options.out or "screenshots"))
        return demo(demo_arguments(options, started_in))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.exit(f"{error.filename or HERE}: {error.strerror}. Check the folder and your rights.")


if __name__ == "__main__":
    sys.exit(main())
