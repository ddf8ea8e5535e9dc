"""start.py: what it decides, and how it mends an environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import start


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        ((3, 10, 12), True),
        ((2, 7, 18), True),
        ((3, 9), True),
        ((3, 11, 0), False),
        ((3, 13, 2), False),
        ((3, 15, 0), False),
        ((4, 0, 0), False),
    ],
)
def test_an_old_interpreter_is_named_with_what_to_do(version: tuple[int, ...], fault: bool) -> None:
    found = start.version_fault(version, "/usr/bin/python3")
    assert (found is not None) == fault
    if found is not None:
        assert "/usr/bin/python3" in found
        assert ".".join(map(str, version)) in found
        assert "python3.11 start.py" in found


def test_a_newer_interpreter_than_was_tried_is_named_and_used() -> None:
    assert start.version_warning((3, 11, 7)) is None
    assert start.version_warning((*start.NEWEST, 9)) is None
    warning = start.version_warning((3, 99, 1))
    assert warning is not None
    assert "3.99.1" in warning


def test_start_needs_nothing_but_the_standard_library() -> None:
    text = Path(start.__file__).read_text(encoding="utf-8")
    names = {
        line.split()[1].split(".")[0]
        for line in text.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert names <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("environment", "platform", "shown"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_display_is_seen(environment: dict[str, str], platform: str, shown: bool) -> None:
    assert start.has_display(environment, platform) == shown


def test_missing_libraries_become_packages() -> None:
    wanted = {**start.LIBRARIES, **start.SCREEN_LIBRARIES}
    assert start.missing_packages(wanted, lambda _: True) == []
    assert start.missing_packages(wanted, lambda name: name != "libEGL.so.1") == ["libegl1"]
    everything = start.missing_packages(wanted, lambda _: False)
    assert len(everything) == len(set(everything)) == 24
    assert not start.loads("libof-no-such-thing.so.77")


def test_libraries_that_cannot_be_installed_are_a_command_to_copy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "missing_packages", lambda _wanted: ["libegl1", "libgl1"])
    monkeypatch.setattr(start, "can_install", lambda: False)
    monkeypatch.setattr(sys, "platform", "linux")
    start.look_after_libraries()
    assert "sudo apt-get install -y libegl1 libgl1" in capsys.readouterr().out


def test_root_on_debian_installs_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []
    lacking = [["libegl1"], []]

    def run(command: list[str]) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(start, "missing_packages", lambda _wanted: lacking.pop(0))
    monkeypatch.setattr(start, "can_install", lambda: True)
    monkeypatch.setattr(start, "run", run)
    monkeypatch.setattr(sys, "platform", "linux")
    start.look_after_libraries()
    assert [command[1] for command in ran] == ["update", "install"]
    assert ran[1][-1] == "libegl1"
    assert "sudo" not in capsys.readouterr().out


def test_windows_exist_only_with_a_program_that_starts(tmp_path: Path) -> None:
    (tmp_path / "crm_manager").mkdir()
    assert not start.has_windows(tmp_path)
    (tmp_path / "crm_manager" / "__main__.py").write_text("")
    assert start.has_windows(tmp_path)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ([], ["--language", "ru", "--data", str(start.HERE / "data" / "demo")]),
        (["suite", "--once"], ["--language", "ru", "--once"]),
        (
            ["demo", "--once", "--out", "x y", "--language", "en"],
            ["--language", "en", "--once", "--out", str(Path("/here") / "x y")],
        ),
        (["demo", "--out", "/tmp/o"], ["--language", "ru", "--once", "--out", "/tmp/o"]),  # noqa: S108 - not used
    ],
)
def test_what_the_demo_is_told(words: list[str], arguments: list[str]) -> None:
    assert start.demo_arguments(start.parse(words), Path("/here")) == arguments


@pytest.mark.parametrize("words", [["dance"], ["--loud"], ["demo", "--language", "fr"]])
def test_a_wrong_word_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        start.parse(words)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with blanks and Cyrillic in its path."""
    folder = tmp_path / "Мои программы и данные"
    folder.mkdir()
    binaries = folder / ".venv" / ("Scripts" if start.WINDOWS else "bin")
    monkeypatch.setattr(start, "HERE", folder)
    monkeypatch.setattr(start, "VENV", folder / ".venv")
    monkeypatch.setattr(start, "BIN", binaries)
    monkeypatch.setattr(start, "PYTHON", binaries / start.PYTHON.name)
    return folder


