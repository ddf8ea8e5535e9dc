"""Takes something away from a server and gives it back: disk, right to write, the write lock.

Each scenario: the till gets a clear sentence, reading goes on, nothing acknowledged is lost,
nothing is there twice, and the server goes on by itself when the fault is gone.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.faults.judging import Store, after_the_crash, after_the_resend, once_everything_is_told
from tests.faults.killing import prove, usable_cards
from tests.faults.served import ROOT, Served, ask, card_server, prepare
from tests.faults.tills import GOOD, SALE, Clock, Journal, Sent, call, load, resend

ROOM: Final = 96 << 20
"""Size of the small disk; a demo database is some megabytes."""
SENTENCES: Final = (b"SAC-9901", b"SAC-9902")
RECOVERY_S: Final = 20.0
IS_ROOT: Final = hasattr(os, "geteuid") and os.geteuid() == 0

Scenario = Callable[[str], list[str]]


class Stage:
    """A server with a load behind it, and what every scenario asks of it."""

    def __init__(self, folder: Path, facts: dict[str, Any]) -> None:
        self.folder = folder
        self.code: str = facts["classifiers"][0]["code"]
        self.before = Store(folder)
        self.cards = usable_cards(folder, 12)
        self.journal = Journal()
        self.clock = Clock()
        self.wrong: list[str] = []
        self.server = Served(folder)
        self._serial = 0

    def work(self, seconds: float) -> None:
        """An ordinary load."""
        done = asyncio.run(load(self.server.port, self.code, self.cards, 8, seconds, 7))
        self.journal.orders.update(done.orders)

    def sale(self) -> Sent:
        """One sale, its answer remembered."""
        self._serial += 1
        card = self.cards[self._serial % len(self.cards)]
        order = f"fault-{self._serial}"
        sent = self.journal.add(call(self.clock, order, SALE, card, [(2, 100), (3, 2000)]))
        answer = ask(self.server.port, "transactionsex", self.code, sent.body)
        if answer is not None:
            sent.answers.append(answer)
        return sent

    def expect_refusal(self, tries: int = 200) -> None:
        """Sales go wrong now, with a sentence a person understands."""
        for _ in range(tries):
            sent = self.sale()
            if sent.acknowledged:
                continue
            if not sent.answers:
                self.wrong.append("a till got no answer while the fault lasted")
            elif not any(code in sent.answers[0] for code in SENTENCES):
                self.wrong.append(f"not a sentence about the database: {sent.answers[0][:300]!r}")
            sent.answers.clear()  # not stored: the till asks again, and may be served then
            return
        self.wrong.append("no sale was refused while the fault lasted")

    def expect_reading(self) -> None:
        """The card window opens all the same."""
        started = time.monotonic()
        body = f'<ROOT><QRY Card="{self.cards[0]}"/></ROOT>'.encode()
        answer = ask(self.server.port, "getcardinfoex", self.code, body)
        took = time.monotonic() - started
        if answer is None or GOOD not in answer:
            self.wrong.append(f"the card window does not open: {answer!r}")
        elif took > RECOVERY_S / 2:
            self.wrong.append(f"the card window took {took:.1f} s")

    def expect_recovery(self) -> None:
        """Without a restart the next sale but few is booked."""
        until = time.monotonic() + RECOVERY_S
        while time.monotonic() < until:
            sent = self.sale()
            if sent.acknowledged:
                return
            sent.answers.clear()
            time.sleep(0.2)
        self.wrong.append("the server does not recover when the fault is gone")

    def conclude(self) -> list[str]:
        """Everything is sent again; every answer fits the store; the proof is clean."""
        calls = list(self.journal.calls())
        self.wrong += after_the_crash(self.journal, Store(self.folder))
        silent = [sent for sent in calls if not sent.answers]
        port = self.server.port
        asyncio.run(resend(port, self.code, silent))
        first = asyncio.run(resend(port, self.code, calls))
        second = asyncio.run(resend(port, self.code, calls))
        self.wrong += after_the_resend(self.journal, calls, first, second)
        if self.server.stop() != 0:
            self.wrong.append("the server did not stop as it was asked to")
        after = Store(self.folder)
        self.wrong += once_everything_is_told(self.journal, self.before, after, self.cards)
        self.wrong += prove(self.folder)
        return self.wrong


@contextmanager
def stage(durability: str, *, small_disk: bool = False) -> Iterator[Stage]:
    """A prepared server, on a small disk of its own where that can be had."""
    with tempfile.TemporaryDirectory(prefix="kartoteka-fault-") as root:
        disk = Path(root) / "disk"
        disk.mkdir()
        mounted = small_disk and IS_ROOT and _mount(disk)
        try:
            folder = disk / "data"
            facts = prepare(folder, durability)
            one = Stage(folder, facts)
            try:
                yield one
            finally:
                if one.server.process.poll() is None:
                    one.server.kill()
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(disk)], check=False)  # noqa: S603, S607 - a test's own disk


def _mount(disk: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(disk)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - a test's own disk


def disk_full(durability: str) -> list[str]:
    """No room for one more page: on a small disk, or under a limit of file sizes."""
    with stage(durability, small_disk=True) as one:
        one.work(1.0)
        if os.path.ismount(one.folder.parent):
            _on_a_small_disk(one)
        elif sys.platform == "linux":
            _under_a_limit(one)
        else:
            return ["needs Linux: a small disk as root, or limits of processes"]
        one.expect_recovery()
        return one.conclude()


def _on_a_small_disk(one: Stage) -> None:
    filler = one.folder.parent / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * (1 << 20))
        except OSError:
            pass
        try:
            while True:
                file.write(b"\0" * 512)
        except OSError:
            pass
    one.expect_refusal()
    one.expect_reading()
    filler.unlink()


def _under_a_limit(one: Stage) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    log = one.folder / "kartoteka.db-wal"
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    size = log.stat().st_size + 4096
    resource.prlimit(one.server.pid, resource.RLIMIT_FSIZE, (size, unlimited[1]))
    one.expect_refusal()
    one.expect_reading()
    resource.prlimit(one.server.pid, resource.RLIMIT_FSIZE, unlimited)


def locked(durability: str) -> list[str]:
    """Another program holds the write lock and does not let go."""
    with stage(durability) as one:
        one.work(1.0)
        with _write_lock(one.folder):
            one.expect_refusal()
            one.expect_reading()
        one.expect_recovery()
        return one.conclude()


@contextmanager
def _write_lock(folder: Path) -> Iterator[None]:
    """Held by a process of its own, as a backup program would."""
    script = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)\n"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.readline()\n"
        "c.rollback()\n"
    )
    holder = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, str(folder / "kartoteka.db")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        yield
    finally:
        holder.stdin.close()
        holder.wait(30)
        holder.stdout.close()


def read_only(durability: str) -> list[str]:
    """A database that may not be written: the server says so and ends, until it may."""
    wrong: list[str] = []
    with stage(durability) as one:
        one.work(0.5)
        one.server.stop()
        with _write_protected(one.folder) as protected:
            if not protected:
                return ["needs a user that is not root, or root that may mount"]
            done = card_server("serve", *("--relay-port", "0"), folder=one.folder)
            said = done.stderr.decode(errors="replace")
            if done.returncode != 2 or "Traceback" in said or "card-server:" not in said:
                wrong.append(f"exit code {done.returncode}, said: {said[-500:]}")
        one.server = Served(one.folder)
        one.expect_recovery()
        return wrong + one.conclude()


@contextmanager
def _write_protected(folder: Path) -> Iterator[bool]:
    """Files and folder without the right to write; for root, who needs none, a mount without it."""
    if not IS_ROOT:
        paths = [*folder.iterdir(), folder]
        modes = [path.stat().st_mode for path in paths]
        for path in paths:
            path.chmod(path.stat().st_mode & ~0o222)
        yield True
        for path, mode in zip(reversed(paths), reversed(modes), strict=True):
            path.chmod(mode)
        return
    commands = (
        ["mount", "--bind", str(folder), str(folder)],
        ["mount", "-o", "remount,bind,ro", str(folder)],
    )
    ready = all(
        subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - a test's own disk
        for command in commands
    )
    try:
        yield ready
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)  # noqa: S603, S607 - a test's own disk


SCENARIOS: Final[dict[str, Scenario]] = {
    "disk-full": disk_full,
    "read-only": read_only,
    "locked": locked,
}
