"""`migrate` and `restore` beside a server that has the data folder."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from card_server.__main__ import main
from card_server.cli.exit_codes import COULD_NOT_RUN, OK
from shared.hosting.single_instance import FolderLock, held

Run = Any


@pytest.fixture
def run(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the folder; gives back exit code, answer and the words of a refusal."""

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--data", str(data_dir), "--json", "--language", "en"])
        out = capsys.readouterr()
        return code, out.out, out.err

    return command


@pytest.fixture
def copy(run: Run) -> Path:
    """A backup of the folder's database."""
    code, out, _ = run("backup")
    assert code == OK
    return Path(json.loads(out)["backup"])


def _files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.glob("kartoteka*") if p.is_file()}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("command", ["migrate", "restore"])
def test_a_running_server_is_named_and_nothing_is_touched(
    data_dir: Path,
    copy: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    language: str,
) -> None:
    before = _files(data_dir)
    words = [command, *([str(copy)] if command == "restore" else []), "--data", str(data_dir)]
    with held(data_dir):
        code = main([*words, "--language", language])
    out = capsys.readouterr()
    assert (code, out.out) == (COULD_NOT_RUN, "")
    assert str(os.getpid()) in out.err
    assert any("а" <= letter <= "я" for letter in out.err) == (language == "ru")
    assert _files(data_dir) == before


def test_the_folder_is_free_after_a_command_and_after_one_that_failed(
    run: Run, data_dir: Path, copy: Path
) -> None:
    broken = data_dir / "broken.db"
    broken.write_bytes(b"no database")
    for words, expected in (
        (("migrate",), OK),
        (("restore", str(broken)), COULD_NOT_RUN),
        (("restore", str(copy)), OK),
    ):
        assert run(*words)[0] == expected
        lock = FolderLock(data_dir)
        lock.take()
        lock.release()


def test_a_backup_needs_no_lock_and_restores_what_it_held(
    run: Run, data_dir: Path, copy: Path
) -> None:
    with held(data_dir):
        code, out, _ = run("backup")
    assert code == OK
    shutil.copyfile(json.loads(out)["backup"], data_dir / "taken.db")
    code, out, _ = run("restore", str(data_dir / "taken.db"))
    assert code == OK
    assert Path(json.loads(out)["kept"]).exists()
    assert run("check", "--thorough")[0] == OK
    assert copy.exists()
