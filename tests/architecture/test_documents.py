"""The documents say what is there, and what is there is in the documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from card_server.__main__ import COMMANDS
from tests.architecture.sources import ROOT, modules, text_of, texts

DOCUMENTS: Final = ("ARCHITECTURE.md", "CHANGELOG.md", "GLOSSARY.md", "README.md", "STYLE.md")
LISTS: Final = ("server", "desktop", "dev")
NAME: Final = re.compile(r"^([A-Za-z0-9_.-]+)")
LINK: Final = re.compile(r"\]\(([^)#:]+)\)")
FILE: Final = re.compile(r"`([a-z_/]+/[a-z_]+\.(?:py|md|toml))`")


def _document(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*DOCUMENTS, "LICENSE"])
def test_the_document_is_there(name: str) -> None:
    assert _document(name).strip()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    for target in LINK.findall(_document(name)):
        assert (ROOT / target).exists(), target


def test_every_file_that_a_document_names_exists() -> None:
    for name in DOCUMENTS:
        for path in FILE.findall(_document(name)):
            known = (ROOT / path).exists() or (ROOT / "card_server" / path).exists()
            assert known or path.startswith(("crm_", "tests/card_server/relay")), f"{name}: {path}"


def _wanted(name: str) -> list[str]:
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return [found[1] for line in lines if (found := NAME.match(line)) and not line.startswith("-")]


@pytest.mark.parametrize("name", LISTS)
def test_every_dependency_says_what_it_is_for_and_its_licence(name: str) -> None:
    rows = {
        cells[0].strip(): [cell.strip() for cell in cells[1:]]
        for line in _document("ARCHITECTURE.md").splitlines()
        if line.startswith("| ") and len(cells := line.strip("| ").split(" | ")) == 4
    }
    for package in _wanted(name):
        assert package in rows, f"{package} has no line in ARCHITECTURE.md, section 8"
        assert all(rows[package])
        assert re.search(r"(?<!L)GPL", rows[package][-1]) is None


@pytest.mark.parametrize("name", LISTS)
def test_requirements_are_pinned_with_hashes_and_name_no_registry(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pinned: dict[str, int] = {}
    package = ""
    for line in text.splitlines():
        assert not re.match(r"\s*(-i|--(extra-)?index|--find-links|--trusted)", line), line
        assert "://" not in line
        if found := re.match(r"([A-Za-z0-9_.\[\]-]+)==", line):
            package = found[1].partition("[")[0].lower().replace("_", "-")
            pinned[package] = 0
        pinned[package] = pinned.get(package, 0) + line.count("--hash=sha256:")
    assert all(count > 0 for key, count in pinned.items() if key)
    for wanted in _wanted(name):
        assert wanted.lower() in pinned, wanted


def test_every_command_is_in_the_readme_in_both_languages() -> None:
    readme = _document("README.md")
    russian, english = readme.split("## In English")
    for command in COMMANDS:
        for half in (russian, english):
            assert re.search(rf"`{command}[` ]", half), command


def test_every_subject_is_in_the_glossary() -> None:
    glossary = _document("GLOSSARY.md")
    subjects = {path.parts[1] for path in modules("card_server") if path.name == "tables.py"}
    for subject in subjects | {"documents"}:
        assert f"| `{subject}` |" in glossary, subject


def test_no_word_of_the_glossary_stands_there_twice() -> None:
    rows = [
        line.strip("| ").split(" | ")[0]
        for line in _document("GLOSSARY.md").splitlines()
        if line.count(" | ") == 3 and not line.startswith("| Russian")
    ]
    assert len(rows) == len(set(rows))


FOREIGN: Final = {
    "a package registry": re.compile(r"pypi\.org|pythonhosted\.org|index-url"),
    "somebody's home": re.compile(r"(?<![\w.])/(?:home|root|Users)/\w|[A-Z]:\\\\?Users\\"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_names(what: str) -> None:
    here = Path(__file__).relative_to(ROOT)
    found = [str(path) for path in texts() if path != here and FOREIGN[what].search(text_of(path))]
    assert found == []
