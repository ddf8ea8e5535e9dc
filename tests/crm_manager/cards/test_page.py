"""The list of cards, and what is done to one card and to many."""

from __future__ import annotations

from card_server.cards import tables
from shared.wire.cards import GetCard
from tests.helpers.windows import Window


def test_cards_are_listed_with_their_guests_and_states(window: Window) -> None:
    window.office.shop.issue(1001, name="Иванова Мария")
    window.office.shop.issue(1002, name="Ёлкин Пётр", state=4, block_reason="утеряна")
    page = window.list_page("cards")
    assert window.texts(page, "card_code") == ["1001", "1002"]
    assert window.texts(page, "state") == ["Активна", "Заблокирована"]
    assert window.texts(page, "holder_name") == ["Иванова Мария", "Ёлкин Пётр"]
    window.picture("cards")


def test_several_cards_are_blocked_at_once_with_one_reason(window: Window) -> None:
    for code in (1001, 1002, 1003):
        window.office.shop.issue(code)
    page = window.list_page("cards")
    window.choose(page, 0, 2)
    window.press(page, "block")
    window.save(reason="проверка", seize=True)
    window.expect("2 карты")
    window.until(
        lambda: window.texts(page, "state") == ["Заблокирована", "Активна", "Заблокирована"]
    )
    card = window.office.ask(GetCard(card_code=1003))
    assert (card.row.block_reason, card.row.seize) == ("проверка", True)


def test_a_deed_is_offered_only_for_cards_that_it_fits(window: Window) -> None:
    window.office.shop.issue(1001)
    page = window.list_page("cards")
    window.choose(page, 0)
    ready = {deed.code for deed in page.spec.deeds if page._is_ready(deed)}
    assert ready == {"block", "replace", "deactivate", "unbind", "void"}


def test_a_lost_card_is_replaced_and_a_refused_number_is_told_in_the_dialog(
    window: Window,
) -> None:
    shop = window.office.shop
    shop.issue(1001)
    shop.issue(1002)
    shop.add(tables.card, card_code=2001, holder_id=None, state=2)
    page = window.list_page("cards")
    window.choose(page, 0)
    window.press(page, "replace")
    dialog = window.fill(new_code=1002, reason="утеряна")
    dialog.save()
    window.until(dialog.notice.isVisible)
    window.save(new_code=2001)
    window.expect("1 карта")
    assert window.office.ask(GetCard(card_code=1001)).row.state == 3
    assert window.office.ask(GetCard(card_code=2001)).row.state == 1


def test_a_search_finds_cards_by_number_and_by_guest(window: Window) -> None:
    window.office.shop.issue(1001, name="Иванова Мария")
    window.office.shop.issue(1002, name="Ёлкин Пётр")
    page = window.list_page("cards")
    page.search.setText("1002")
    window.until(lambda: window.texts(page, "card_code") == ["1002"])
    page.search.setText("иванова")
    window.until(lambda: window.texts(page, "card_code") == ["1001"])


def test_a_filter_narrows_the_list_and_is_there_next_time(window: Window) -> None:
    window.office.shop.issue(1001)
    window.office.shop.issue(1002, state=2)
    page = window.list_page("cards")
    page.filters.put({"state": 2})
    window.until(lambda: window.texts(page, "card_code") == ["1002"])
    page.saved.keep("Неактивные")
    assert page.saved.names() == {"Неактивные": {"state": 2}}
    assert window.program.memory.get("filter.cards", dict[str, int], {}) == {"state": 2}
