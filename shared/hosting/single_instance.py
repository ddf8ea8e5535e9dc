"""One server for a data folder: a lock that dies with the process that holds it.

The lock is the operating system's, on a byte of a file far behind its text; the text only tells a
person who holds it. A file left behind by a killed process locks nobody out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shared.wire.errors import AppError, ErrorCode

LOCK_FILE: Final = "server.lock"
LOCKED_BYTE: Final = 1 << 30
UNKNOWN: Final = "?"

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderLock:
    """The right to work with a data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / LOCK_FILE
        self._descriptor = -1

    def take(self) -> None:
        """Take the folder; makes it when it is not there.

        Raises ALREADY_RUNNING with the holder's process id, FOLDER_DENIED.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, flags, 0o644)
        except OSError as error:
            raise denied(self._folder, error) from error
        try:
            _take(descriptor)
        except OSError as error:
            os.close(descriptor)
            pid = self._holder()
            raise AppError(ErrorCode.ALREADY_RUNNING, folder=str(self._folder), pid=pid) from error
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())

    def _holder(self) -> str:
        try:
            return self._path.read_text("ascii").strip()[:10] or UNKNOWN
        except (OSError, ValueError):
            return UNKNOWN

    def release(self) -> None:
        """Let others have it; the file stays, so that nobody locks a file that is gone."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder for the length of a `with`, for work that must not meet a running server.

    Raises as `FolderLock.take` does.
    """
    lock = FolderLock(folder)
    lock.take()
    try:
        yield
    finally:
        lock.release()


def denied(folder: Path, error: OSError) -> AppError:
    """FOLDER_DENIED with the system's reason."""
    why = error.strerror or str(error)
    return AppError(ErrorCode.FOLDER_DENIED, folder=str(folder), why=why)
