"""Which files the rules of the house are about."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = (
    "card_server",
    "crm_config",
    "crm_manager",
    "crm_monitor",
    "installer",
    "shared",
    "user_manager",
)
OTHERS: Final = ("tests", "start.py")
TEXT_ENDINGS: Final = frozenset(
    {"", ".cfg", ".in", ".ini", ".mako", ".md", ".sql", ".toml", ".txt"}
)


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Python files below folders, relative to the root."""
    found: list[Path] = []
    for folder in folders:
        path = ROOT / folder
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return tuple(path.relative_to(ROOT) for path in found)


@cache
def text_of(path: Path) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(text_of(path))


def texts() -> list[Path]:
    """Everything that a person wrote: modules, documents, lists; not what tools leave behind."""
    top = [
        path.relative_to(ROOT)
        for path in ROOT.iterdir()
        if path.is_file() and path.suffix in TEXT_ENDINGS
    ]
    folders = (*PROGRAMS, "tests", "requirements", ".ci")
    below = [
        path.relative_to(ROOT)
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in {*TEXT_ENDINGS, ".py"}
    ]
    return [*top, *below]
