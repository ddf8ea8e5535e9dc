"""Answers leave after the flush of what they acknowledge, in order, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from card_server.ledger.durability import FlushThread, InlineDurability, measure_flush_s

PATIENCE_S = 10


class Disk:
    """A log whose flushes happen when the test lets them."""

    def __init__(self) -> None:
        self.story: list[str] = []
        self.gate = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self.error: OSError | None = None

    def flush(self, _descriptor: int) -> None:
        self.entered.release()
        assert self.gate.acquire(timeout=PATIENCE_S)
        if self.error is not None:
            raise self.error
        self.story.append("flush")

    def told(self, name: str) -> Callable[[], None]:
        return lambda: self.story.append(name)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def flusher(disk: Disk, tmp_path: Path) -> Iterator[FlushThread]:
    log = tmp_path / "kartoteka.db-wal"
    log.write_bytes(b"log")
    thread = FlushThread(
        log,
        lambda call: call(),
        lambda error: disk.story.append(f"failed: {error}"),
        flush=disk.flush,
    )
    yield thread
    for _ in range(100):
        disk.gate.release()
    thread.close()


def test_inline_durability_delivers_at_once() -> None:
    story: list[str] = []
    durability = InlineDurability()
    durability.after_commit(lambda: story.append("answer"))
    durability.close()
    assert story == ["answer"]


def test_an_answer_leaves_only_after_the_flush(flusher: FlushThread, disk: Disk) -> None:
    flusher.after_commit(disk.told("answer"))
    assert disk.entered.acquire(timeout=PATIENCE_S)
    assert disk.story == []
    disk.gate.release()
    flusher.close()
    assert disk.story == ["flush", "answer"]


def test_one_flush_serves_every_group_committed_before_it(flusher: FlushThread, disk: Disk) -> None:
    flusher.after_commit(disk.told("first"))
    assert disk.entered.acquire(timeout=PATIENCE_S)
    for name in ("second", "third", "fourth"):
        flusher.after_commit(disk.told(name))
    for _ in range(2):
        disk.gate.release()
    flusher.close()
    assert disk.story == ["flush", "first", "flush", "second", "third", "fourth"]


def test_a_group_committed_during_a_flush_waits_for_the_next(
    flusher: FlushThread, disk: Disk
) -> None:
    flusher.after_commit(disk.told("first"))
    assert disk.entered.acquire(timeout=PATIENCE_S)
    flusher.after_commit(disk.told("late"))
    disk.gate.release()
    assert disk.entered.acquire(timeout=PATIENCE_S)
    assert "late" not in disk.story
    disk.gate.release()
    flusher.close()
    assert disk.story[-2:] == ["flush", "late"]


def test_after_a_failed_flush_everyone_is_told_and_nothing_is_flushed_again(
    flusher: FlushThread, disk: Disk
) -> None:
    disk.error = OSError("no space left")
    flusher.after_commit(disk.told("first"))
    disk.gate.release()
    flusher.after_commit(disk.told("second"))
    flusher.close()
    assert disk.story == ["failed: no space left", "first", "second"]


def test_the_flush_of_a_folder_is_measured_and_leaves_nothing(tmp_path: Path) -> None:
    assert 0 < measure_flush_s(tmp_path) < PATIENCE_S
    assert list(tmp_path.iterdir()) == []
