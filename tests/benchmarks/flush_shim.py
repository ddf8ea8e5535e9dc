"""A flush of a fixed length: a library that is loaded first and sleeps in fsync and fdatasync.

The length of a real flush changes from minute to minute and from disk to disk; with the database on
a RAM disk and this shim two runs can be compared. It counts the flushes in a file besides.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Final

SOURCE: Final = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static long length_us = 0;
static uint64_t *count = 0;

__attribute__((constructor)) static void set_up(void) {
    const char *text = getenv("BENCH_FLUSH_US");
    const char *file = getenv("BENCH_FLUSH_COUNT");
    if (text) length_us = atol(text);
    if (file) {
        int descriptor = open(file, O_RDWR);
        if (descriptor >= 0) {
            void *place = mmap(0, 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
            if (place != MAP_FAILED) count = place;
            close(descriptor);
        }
    }
}

static int wait_once(void) {
    struct timespec rest = {length_us / 1000000, (length_us % 1000000) * 1000};
    if (count) __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    while (length_us && nanosleep(&rest, &rest)) {}
    return 0;
}

int fsync(int descriptor) { (void)descriptor; return wait_once(); }
int fdatasync(int descriptor) { (void)descriptor; return wait_once(); }
"""
RAM_DISK: Final = Path("/dev/shm")  # noqa: S108 - the RAM disk itself
NO_COMPILER: Final = "no C compiler or no RAM disk: the flush cannot be fixed"


class FlushShim:
    """The compiled library and the file of its count."""

    def __init__(self, library: Path, counted: Path) -> None:
        self._library = library
        self._counted = counted
        counted.write_bytes(bytes(8))
        counted.chmod(0o666)

    def environment(self, flush_us: int) -> dict[str, str]:
        """What a program is started with, so that its flushes take so long."""
        return {
            "LD_PRELOAD": str(self._library),
            "BENCH_FLUSH_US": str(flush_us),
            "BENCH_FLUSH_COUNT": str(self._counted),
        }

    @property
    def flushes(self) -> int:
        """Flushes of all programs so far."""
        return int(struct.unpack("Q", self._counted.read_bytes())[0])


def build(folder: Path) -> FlushShim | None:
    """Compile the library; None where that cannot be done."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux") or not RAM_DISK.is_dir():
        return None
    source, library = folder / "flush_shim.c", folder / "flush_shim.so"
    source.write_text(SOURCE)
    subprocess.run(  # noqa: S603 - the compiler that was found
        [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True
    )
    return FlushShim(library, folder / "flush.count")
