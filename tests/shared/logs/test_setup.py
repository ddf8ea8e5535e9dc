"""Tests of the log set-up: a process of its own, its standard error and its file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.logs.setup import add_incident, new_reference

START = """
import logging, sys, threading, warnings, structlog
from pathlib import Path
from shared.logs.setup import set_up
set_up(folder=Path(sys.argv[1]), file_bytes=int(sys.argv[2]), files=2)
log = structlog.get_logger("test")
"""


def run(folder: Path, code: str, *, file_bytes: int = 100_000) -> tuple[str, str, list[Any]]:
    """Standard output, standard error and the lines of the file of a process that logs."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", START + code, str(folder), str(file_bytes)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    file = folder / "logs" / "card-server.log"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return done.stdout, done.stderr, [json.loads(line) for line in lines]


def test_lines_go_to_standard_error_and_as_json_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "данные и логи"
    code = 'log.info("карта найдена", peer="10.0.0.1", card=10007)'
    out, err, lines = run(folder, code)
    assert out == ""
    assert "карта найдена" in err
    assert "10007" not in err
    (line,) = lines
    assert line["event"] == "карта найдена"
    assert (line["level"], line["logger"], line["card"]) == ("info", "test", "10***")
    assert line["timestamp"].endswith("Z")


def test_lines_of_libraries_go_the_same_way_and_are_masked(tmp_path: Path) -> None:
    code = 'logging.getLogger("lib").warning("phone %s", "+7 900 000-00-12")'
    _, err, lines = run(tmp_path, code)
    assert lines[0]["event"] == "phone +79***"
    assert lines[0]["logger"] == "lib"
    assert "900" not in err


def test_debug_lines_are_not_written(tmp_path: Path) -> None:
    assert run(tmp_path, 'log.debug("x"); logging.getLogger("lib").debug("y")')[2] == []


def test_an_exception_has_a_number_a_traceback_and_no_values(tmp_path: Path) -> None:
    code = """
card = "4000123412341234"
try:
    raise ValueError(f"card {card}")
except ValueError:
    log.exception("it failed")
"""
    _, err, lines = run(tmp_path, code)
    assert len(lines[0]["reference"]) == 8
    assert "ValueError: card 40***" in lines[0]["exception"]
    assert "4000123412341234" not in err + json.dumps(lines)


@pytest.mark.parametrize(
    "code",
    [
        'raise RuntimeError("boom")',
        """
thread = threading.Thread(target=lambda: 1 / 0, name="worker")
thread.start()
thread.join()
""",
    ],
)
def test_what_nobody_caught_is_written_with_a_number(tmp_path: Path, code: str) -> None:
    line = run(tmp_path, code)[2][0]
    assert line["level"] == "critical"
    assert len(line["reference"]) == 8
    assert "Error" in line["exception"]


def test_the_file_is_rotated_and_old_ones_are_dropped(tmp_path: Path) -> None:
    run(tmp_path, 'for n in range(200): log.info("line", n=n)', file_bytes=2_000)
    names = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert names == ["card-server.log", "card-server.log.1", "card-server.log.2"]


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    _, err, _ = run(tmp_path, "")
    assert "Error" in err


def test_a_number_that_is_there_stays() -> None:
    assert add_incident(None, "error", {"exc_info": True, "reference": "X"})["reference"] == "X"
    assert "reference" not in add_incident(None, "info", {"event": "x"})
    assert new_reference() != new_reference()
