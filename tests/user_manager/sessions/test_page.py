"""Sessions: seen, and ended."""

from __future__ import annotations

from shared.wire.roles import ListSessions
from tests.helpers.windows import Window


def test_a_session_of_somebody_is_ended(window: Window) -> None:
    window.office.add_user("анна", "holder.view")
    window.office.sign_in("анна")
    page = window.list_page("sessions")
    window.picture("sessions")
    place = window.texts(page, "login").index("анна")
    assert window.texts(page, "state")[place] == "Открыт"
    window.choose(page, place)
    window.press(page, "end")
    window.answer("yes")
    window.expect("Сеанс завершён: анна")
    window.office.sign_in()
    rows = [one for one in window.office.ask(ListSessions()).rows if one.login == "анна"]
    assert all(one.ended_at is not None for one in rows)
