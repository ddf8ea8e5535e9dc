"""The page of one guest: tabs, editing, somebody else editing, rights that were taken away."""

from __future__ import annotations

from typing import Any

from pytestqt.qtbot import QtBot

from shared.wire import holders as wire
from tests.card_server.holders.test_desk import PHONE, add, see
from tests.helpers.office import Office, new_operation_id
from tests.helpers.windows import Window, open_window


def rename(office: Office, holder_id: int, **fields: Any) -> None:
    """Somebody else edits the guest."""
    office.ask(
        wire.EditHolder(
            operation_id=new_operation_id(),
            holder_id=holder_id,
            version=see(office, holder_id).row.version,
            fields=wire.HolderFields(**fields),
        )
    )


def test_every_tab_shows_what_belongs_to_the_guest(window: Window) -> None:
    holder_id = window.office.shop.issue(1001, name="Иванова Мария")
    page = window.record("holder", holder_id)
    assert page.name.text() == "Иванова Мария"
    assert page.overview.accounts.count() == 4
    for index in range(page.tabs.count()):
        page.tabs.setCurrentIndex(index)
        window.settle()
        window.picture(f"holder_{index}")
    assert page.cards.model.record(0).card_code == 1001
    assert page.accounts.model.rowCount() == 4
    assert not page.operations.states.is_content


def test_an_edit_sends_only_what_changed_and_stands_in_the_history(window: Window) -> None:
    holder_id = add(window.office)
    page = window.record("holder", holder_id)
    page.editor.form.fill({"m_name": "Ильинична", "smokes": True})
    assert page.is_unsaved()
    assert page.editor.save_button.isEnabled()
    page.editor.save()
    window.settle()
    person = see(window.office, holder_id).person
    assert person is not None
    assert (person.m_name, person.smokes, person.f_name) == ("Ильинична", True, "Анна")
    assert not page.is_unsaved()
    page.tabs.setCurrentIndex(7)
    window.settle()
    assert "Отчество" in window.texts(page.history, "field_name")


def test_nothing_can_be_saved_while_a_field_is_wrong(window: Window) -> None:
    page = window.record("holder", add(window.office))
    page.editor.form.fill({"birth_date": None})
    page.editor.form.widget("birth_date").setText("31.02.2000")
    page.editor.form._on_edit("birth_date")
    assert not page.editor.save_button.isEnabled()
    assert "дата" in page.editor.form.faults()["birth_date"]


def test_a_change_made_elsewhere_is_shown_where_nobody_types(window: Window) -> None:
    holder_id = add(window.office)
    page = window.record("holder", holder_id)
    rename(window.office, holder_id, l_name="Новикова")
    window.until(lambda: page.editor.form.value("l_name") == "Новикова")
    window.until(lambda: page.title.startswith("Новикова"))


def test_two_who_edit_different_fields_both_win(window: Window) -> None:
    holder_id = add(window.office)
    page = window.record("holder", holder_id)
    page.tabs.setCurrentIndex(1)
    page.editor.form.fill({"m_name": "Ильинична"})
    rename(window.office, holder_id, l_name="Новикова")
    page.editor.save()
    window.until(page.editor.notice.isVisible)
    assert page.editor.form.value("l_name") == "Новикова"
    page.editor.save()
    window.settle()
    person = see(window.office, holder_id).person
    assert person is not None
    assert (person.l_name, person.m_name) == ("Новикова", "Ильинична")


def test_two_who_edit_the_same_field_are_asked_whose_counts(window: Window) -> None:
    holder_id = add(window.office)
    page = window.record("holder", holder_id)
    page.tabs.setCurrentIndex(1)
    page.editor.form.fill({"l_name": "Моя", "source": "сайт"})
    rename(window.office, holder_id, l_name="Чужая")
    page.editor.save()
    window.until(page.editor.conflicts.isVisible)
    window.picture("conflict")
    ((conflict, theirs),) = page.editor._choices
    assert (conflict.mine, conflict.theirs) == ("Моя", "Чужая")
    theirs.setChecked(True)
    page.editor._take()
    page.editor.save()
    window.settle()
    person = see(window.office, holder_id).person
    assert person is not None
    assert (person.l_name, person.source) == ("Чужая", "сайт")


def test_contacts_are_added_shown_in_full_for_a_reason_and_deleted(
    qtbot: QtBot, office: Office
) -> None:
    holder_id = add(office)
    office.add_user("анна", "holder.view", "holder.edit", "person.unmask", "operation.view")
    with open_window(qtbot, office, login="анна") as window:
        page = window.record("holder", holder_id)
        page.tabs.setCurrentIndex(5)
        window.settle()
        assert "•" in window.texts(page.contacts, "value")[0]
        window.press(page.contacts, "add_contact")
        window.save(value="anna@example.com")
        assert page.contacts.model.rowCount() == 2
        window.choose(page.contacts, 0)
        window.press(page.contacts, "unmask")
        window.save(reason="гость звонит")
        window.expect("+7 900 000-00-45")
        window.choose(page.contacts, 1)
        window.press(page.contacts, "delete_contact")
        window.answer("yes")
        assert page.contacts.model.rowCount() == 1
    assert PHONE.endswith("45")


def test_what_is_typed_is_not_lost_by_going_elsewhere_or_closing(window: Window) -> None:
    holder_id = add(window.office)
    page = window.record("holder", holder_id)
    page.editor.form.fill({"m_name": "Ильинична"})
    window.list_page("holders")
    assert window.record("holder", holder_id) is page
    assert page.editor.form.value("m_name") == "Ильинична"
    window.shell.close()
    assert window.shell.isVisible()
    window.answer("stay")
    assert window.shell.isVisible()
    window.shell.close()
    window.answer("throw")
    assert not window.shell.isVisible()


def test_without_the_right_to_edit_the_form_is_for_reading(qtbot: QtBot, office: Office) -> None:
    holder_id = add(office)
    office.add_user("зритель", "holder.view")
    with open_window(qtbot, office, login="зритель") as window:
        page = window.record("holder", holder_id)
        page.tabs.setCurrentIndex(1)
        assert not page.editor.save_button.isVisible()
        assert "holder.edit" in page.editor.notice.text.text()
        assert not page.delete_button.isVisible()
        page.editor.form.fill({"m_name": "Ильинична"})
        assert not page.is_unsaved()


def test_a_guest_that_is_not_there_is_told(window: Window) -> None:
    page = window.record("holder", 999_999)
    assert not page.states.is_content


def test_consents_are_written_down(window: Window) -> None:
    page = window.record("holder", add(window.office))
    page.tabs.setCurrentIndex(5)
    window.settle()
    window.press(page.consents, "add_consent")
    window.save(granted=False, source=7)
    assert window.texts(page.consents, "granted") == ["Отказ"]
    assert window.texts(page.consents, "source") == ["Жалоба"]


def test_addresses_are_added_and_changed(window: Window) -> None:
    page = window.record("holder", add(window.office))
    page.tabs.setCurrentIndex(6)
    window.settle()
    window.press(page.addresses, "add_address")
    window.save(city="Тверь", street="Советская")
    window.choose(page.addresses, 0)
    window.press(page.addresses, "edit_address")
    window.save(house="12")
    assert window.texts(page.addresses, "house") == ["12"]
    assert window.texts(page.addresses, "city") == ["Тверь"]
