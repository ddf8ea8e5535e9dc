"""The benchmark's own arithmetic cannot lie: percentiles, ratios, CPU time, verdicts, templates."""

from __future__ import annotations

import math
import random
import socket
import threading
import time
from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.arithmetic import Goal, micros_per, percentile, ratio_of_medians, verdict
from tests.benchmarks.load import Run, length_of
from tests.benchmarks.processes import Figures
from tests.benchmarks.report import Rounds, cpu_us
from tests.benchmarks.requests import MAKERS, Target

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def figures(rate: float, *, cpu: float = 1.0, answers: int = 1000) -> Figures:
    return Figures(
        rate=rate,
        answers=answers,
        failures=0,
        first_failure="",
        p50_ms=1,
        p95_ms=2,
        p99_ms=3,
        client_cpu_share=0.5,
        server_cpu_s=cpu,
    )


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_is_the_smallest_value_that_covers_so_many(
    values: list[float], percent: int
) -> None:
    ordered = sorted(values)
    found = percentile(ordered, percent)
    assert sum(value <= found for value in ordered) * 100 >= percent * len(ordered)
    smaller = [value for value in ordered if value < found]
    assert len(smaller) * 100 < percent * len(ordered)


def test_percentiles_of_a_hundred() -> None:
    ordered = [float(i) for i in range(1, 101)]
    assert [percentile(ordered, p) for p in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([], 99) == 0


def test_a_ratio_compares_medians_not_means() -> None:
    assert ratio_of_medians([10, 20, 1000], [10, 1, 9]) == pytest.approx(20 / 9)


@pytest.mark.parametrize(("ours", "theirs"), [([], [1.0]), ([1.0], []), ([1.0], [0.0])])
def test_what_was_not_measured_has_no_ratio(ours: list[float], theirs: list[float]) -> None:
    assert ratio_of_medians(ours, theirs) is None


def test_cpu_time_of_a_request() -> None:
    assert micros_per(1.5, 30_000) == 50
    assert micros_per(1.5, 0) is None


@pytest.mark.parametrize(
    ("value", "goal", "told"),
    [
        (1.2, Goal(1.2), "met"),
        (1.19, Goal(1.2), "not met"),
        (0.9, Goal(1.2, at_most=True), "met"),
        (1.3, Goal(1.2, at_most=True), "not met"),
        (None, Goal(1.2), "not measured"),
        (math.nan, Goal(1.2), "not met"),
        (math.nan, Goal(1.2, at_most=True), "not met"),
        (5, None, ""),
    ],
)
def test_a_goal_is_met_or_not(value: float | None, goal: Goal | None, told: str) -> None:
    assert verdict(value, goal) == told


def test_rounds_give_medians_of_rates_and_of_cpu_time() -> None:
    rounds = Rounds()
    for rate, cpu in ((100, 0.1), (300, 0.3), (200, 0.2)):
        rounds.add("ours", figures(rate, cpu=cpu))
        rounds.add("echo", figures(rate * 4, cpu=cpu / 2))
    rounds.add_number("pgbench", 50)
    assert rounds.ratio("ours", "pgbench") == 4
    assert rounds.cpu_ratio("ours", "echo") == 2
    assert rounds.middle("ours", cpu_us) == pytest.approx(200)
    assert rounds.ratio("ours", "nobody") is None
    assert rounds.middle("nobody", cpu_us) is None


@pytest.mark.parametrize("cut", range(len(ANSWER) + 1))
def test_the_length_of_an_answer_is_known_from_its_head(cut: int) -> None:
    head = ANSWER.index(b"\r\n\r\n") + 4
    assert length_of(ANSWER[:cut]) == (len(ANSWER) if cut >= head else 0)


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_request_says_its_own_length_and_names_one_of_the_cards(kind: str) -> None:
    cards = array("Q", [10_001, 1_010_000])
    make = MAKERS[kind](Target(code="12345", cards=cards, draw=random.Random(1)))  # noqa: S311
    for request in (make() for _ in range(20)):
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        assert length == len(body)
        assert any(b"%d" % card in body for card in cards)
        assert b"{" not in request


def test_no_two_sales_are_of_the_same_order() -> None:
    cards = array("Q", [10_001])
    make = MAKERS["sale"](Target(code="1", cards=cards, draw=random.Random(1)))  # noqa: S311
    assert len({make() for _ in range(1000)}) == 1000


@pytest.fixture
def slow_server() -> int:
    """Answers each request after 20 ms, one connection after the other in its own thread."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer(talk: socket.socket) -> None:
        with talk:
            while talk.recv(65536):
                time.sleep(0.02)
                talk.sendall(ANSWER)

    def accept() -> None:
        for _ in range(2):
            threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()
        listening.close()

    threading.Thread(target=accept, daemon=True).start()
    return int(listening.getsockname()[1])


def _request() -> Callable[[], bytes]:
    return lambda: b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


def test_the_load_counts_whole_answers_and_how_long_they_took(slow_server: int) -> None:
    run = Run(_request())
    run.connect(slow_server, 2)
    took = run.work(0.5, counting=True)
    assert 0.5 <= took < 5
    assert run.failures == 0
    assert 2 <= len(run.times) <= 2 * took / 0.02
    assert min(run.times) >= 0.019
    _close(run)


def test_with_a_rate_a_late_request_counts_from_when_it_was_due(slow_server: int) -> None:
    run = Run(_request(), rate=1000)
    run.connect(slow_server, 2)
    run.work(0.5, counting=True)
    assert max(run.times) > 0.1
    _close(run)


def _close(run: Run) -> None:
    for key in list(run._selector.get_map().values()):
        key.data.socket.close()
    run._selector.close()
