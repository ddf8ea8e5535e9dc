"""Tests of single_instance: one server for a folder, and a dead one locks nobody out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.hosting.single_instance import LOCK_FILE, FolderLock
from shared.wire.errors import AppError, ErrorCode

HOLD = """
import sys
from pathlib import Path
from shared.hosting.single_instance import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


def refused(folder: Path) -> AppError:
    """The refusal of a folder."""
    with pytest.raises(AppError) as caught:
        FolderLock(folder).take()
    return caught.value


def test_the_folder_is_made_and_held_until_it_is_released(tmp_path: Path) -> None:
    folder = tmp_path / "данные" / "кассы"
    lock = FolderLock(folder)
    lock.take()
    assert (folder / LOCK_FILE).read_text() == f"{os.getpid()}\n"
    error = refused(folder)
    assert error.code is ErrorCode.ALREADY_RUNNING
    assert error.facts == {"folder": str(folder), "pid": str(os.getpid())}
    lock.release()
    lock.release()
    again = FolderLock(folder)
    again.take()
    again.release()


def test_another_process_is_named_and_its_death_frees_the_folder(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        assert refused(tmp_path).facts["pid"] == str(holder.pid)
        holder.kill()
        holder.wait(10)
    lock = FolderLock(tmp_path)
    lock.take()
    lock.release()


def test_a_lock_file_left_behind_locks_nobody_out(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text("99999999 and more\n")
    lock = FolderLock(tmp_path)
    lock.take()
    assert (tmp_path / LOCK_FILE).read_text() == f"{os.getpid()}\n"
    lock.release()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_to_is_refused_with_the_reason(
    tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    error = refused(tmp_path / place)
    assert error.code is ErrorCode.FOLDER_DENIED
    assert error.facts["folder"] == str(tmp_path / place)
    assert error.facts["why"]


def test_a_folder_in_the_place_of_the_lock_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).mkdir()
    assert refused(tmp_path).code is ErrorCode.FOLDER_DENIED
