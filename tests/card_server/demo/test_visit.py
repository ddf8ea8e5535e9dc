"""The story of a visit: it holds on the real server, and it fails on one that lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from card_server.cli.demo import PORTS, Server, Till, is_free, prove
from card_server.db.engine import address_of
from card_server.demo.generator import Demo, Wish, generate, is_unfinished
from card_server.demo.visit import Post, Visit
from card_server.demo.words import EN, RU, slip

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
TIMES = iter(NOW + timedelta(minutes=i) for i in range(1000))
Lie = Callable[[str, str, bytes], bytes]


class Stage:
    """A small demo with its server."""

    def __init__(self, folder: Path, demo: Demo, server: Server) -> None:
        self.folder, self.demo, self.server = folder, demo, server
        self.post = Till(int(server.ports["relay_port"]), demo.classifiers[0].code)

    def visit(self, post: Post, said: list[str], language: str = "en") -> Visit:
        """A visit that has not begun."""
        at = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the server's own clock judges
        mark = next(TIMES)
        visit = Visit(post, self.demo.story_card, at, said.append, language)
        visit._mark = f"{mark:%Y%m%d%H%M%S}"
        return visit


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One server for all stories."""
    folder = tmp_path_factory.mktemp("stage")
    demo = generate(address_of(None, folder), Wish(size="80", months=2))
    server = Server(folder, dict.fromkeys(PORTS, 0))
    stage = Stage(folder, demo, server)
    yield stage
    stage.post.close()
    assert server.stop() == 0


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_story_holds_on_the_real_server(stage: Stage, language: str) -> None:
    said: list[str] = []
    visit = stage.visit(stage.post, said, language)
    assert visit.run(), [step.told() for step in visit.steps if not step.held]
    names = [step.name for step in visit.steps]
    assert names == ["card", "sale", "bill", "greedy", "points", "refund", "again"]
    for step in visit.steps[1:]:
        moved = step.balance_after["bonus"] - step.balance_before["bonus"]
        assert moved == step.expected["points"]
    told = "\n".join(said)
    words = RU if language == "ru" else EN
    assert words["slip_head"] in told
    assert words["slip_back"] in told
    assert words["broken"][:9] not in told
    proof = prove(stage.folder)
    assert (proof["exit_code"], proof["findings"]) == (0, [])


def _more_points(function: str, _body: str, answer: bytes) -> bytes:
    if function != "getcardinfoex":
        return answer
    return re.sub(rb'Sum2="(\d+)"', lambda m: b'Sum2="%d"' % (int(m[1]) * 2 + 1), answer)


def _frozen_points(function: str, _body: str, answer: bytes) -> bytes:
    return re.sub(rb'Sum2="\d+"', b'Sum2="500"', answer) if function == "getcardinfoex" else answer


def _books_nothing(function: str, _body: str, answer: bytes) -> bytes:
    if function == "getcardinfoex":
        return answer
    return answer.replace(b'Result="0"', b'Result="1" ErrorCode="SAC-9902"')


def _refuses_nothing(_function: str, _body: str, answer: bytes) -> bytes:
    return re.sub(rb'Result="1"', b'Result="0"', answer)


def _wrong_refusal(_function: str, _body: str, answer: bytes) -> bytes:
    return re.sub(rb'ErrorCode="SAC-94\d\d"', b'ErrorCode="SAC-9201"', answer)


def _other_card(_function: str, _body: str, answer: bytes) -> bytes:
    return re.sub(rb'CardCode="\d+"', b'CardCode="1"', answer)


def _locked(_function: str, _body: str, answer: bytes) -> bytes:
    return answer.replace(b'Locked="0"', b'Locked="1"')


def _nameless(_function: str, _body: str, answer: bytes) -> bytes:
    return re.sub(rb'Holder="[^"]*"', b'Holder=""', answer)


def _cash_appears(function: str, _body: str, answer: bytes) -> bytes:
    _cash_appears.calls += 1  # type: ignore[attr-defined]
    money = b'Summa="%d"' % _cash_appears.calls  # type: ignore[attr-defined]
    return re.sub(rb'Summa="\d+"', money, answer) if function == "getcardinfoex" else answer


_cash_appears.calls = 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lie", "caught_at"),
    [
        (_more_points, "sale"),
        (_frozen_points, "sale"),
        (_books_nothing, "sale"),
        (_refuses_nothing, "greedy"),
        (_wrong_refusal, "greedy"),
        (_other_card, "card"),
        (_locked, "card"),
        (_nameless, "card"),
        (_cash_appears, "sale"),
    ],
)
def test_a_server_that_lies_is_found_out(stage: Stage, lie: Lie, caught_at: str) -> None:
    honest = stage.post
    said: list[str] = []

    def post(function: str, body: str) -> bytes:
        return lie(function, body, honest(function, body))

    visit = stage.visit(post, said)
    assert not visit.run()
    assert next(step.name for step in visit.steps if not step.held) == caught_at
    assert any("WRONG" in line for line in said)


def test_a_repeat_that_differs_by_one_byte_is_found_out(stage: Stage) -> None:
    honest = stage.post
    seen: set[str] = set()

    def post(function: str, body: str) -> bytes:
        answer = honest(function, body)
        again = body in seen
        seen.add(body)
        return answer + b" " if again and function == "transactionsex" else answer

    visit = stage.visit(post, [])
    assert not visit.run()
    assert [step.name for step in visit.steps if not step.held] == ["again"]


def test_a_repeat_that_books_twice_is_found_out(stage: Stage) -> None:
    honest = stage.post
    seen: set[str] = set()
    answers: dict[str, bytes] = {}

    def post(function: str, body: str) -> bytes:
        if body in seen and function == "transactionsex":
            honest(function, body.replace("-first}", f"-twice{len(seen)}}}"))
            return answers[body]
        seen.add(body)
        return (
            answers.setdefault(body, honest(function, body))
            if "INPBUF" in body
            else honest(function, body)
        )

    visit = stage.visit(post, [])
    assert not visit.run()
    assert [step.name for step in visit.steps if not step.held] == ["again"]


def test_a_slip_has_one_width() -> None:
    for words in (RU, EN):
        lines = slip(words, "slip_back", [(words["slip_total"], "-12345678.90")])
        assert len({len(line) for line in lines}) == 1


def test_both_languages_say_the_same_things() -> None:
    assert RU.keys() == EN.keys()
    for key, text in RU.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", EN[key]))


def test_a_port_in_use_is_seen(stage: Stage) -> None:
    assert not is_free(int(stage.server.ports["relay_port"]))


def test_a_demo_may_be_made_anew_and_nothing_else(stage: Stage, data_dir: Path) -> None:
    assert is_unfinished(address_of(None, stage.folder))
    assert not is_unfinished(address_of(None, data_dir))
    assert not is_unfinished(address_of(None, data_dir / "nothing here"))
