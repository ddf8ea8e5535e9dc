"""A field of things to tick: a tree with headings, a line to search in a long one.

A heading is ticked when all below it are, half when some are, and ticks or clears them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from shared.i18n.texts import tr
from shared.ui.field_widgets import FieldWidget
from shared.ui.fields import ChecksField
from shared.ui.icons import icon
from shared.ui.widgets import rows
from shared.ui.workplace import Workplace

SEARCH = tr("Найти в списке", "Search the list")
LINE: Final = 26
MANY: Final = 12
"""Choices from which on there is a line to search them."""
KEY: Final = Qt.ItemDataRole.UserRole
ON, OFF = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class ChecksWidget(FieldWidget):
    """The choices with their boxes."""

    def __init__(self, field: ChecksField, parent: QWidget, workplace: Workplace) -> None:
        box = QWidget(parent)
        super().__init__(field, box)
        self._field = field
        self._workplace = workplace
        self._ticked: set[Any] = set()
        self._is_locked = False
        self.search = QLineEdit(box)
        self.search.setPlaceholderText(str(SEARCH))
        self.search.setAccessibleName(str(SEARCH))
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.tree = QTreeWidget(box)
        self.tree.setAccessibleName(str(field.label))
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(1)
        self.tree.setRootIsDecorated(bool(field.groups))
        self.tree.setFixedHeight(field.lines * LINE)
        self.tree.setStyleSheet(f"QTreeWidget::item {{ height: {LINE}px; }}")
        self.tree.header().setStretchLastSection(True)
        self.tree.itemChanged.connect(self._changed)
        box.setLayout(rows(self.search, self.tree, spacing=4))
        box.setFocusProxy(self.tree)
        if field.dictionary is not None:
            workplace.names.changed.connect(self._refill)
        self._refill()

    # ------------------------------------------------------------------ the field

    def typed(self) -> Any:
        """The keys that are ticked; also of choices that are not offered any more."""
        return set(self._ticked)

    def put(self, typed: Any) -> None:
        """Tick these."""
        self._ticked = set(typed or ())
        self._refill()

    def lock(self, *, is_locked: bool) -> None:
        """It can be read and searched, not changed."""
        self._is_locked = is_locked
        self._refill()

    # ------------------------------------------------------------------ the tree

    def _refill(self) -> None:
        with QSignalBlocker(self.tree):
            self.tree.clear()
            if self._field.dictionary is None:
                self._add_groups()
            else:
                self._add_names()
            self.tree.expandAll()
        count = sum(1 for _ in self._leaves())
        self.search.setVisible(count > MANY)
        self._narrow(self.search.text())

    def _add_groups(self) -> None:
        for group in self._field.groups:
            heading = QTreeWidgetItem(self.tree, [str(group.title)])
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            heading.setFlags(self._flags() | Qt.ItemFlag.ItemIsAutoTristate)
            for choice in group.choices:
                self._leaf(heading, choice.key, str(choice.text), str(choice.help or ""))

    def _add_names(self) -> None:
        dictionary = self._field.dictionary
        if dictionary is None:
            return
        found = self._workplace.names.rows(dictionary)
        usable = [
            (key, str(getattr(row, dictionary.name)))
            for key, row in found.items()
            if key in self._ticked or dictionary.usable(row)
        ]
        for key, name in sorted(usable, key=lambda one: one[1].casefold()):
            self._leaf(self.tree, key, name, "")

    def _leaf(self, above: QTreeWidget | QTreeWidgetItem, key: Any, text: str, more: str) -> None:
        leaf = QTreeWidgetItem(above, [f"{text} ({more})" if more else text])
        leaf.setFlags(self._flags())
        leaf.setData(0, KEY, key)
        leaf.setToolTip(0, more)
        leaf.setCheckState(0, ON if key in self._ticked else OFF)

    def _flags(self) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if self._is_locked else flags | Qt.ItemFlag.ItemIsUserCheckable

    def _leaves(self) -> Iterator[QTreeWidgetItem]:
        for place in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(place)
            if item is None:
                continue
            if item.data(0, KEY) is not None:
                yield item
            for below in range(item.childCount()):
                child = item.child(below)
                if child is not None:
                    yield child

    def _changed(self, item: QTreeWidgetItem, _column: int) -> None:
        """Ticked by hand; the tree tells every leaf and heading that changes with it."""
        key = item.data(0, KEY)
        if key is None:
            return
        before = key in self._ticked
        if item.checkState(0) is ON:
            self._ticked.add(key)
        else:
            self._ticked.discard(key)
        if before != (key in self._ticked):
            self.edited.emit()

    def _narrow(self, text: str) -> None:
        """Show what holds the text, in its name or its explanation."""
        wanted = text.strip().casefold()
        for place in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(place)
            if item is None:
                continue
            is_whole = self._fits(item, wanted)
            shown = is_whole
            for below in range(item.childCount()):
                child = item.child(below)
                if child is not None:
                    fits = is_whole or self._fits(child, wanted)
                    child.setHidden(not fits)
                    shown = shown or fits
            item.setHidden(not shown)

    @staticmethod
    def _fits(item: QTreeWidgetItem, wanted: str) -> bool:
        return not wanted or wanted in item.text(0).casefold()
