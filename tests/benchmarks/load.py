"""The load generator: keep-alive connections with one request in flight on each, answers counted.

Raw sockets and one selector, requests from templates that are encoded once: it has to cost less
than what it measures. It prints its own CPU share, so that a reader can see whether it did.
"""

from __future__ import annotations

import argparse
import json
import random
import selectors
import socket
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.arithmetic import percentile
from tests.benchmarks.requests import MAKERS, Target

BUFFER = 262_144
SLICE_S = 0.2


class Client:
    """One connection; asks again as soon as it is answered."""

    __slots__ = ("asked_at", "buffer", "socket", "wanted")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self.buffer = b""
        self.wanted = 0

    def ask(self, request: bytes) -> None:
        """Send a whole request."""
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """The whole answer if it is there; raises ConnectionError when the other side is gone."""
        data = self.socket.recv(BUFFER)
        if not data:
            raise ConnectionResetError
        if self.buffer:
            data = self.buffer + data
        if not self.wanted:
            self.wanted = length_of(data)
        if not self.wanted or len(data) < self.wanted:
            self.buffer = data
            return None
        self.buffer, self.wanted = b"", 0
        return data


def length_of(data: bytes) -> int:
    """Bytes of the whole answer that begins here; 0 while its head is not complete."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return 0
    low = data[:head].lower()
    start = low.find(b"content-length:") + 15
    end = low.find(b"\r", start)
    return head + 4 + int(low[start : end if end > 0 else head])


class Run:
    """Counts of one measurement.

    Without a rate each connection asks again as soon as it is answered. With one, requests fall due
    evenly and their time counts from that moment, whether a connection was free or not.
    """

    def __init__(self, make: Callable[[], bytes], rate: float = 0.0) -> None:
        self._make = make
        self._pause = 1 / rate if rate > 0 else 0.0
        self._due = 0.0
        self._idle: list[Client] = []
        self._selector = selectors.DefaultSelector()
        self.times = array("d")
        self.failures = 0
        self.first_failure = b""

    def connect(self, port: int, connections: int) -> None:
        """Open the connections and, without a rate, ask on each."""
        for _ in range(connections):
            client = Client(port)
            self._selector.register(client.socket, selectors.EVENT_READ, client)
            if self._pause:
                self._idle.append(client)
            else:
                client.ask(self._make())
        self._due = time.perf_counter()

    def work(self, seconds: float, *, counting: bool) -> float:
        """Answer and ask for some seconds; returns how many they were."""
        select = self._selector.select
        started = time.perf_counter()
        end = started + seconds
        while (now := time.perf_counter()) < end:
            if self._pause:
                self._ask_due(now)
                wait = max(0.0, min(SLICE_S, end - now, self._due - now)) if self._idle else SLICE_S
            else:
                wait = min(SLICE_S, end - now)
            for key, _ in select(wait):
                try:
                    self._take(key.data, counting=counting)
                except OSError as error:
                    self._selector.unregister(key.data.socket)
                    self._fail(repr(error).encode())
        return time.perf_counter() - started

    def _take(self, client: Client, *, counting: bool) -> None:
        answer = client.answer()
        if answer is None:
            return
        if counting:
            self.times.append(time.perf_counter() - client.asked_at)
        if b'ErrorCode="' in answer or not answer.startswith(b"HTTP/1.1 200"):
            self._fail(answer)
        if self._pause:
            self._idle.append(client)
        else:
            client.ask(self._make())

    def _ask_due(self, now: float) -> None:
        while self._idle and self._due <= now:
            client = self._idle.pop()
            client.ask(self._make())
            client.asked_at = self._due
            self._due += self._pause

    def _fail(self, answer: bytes) -> None:
        self.failures += 1
        self.first_failure = self.first_failure or answer[:500]


def go_silent(port: int, connections: int, request: bytes) -> list[Client]:
    """Connections that ask once, are answered, and never say anything again."""
    clients = []
    for _ in range(connections):
        client = Client(port)
        client.ask(request)
        while client.answer() is None:
            pass
        clients.append(client)
    return clients


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Warm up, measure, stop."""
    codes = array("Q")
    codes.frombytes(Path(options.cards).read_bytes())
    draw = random.Random(options.seed)  # noqa: S311 - which card, not a secret
    make = MAKERS[options.kind](Target(code=options.code, cards=codes, draw=draw))
    run = Run(make, options.rate)
    silent = go_silent(options.port, options.silent, make())
    run.connect(options.port, options.connections)
    run.work(options.warm, counting=False)
    server = psutil.Process(options.pid)
    client_cpu, server_cpu = time.process_time(), cpu_of(server)
    took = run.work(options.seconds, counting=True)
    client_cpu, server_cpu = time.process_time() - client_cpu, cpu_of(server) - server_cpu
    for quiet in silent:
        quiet.socket.close()
    times = sorted(run.times)
    return {
        "rate": len(times) / took,
        "answers": len(times),
        "failures": run.failures,
        "first_failure": run.first_failure.decode("utf-8", "replace"),
        "p50_ms": percentile(times, 50) * 1000,
        "p95_ms": percentile(times, 95) * 1000,
        "p99_ms": percentile(times, 99) * 1000,
        "client_cpu_share": client_cpu / took,
        "server_cpu_s": server_cpu,
    }


def cpu_of(process: psutil.Process) -> float:
    """Seconds of user and system time so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True, help="process whose CPU time is counted")
    parser.add_argument("--kind", choices=sorted(MAKERS), default="read")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--silent", type=int, default=0, help="connections that never ask")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm", type=float, default=0.5)
    parser.add_argument("--code", default="", help="code of the classifier that calls")
    parser.add_argument("--cards", required=True, help="file of 64-bit card numbers")
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; 0: all it can")
    parser.add_argument("--seed", type=int, default=1)
    json.dump(measure(parser.parse_args()), sys.stdout)


if __name__ == "__main__":
    main()
