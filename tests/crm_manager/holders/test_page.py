"""The list of guests in its real window, over the real server."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from shared.wire.holders import GetHolder
from tests.helpers.office import Office
from tests.helpers.windows import Window, open_window, press_key


def test_guests_are_listed_with_their_count_newest_first(window: Window) -> None:
    window.office.shop.issue(1001, name="Иванова Мария")
    window.office.shop.issue(1002, name="Ёлкин Пётр")
    page = window.list_page("holders")
    assert window.texts(page, "full_name") == ["Ёлкин Пётр", "Иванова Мария"]
    window.until(lambda: "2 записи" in page.count.text())
    assert window.texts(page, "group_id") == ["Гости", "Гости"]
    window.picture("holders")


def test_an_empty_list_leads_on_to_the_first_guest(window: Window) -> None:
    page = window.list_page("holders")
    assert not page.states.is_content


def test_a_search_finds_by_card_and_by_the_beginning_of_a_name(window: Window) -> None:
    window.office.shop.issue(1001, name="Иванова Мария")
    window.office.shop.issue(1002, name="Ёлкин Пётр")
    page = window.list_page("holders")
    page.search.setText("елк")
    window.until(lambda: window.texts(page, "full_name") == ["Ёлкин Пётр"])
    page.search.setText("1001")
    window.until(lambda: window.texts(page, "full_name") == ["Иванова Мария"])
    page.search.setText("никого такого")
    window.until(lambda: not page.states.is_content)
    page.search.clear()
    window.until(lambda: page.model.rowCount() == 2)


def test_a_new_guest_is_added_by_the_keyboard_and_his_page_opens(window: Window) -> None:
    page = window.list_page("holders")
    page.setFocus()
    press_key(page, Qt.Key.Key_Insert)
    window.save(l_name="Щербакова", f_name="Юлия", phone="+7 900 000-00-45")
    assert window.page.title == "Щербакова Юлия"
    found = window.office.ask(GetHolder(holder_id=window.page.key))  # type: ignore[attr-defined]
    assert found.contacts[0].value.endswith("45")
    window.expect("Гость добавлен")


def test_a_refused_guest_stays_in_the_dialog_with_what_was_typed(window: Window) -> None:
    page = window.list_page("holders")
    window.press(page, "add")
    dialog = window.fill(f_name="Юлия", phone="12")
    dialog.save()
    window.until(lambda: dialog.notice.isVisible() or dialog.form.faults() != {})
    assert dialog.isVisible()
    assert dialog.form.value("f_name") == "Юлия"
    dialog.form.load({})
    dialog.reject()


def test_a_deleted_guest_leaves_the_list_and_can_be_restored(window: Window) -> None:
    window.office.shop.issue(1001, name="Иванова Мария")
    page = window.list_page("holders")
    window.choose(page, 0)
    window.press(page, "delete")
    window.save(reason="двойник")
    window.until(lambda: not page.states.is_content)
    page.filters.put({"deleted": True})
    window.until(lambda: page.model.rowCount() == 1)
    window.choose(page, 0)
    window.press(page, "restore")
    window.expect("восстановлен")


def test_a_change_made_elsewhere_appears_without_asking(window: Window) -> None:
    window.office.shop.issue(1001, name="Иванова Мария")
    page = window.list_page("holders")
    holder_id = page.model.record(0).holder_id
    from tests.card_server.holders.test_desk import add  # noqa: PLC0415 - the same words

    other = add(window.office, "Новиков", contacts=[])
    assert other != holder_id
    window.until(lambda: "Новиков Анна" in window.texts(page, "full_name"))


def test_who_may_not_see_guests_is_told_which_right_is_missing(
    qtbot: QtBot, office: Office
) -> None:
    office.add_user("кассир", "operation.view")
    with open_window(qtbot, office, login="кассир") as window:
        side = window.shell.navigation
        assert "Гости" not in {side.item(row).text() for row in range(side.count())}
        page = window.list_page("holders")
        assert not page.states.is_content
