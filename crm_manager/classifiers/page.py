"""The list of programs that call."""

from __future__ import annotations

from typing import Final

from crm_manager.classifiers.actions import DEEDS
from crm_manager.classifiers.columns import CLASSIFIERS
from crm_manager.classifiers.editor import SPEC as EDITOR
from shared.i18n.texts import tr
from shared.ui.filters import DeletedFilter, TextFilter
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.record_dialog import editing_deeds, opens
from shared.ui.shell import Shell
from shared.wire.classifiers import ClassifierRow, DeleteClassifier, ListClassifiers


def _key(row: ClassifierRow) -> int:
    return row.classifier_id


def _delete(row: ClassifierRow, operation_id: str) -> DeleteClassifier:
    return DeleteClassifier(operation_id=operation_id, key=_key(row), version=row.version)


SPEC: Final = ListSpec(
    code="classifiers",
    title=tr("Классификаторы", "Classifiers"),
    query=ListClassifiers(),
    columns=CLASSIFIERS,
    key=_key,
    right="classifier.edit",
    tables=frozenset({"classifier"}),
    filters=(TextFilter(name="name", label=tr("Название", "Name")), DeletedFilter()),
    deeds=(
        *editing_deeds(EDITOR, _key, _delete, new=tr("Новый классификатор", "New classifier")),
        *DEEDS,
    ),
    opens=opens(EDITOR, _key),
    empty=tr("Классификаторов пока нет", "No classifiers yet"),
    empty_why=tr(
        "Касса или сайт обращаются по коду программы: добавьте её и выдайте код.",
        "A till or site calls by the code of a program: add one and hand its code out.",
    ),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
