"""What a program remembers of its person."""

from __future__ import annotations

from pathlib import Path

from shared.ui.memory import Memory


def test_values_are_there_after_a_new_start(tmp_path: Path) -> None:
    path = tmp_path / "папка с пробелом" / "program.json"
    Memory(path).put("filters", {"state": 4})
    assert Memory(path).get("filters", dict[str, int], {}) == {"state": 4}


def test_a_value_of_another_kind_or_a_broken_file_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "program.json"
    Memory(path).put("page", ["no", "text"])
    assert Memory(path).get("page", str, "holders") == "holders"
    path.write_bytes(b"{ broken")
    assert Memory(path).get("page", str, "holders") == "holders"


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = Memory(tmp_path / "file" / "program.json")
    memory.put("page", "cards")
    assert memory.get("page", str, "") == "cards"
