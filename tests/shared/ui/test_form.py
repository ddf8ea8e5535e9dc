"""A declared form: faults beside fields, marks, steps back, mine and theirs."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from shared.i18n.texts import tr
from shared.ui.fields import (
    ChoiceField,
    DayField,
    FlagField,
    MoneyField,
    NumberField,
    TextField,
)
from shared.ui.form import Form, Section
from tests.helpers.windows import Window, press_key, type_text

NAME = TextField(name="name", label=tr("Имя", "Name"), needed=True, longest=10)
FIELDS = (
    NAME,
    MoneyField(name="sum", label=tr("Сумма", "Sum"), high=2_000_00),
    NumberField(name="count", label=tr("Число", "Count"), low=1),
    DayField(name="until", label=tr("До", "Until"), is_last=True),
    FlagField(name="active", label=tr("Действует", "Active"), default=True),
    ChoiceField(
        name="kind", label=tr("Вид", "Kind"), choices={1: tr("один", "one"), 2: tr("два", "two")}
    ),
)
RECORD = {"name": "Анна", "sum": 120050, "count": 3, "until": None, "active": True, "kind": 1}


@pytest.fixture
def form(window: Window) -> Form:
    made = Form(window.shell.workplace, (Section(None, FIELDS),))
    window.qtbot.addWidget(made)
    made.load(RECORD)
    made.show()
    return made


def line(form: Form, name: str) -> QLineEdit:
    widget = form.widget(name)
    assert isinstance(widget, QLineEdit)
    return widget


def retype(form: Form, name: str, text: str) -> None:
    widget = line(form, name)
    widget.setFocus()
    widget.selectAll()
    type_text(widget, text)


def test_a_record_is_shown_and_nothing_has_changed(form: Form) -> None:
    assert line(form, "sum").text() == "1\N{NO-BREAK SPACE}200,50"
    assert line(form, "until").text() == ""
    assert line(form, "until").placeholderText() == "бессрочно"
    assert not form.is_changed
    assert form.values() == RECORD


def test_only_what_changed_is_sent(form: Form) -> None:
    retype(form, "sum", "99.5")
    retype(form, "until", "31.12.2026")
    assert form.changes() == {"sum": 9950, "until": date(2026, 12, 31)}


def test_a_fault_stands_beside_its_field_and_goes_when_it_is_mended(
    form: Form,
) -> None:
    retype(form, "sum", "много")
    assert "сумма" in form.faults()["sum"]
    assert line(form, "sum").property("fault") is True
    retype(form, "sum", "5000")
    assert "Не больше 2" in form.faults()["sum"]
    retype(form, "sum", "5")
    assert form.is_valid
    line(form, "name").clear()
    assert form.show_all_faults()
    assert form.faults() == {"name": "Заполните это поле"}


def test_ctrl_z_goes_back_over_the_whole_form(form: Form) -> None:
    retype(form, "name", "Пётр")
    retype(form, "count", "7")
    press_key(line(form, "count"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (line(form, "count").text(), line(form, "name").text()) == ("3", "Пётр")
    form.undo()
    assert not form.is_changed
    form.redo()
    assert form.changes() == {"name": "Пётр"}


def test_their_changes_are_taken_over_and_only_common_fields_are_in_conflict(
    form: Form,
) -> None:
    retype(form, "name", "Мария")
    retype(form, "count", "9")
    conflicts = form.meet({**RECORD, "name": "Ольга", "sum": 100, "count": 9})
    assert [(c.field.name, c.mine, c.theirs) for c in conflicts] == [("name", "Мария", "Ольга")]
    assert form.value("sum") == 100
    assert form.changes() == {"name": "Мария"}


def test_what_the_server_says_stands_beside_the_field(form: Form) -> None:
    assert form.show_fault("fields.name", "Имя занято")
    assert not form.show_fault("nothing", "?")
    assert form.is_valid, "it may be sent again"


def test_a_choice_that_is_not_offered_is_not_lost(form: Form) -> None:
    form.load({**RECORD, "kind": 77})
    combo = form.widget("kind")
    assert isinstance(combo, QComboBox)
    assert form.value("kind") == 77
    assert not form.is_changed


def test_a_locked_form_is_for_reading(form: Form) -> None:
    form.lock(is_locked=True)
    retype(form, "name", "Пётр")
    assert not form.is_changed