def test_a_broken_environment_is_made_anew(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start.make_environment()
    assert start.is_sound(start.PYTHON)
    assert "Making an isolated environment" in capsys.readouterr().out
    marker = place / ".venv" / "marker"
    marker.write_text("")
    start.make_environment()
    assert marker.exists(), "a sound one is left alone"
    shutil.rmtree(next((place / ".venv").rglob("site-packages")) / "pip")
    assert not start.is_sound(start.PYTHON)
    start.make_environment()
    assert start.is_sound(start.PYTHON)
    assert not marker.exists()
    assert "broken" in capsys.readouterr().out


def test_a_file_in_the_place_of_the_environment_is_no_obstacle(place: Path) -> None:
    (place / ".venv").write_text("half-made")
    assert not start.is_sound(start.PYTHON)
    assert start.create_environment()


def test_an_environment_that_cannot_be_made_says_what_to_install(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "create_environment", lambda: False)
    monkeypatch.setattr(start, "can_install", lambda: False)
    with pytest.raises(SystemExit) as caught:
        start.make_environment()
    assert str(place) in str(caught.value)
    if not start.WINDOWS:
        assert f"python3.{sys.version_info.minor}-venv" in str(caught.value)


def test_a_list_is_installed_once_and_again_when_it_changes(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    codes = [0, 0, 1]

    def run(command: list[str]) -> int:
        ran.append(command)
        return codes.pop(0)

    monkeypatch.setattr(start, "run", run)
    (place / ".venv").mkdir()
    wanted = place / "requirements" / "server.txt"
    wanted.parent.mkdir()
    wanted.write_text("one")
    start.install("server")
    start.install("server")
    assert len(ran) == 1
    assert "--require-hashes" in ran[0]
    wanted.write_text("two")
    start.install("server")
    assert len(ran) == 2
    wanted.write_text("three")
    with pytest.raises(SystemExit):
        start.install("server")
    assert not (place / ".venv" / "installed-server.txt").exists(), "a half-done list is not done"


def test_a_folder_that_lacks_the_lists_is_named(place: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        start.install("server")
    assert str(place) in str(caught.value)


def test_help_works_from_another_folder(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(Path(start.__file__).resolve()), "--help"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert b"--once" in done.stdout


def test_every_program_is_pictured_on_a_fresh_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(start, "install", lambda _name: None)
    monkeypatch.setattr(start, "look_after_libraries", lambda: None)
    monkeypatch.setattr(start, "run", run)
    assert start.screenshots(Path("/pictures")) == 0
    story = ["card_server", "demo", "--once", "--then"]
    assert [command[2:] for command in ran] == [
        [*story, f"{name}.pictures", "--out", str(Path("/pictures", name))]
        for name in ("crm_manager", "user_manager")
    ]


@pytest.mark.parametrize(("display", "opens"), [(True, True), (False, False)])
def test_the_card_editor_opens_where_there_is_a_display(
    monkeypatch: pytest.MonkeyPatch, *, display: bool, opens: bool
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str]) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(start, "install", lambda _name: None)
    monkeypatch.setattr(start, "look_after_libraries", lambda: None)
    monkeypatch.setattr(start, "has_display", lambda: display)
    monkeypatch.setattr(start, "run", run)
    start.demo(["--language", "ru"])
    assert (ran[0][-2:] == ["--then", "crm_manager"]) is opens
