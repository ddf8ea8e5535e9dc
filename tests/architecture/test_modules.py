"""Size, docstrings and imports of every module (STYLE.md)."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from tests.architecture.sources import OTHERS, PROGRAMS, ROOT, modules, text_of, tree_of

ALL: Final = modules(*PROGRAMS, *OTHERS)
LONGEST_MODULE: Final = 400
LONGEST_TEST: Final = 600
LONGEST_FUNCTION: Final = 60
LONG_MODULES: Final = {
    "card_server/db/migrations/versions/0001_structure.py": "one statement a table, never edited",
    "shared/i18n/error_texts.py": "one table of sentences, two languages",
    "card_server/ledger/book.py": "the book of a group; to be parted further",
    "card_server/receipts/relay_posting.py": "to be parted by chmode",
    "card_server/receipts/xml_posting.py": "to be parted by direction",
}
"""Modules over the limit, with the reason; the list shall become shorter."""

LONG_FUNCTIONS: Final = {
    ("card_server/db/migrations/versions/0001_structure.py", "upgrade"),
    ("card_server/demo/programs.py", "_certificates"),
    (
        "tests/card_server/ledger/test_manual.py",
        "test_a_day_of_postings_by_hand_leaves_a_ledger_that_proves_itself",
    ),
}
PURE_ROLES: Final = ("records.py", "rules.py")
VAGUE_NAMES: Final = frozenset({"utils.py", "helpers.py", "common.py", "manager.py", "misc.py"})


@pytest.mark.parametrize("path", ALL, ids=str)
def test_a_module_says_what_it_is_for_and_is_short(path: Path) -> None:
    tree = tree_of(path)
    if tree.body:
        first = (ast.get_docstring(tree) or "").splitlines()
        assert first, "no docstring"
        assert first[0].endswith((".", ":", "?")), first[0]
    if str(path.as_posix()) not in LONG_MODULES:
        limit = LONGEST_TEST if path.parts[0] == "tests" else LONGEST_MODULE
        assert text_of(path).count("\n") <= limit
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            known = (path.as_posix(), node.name) in LONG_FUNCTIONS
            assert known or length <= LONGEST_FUNCTION, f"{node.name}: {length} lines"


def test_no_module_is_called_after_nothing() -> None:
    assert [path for path in modules(*PROGRAMS) if path.name in VAGUE_NAMES] == []


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def test_rules_and_records_of_every_subject_are_declared_pure() -> None:
    """Contract 8 is a list; a new rules file must be on it."""
    declared = {name for contract in _contracts() for name in contract.get("source_modules", [])}
    wanted = {
        ".".join(path.with_suffix("").parts)
        for path in modules("card_server")
        if path.name in PURE_ROLES
    }
    assert wanted <= declared


def test_every_subject_has_its_rooms_in_order() -> None:
    """Contract 7 is a list; a new subject must be on it."""
    (rooms,) = [c for c in _contracts() if c["name"].startswith("7 ")]
    with_tables = {
        f"card_server.{path.parts[1]}"
        for path in modules("card_server")
        if path.name == "tables.py"
    }
    beside = {"card_server.ledger", "card_server.receipts"}  # their rooms are more than roles
    assert with_tables - beside <= set(rooms["containers"])


@pytest.mark.parametrize("path", modules("shared", "card_server"), ids=str)
def test_only_programs_for_a_console_print(path: Path) -> None:
    if path.as_posix().startswith("card_server/demo/__main__"):
        return
    calls = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert calls == []


@pytest.mark.parametrize("path", modules("card_server"), ids=str)
def test_statements_do_not_lean_on_what_ms_sql_server_lacks(path: Path) -> None:
    """`with_for_update` compiles to nothing there; generated keys are never read back."""
    if "migrations" in path.parts:
        return
    for word in ("with_for_update", "inserted_primary_key", ".returning(", "on_conflict"):
        assert word not in text_of(path), word
