"""What pages are given: asking goes on after a session that was lost, news after a lost server."""

from __future__ import annotations

from shared.client.client import new_operation_id
from shared.ui.login import Login
from shared.wire.users import SignOut
from tests.helpers.office import PASSWORD
from tests.helpers.windows import Window


def end_session(window: Window) -> None:
    """The session ends on the server, as after an hour without work."""
    other = window.shell.workplace.client.twin()
    other.ask(SignOut(operation_id=new_operation_id()))
    other.close()
    window.office.shop.pass_time(seconds=5)  # the server remembers a session for a second


def test_after_a_lost_session_the_person_signs_in_and_the_question_goes_on(
    window: Window,
) -> None:
    window.office.shop.issue(1001, name="Иванова Мария")
    page = window.list_page("holders")
    record = window.record("holder", page.model.record(0).holder_id)
    record.editor.form.fill({"m_name": "Ильинична"})
    end_session(window)
    record.editor.save()
    login = window.dialog(Login)
    login.lines["password"].setText(PASSWORD)
    login.submit()
    window.until(lambda: window.dialogs() == [])
    window.expect("продолжаем")
    window.until(lambda: not record.is_unsaved())
    assert record.editor.form.value("m_name") == "Ильинична"


def test_rights_that_are_known_decide_what_is_offered(window: Window) -> None:
    place = window.shell.workplace
    assert place.may("holder.edit")
    assert place.may("signed_in")
    assert not place.may("no.such.right")
