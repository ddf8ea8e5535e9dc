"""Gift certificates through the contract: kinds, numbers, sale, return, states (domain 3.17)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from card_server.accounts import tables as account_tables
from card_server.coupons import tables
from card_server.coupons.certificates import check_digit
from card_server.divisions import tables as division_tables
from card_server.holders import tables as holder_tables
from card_server.ledger import tables as ledger_tables
from card_server.ledger.manual import ActivateCertificate, Header
from card_server.ledger.records import LotState, OperationKind, Purpose
from card_server.ledger.standing import ExpireLots
from card_server.ledger.verify import verify
from card_server.users.passwords import fits
from shared.wire import certificates as wire
from shared.wire.base import Condition, Sort
from shared.wire.errors import AppError
from shared.wire.roles import GetHistory
from tests.helpers.certificate_desk import (
    REASON,
    add_account_type,
    add_type,
    made,
    make,
    sale,
    see,
    void,
)
from tests.helpers.office import Office, new_operation_id

GONE = 10**18


def block(office: Office, key: int, reason: str = REASON) -> wire.BlockCertificate:
    version = see(office, key).version
    return wire.BlockCertificate(
        operation_id=new_operation_id(), certificate_id=key, version=version, reason=reason
    )


def unblock(office: Office, key: int) -> wire.UnblockCertificate:
    version = see(office, key).version
    return wire.UnblockCertificate(
        operation_id=new_operation_id(), certificate_id=key, version=version
    )


def lots(office: Office, account_id: int) -> list[Any]:
    lot = ledger_tables.lot
    return office.shop.rows(lot, lot.c.account_id == account_id)


def proven(office: Office) -> bool:
    with office.shop.connection.begin():
        return verify(office.shop.connection, full=True).ok


# ---------------------------------------------------------------------- kinds and numbers


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "FIELD_MISSING"),
        ({"account_type_id": 1}, "FIELD_BAD"),
        ({"account_type_id": 99}, "DICT_VALUE_UNKNOWN"),
        ({"nominal": None}, "FIELD_MISSING"),
        ({"nominal": None, "min_sum": 1}, "FIELD_MISSING"),
        ({"nominal": 0}, "FIELD_BAD"),
        ({"min_sum": 200, "max_sum": 100}, "FIELD_BAD"),
        ({"valid_days": 0}, "FIELD_BAD"),
        ({"active_after_days": -1}, "FIELD_BAD"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    values = {
        "name": "Проба",
        "nominal": 100,
        "account_type_id": add_account_type(office),
        **fields,
    }
    wanted = wire.CertificateTypeFields(**values)
    asked = wire.AddCertificateType(operation_id=new_operation_id(), fields=wanted)
    assert office.refused(asked) == code


def test_a_kind_with_certificates_keeps_its_account_type_and_is_not_deleted(
    office: Office,
) -> None:
    type_id = add_type(office)
    other = add_account_type(office, "Другой")
    make(office, type_id)
    kind = office.ask(wire.GetCertificateType(key=type_id))
    moved = wire.EditCertificateType(
        operation_id=new_operation_id(),
        key=type_id,
        version=kind.version,
        fields=wire.CertificateTypeFields(account_type_id=other),
    )
    assert office.refused(moved) == "IN_USE"
    gone = wire.DeleteCertificateType(
        operation_id=new_operation_id(), key=type_id, version=kind.version
    )
    assert office.refused(gone) == "IN_USE"
    assert [row.name for row in office.ask(wire.ListCertificateTypes()).rows] == ["Подарок 3000"]


def test_numbers_are_made_with_empty_accounts_of_their_own(office: Office) -> None:
    type_id = add_type(office)
    found = make(office, type_id, 300)
    assert len({one.number for one in found}) == 300
    assert all(len(one.number) == 16 and one.number[0] != "0" for one in found)
    assert all(check_digit(one.number[:-1]) == one.number[-1] for one in found)
    row = see(office, found[7].certificate_id)
    assert (row.number, row.state, row.balance, row.holder_id) == (found[7].number, 1, 0, None)
    assert office.ask(wire.GetCertificate(number=f" {row.number} ")) == row
    account = account_tables.account
    (stored,) = office.shop.rows(account, account.c.account_id == row.account_id)
    assert (stored.owner_kind, stored.certificate_id) == (2, row.certificate_id)
    assert proven(office)


def test_numbers_of_no_kind_and_of_no_count_are_refused(office: Office) -> None:
    type_id, off = add_type(office), add_type(office, "Старый", is_active=False)
    for kind, count, code in (
        (99, 1, "ROW_NOT_FOUND"),
        (off, 1, "DICT_VALUE_UNKNOWN"),
        (type_id, 0, "FIELD_BAD"),
        (type_id, 501, "FIELD_BAD"),
    ):
        asked = wire.IssueCertificates(operation_id=new_operation_id(), type_id=kind, count=count)
        assert office.refused(asked) == code
    assert office.shop.count(tables.certificate) == 0


def test_the_check_digit_is_luhns() -> None:
    assert check_digit("7992739871") == "3"
    assert check_digit("453201511283036") == "6"


# ---------------------------------------------------------------------- sale


def test_a_sale_books_the_nominal_with_its_term_once(office: Office) -> None:
    guest = office.shop.issue(1)
    key = made(office, valid_days=365)
    asked = sale(key, holder_id=guest)
    sold = office.ask(asked)
    found = sold.certificate
    assert (found.state, found.balance, found.holder_id) == (wire.ACTIVE, 3_000_00, guest)
    assert (found.valid_to, found.sold_operation_id) == (date(2027, 3, 1), sold.booked_id)
    (lot,) = lots(office, found.account_id)
    assert (lot.amount, lot.origin, lot.expires_on) == (
        3_000_00,
        Purpose.CERTIFICATE,
        date(2027, 3, 1),
    )
    operation = ledger_tables.operation
    (row,) = office.shop.rows(operation, operation.c.operation_id == sold.booked_id)
    assert (row.kind, row.user_id) == (OperationKind.CERTIFICATE_ACTIVATE, 1)
    again = office.ask(asked)
    assert (again.certificate, again.booked_id, again.repeated) == (found, sold.booked_id, True)
    assert office.refused(sale(key)) == "WRONG_STATE"
    assert len(lots(office, found.account_id)) == 1
    assert proven(office)


def test_a_free_sum_lies_between_the_bounds(office: Office) -> None:
    type_id = add_type(office, min_sum=500_00, max_sum=10_000_00)
    low, high = (one.certificate_id for one in make(office, type_id, 2))
    for amount, code in ((None, "FIELD_MISSING"), (499_99, "FIELD_BAD"), (10_000_01, "FIELD_BAD")):
        assert office.refused(sale(low, amount=amount)) == code
    assert office.ask(sale(low, amount=500_00)).certificate.balance == 500_00
    assert office.ask(sale(high, amount=10_000_00)).certificate.balance == 10_000_00
    fixed = made(office, name="Ровно 3000")
    assert office.refused(sale(fixed, amount=1)) == "FIELD_BAD"
    assert office.ask(sale(fixed, amount=3_000_00)).certificate.balance == 3_000_00


def test_a_pin_is_kept_as_a_hash_and_shown_nowhere(office: Office) -> None:
    key = made(office, pin_needed=True)
    assert office.refused(sale(key)) == "FIELD_MISSING"
    office.ask(sale(key, pin="0042"))
    certificate = tables.certificate
    (row,) = office.shop.rows(certificate, certificate.c.certificate_id == key)
    assert fits("0042", row.pin_hash)
    history = office.ask(GetHistory(table_name="certificate", row_key=str(key)))
    assert "0042" not in str(history)
    for pin in ("042", "00420", "abcd", "٤٤٤٤", "1234\n"):
        assert office.refused(sale(key, pin=pin)) == "FIELD_BAD"


def test_value_that_begins_later_is_pending_and_its_days_count_from_then(office: Office) -> None:
    key = made(office, active_after_days=2, valid_days=10)
    found = office.ask(sale(key)).certificate
    assert found.valid_to == date(2026, 3, 13)
    (lot,) = lots(office, found.account_id)
    assert (lot.state, lot.available_at.isoformat()) == (
        LotState.PENDING,
        "2026-03-04T01:00:00+00:00",
    )
    assert proven(office)


def test_what_is_not_used_in_time_burns_with_the_other_lots(office: Office) -> None:
    key = made(office, valid_days=5)
    found = office.ask(sale(key)).certificate
    office.shop.pass_time(days=6)
    office.sign_in()
    assert see(office, key).state == wire.EXPIRED
    done = office.desk.book(ExpireLots(account_ids=(found.account_id,)))
    assert (done.processed, len(done.operations)) == (1, 1)
    assert (see(office, key).balance, see(office, key).state) == (0, wire.EXPIRED)
    assert proven(office)


def test_a_server_that_died_between_booking_and_row_goes_on_where_it_stood(
    office: Office,
) -> None:
    guest = office.shop.issue(1)
    type_id = add_type(office, valid_days=30)
    first, second = (one.certificate_id for one in make(office, type_id, 2))
    mine = sale(first, holder_id=guest)
    for asked in (mine, sale(second)):
        sold = office.ask(asked)
        certificate = tables.certificate
        with office.shop.connection.begin():
            office.shop.connection.execute(
                update(certificate)
                .where(certificate.c.certificate_id == asked.certificate_id)
                .values(state=wire.MADE, sold_operation_id=None, valid_to=None, holder_id=None)
            )
    again = office.ask(mine)
    assert (again.certificate.state, again.certificate.holder_id) == (wire.ACTIVE, guest)
    assert (again.certificate.valid_to, again.repeated) == (date(2026, 3, 31), True)
    assert office.refused(sale(second)) == "WRONG_STATE"
    row = see(office, second)
    assert (row.state, row.sold_operation_id) == (wire.ACTIVE, sold.booked_id)
    assert row.balance == 3_000_00


# ---------------------------------------------------------------------- return and states


def test_a_certificate_never_sold_is_cancelled_without_a_booking(office: Office) -> None:
    key = made(office)
    asked = void(key)
    gone = office.ask(asked)
    assert (gone.certificate.state, gone.booked_id) == (wire.VOID, None)
    assert office.ask(asked).repeated is True
    assert office.refused(sale(key)) == "WRONG_STATE"
    account = account_tables.account
    (row,) = office.shop.rows(account, account.c.account_id == gone.certificate.account_id)
    assert row.state == 3


def test_a_sold_one_is_taken_back_unused_where_its_kind_allows(office: Office) -> None:
    key = made(office, refund_allowed=True, active_after_days=1)
    found = office.ask(sale(key)).certificate
    asked = void(key)
    gone = office.ask(asked)
    assert (gone.certificate.state, gone.certificate.balance) == (wire.VOID, 0)
    (lot,) = lots(office, found.account_id)
    assert (lot.remaining, lot.state) == (0, LotState.CANCELLED)
    again = office.ask(asked)
    assert (again.booked_id, again.repeated) == (gone.booked_id, True)
    assert proven(office)
    strict = made(office, name="Без возврата")
    office.ask(sale(strict))
    assert office.refused(void(strict)) == "CERT_NO_REFUND"
    assert see(office, strict).state == wire.ACTIVE


def test_one_that_was_used_is_not_taken_back(office: Office) -> None:
    key = made(office, refund_allowed=True, valid_days=3)
    office.ask(sale(key))
    office.shop.pass_time(days=4)
    office.sign_in()
    account_id = see(office, key).account_id
    office.desk.book(ExpireLots(account_ids=(account_id,)))
    certificate = tables.certificate
    with office.shop.connection.begin():
        office.shop.connection.execute(update(certificate).values(valid_to=None))
    assert see(office, key).state == wire.USED
    assert office.refused(void(key)) == "WRONG_STATE"


def test_a_blocked_one_pays_nothing_and_is_not_sold_until_it_is_unblocked(office: Office) -> None:
    key = made(office)
    office.ask(block(office, key))
    row = see(office, key)
    assert (row.state, row.block_reason) == (wire.BLOCKED, REASON)
    account = account_tables.account
    (stored,) = office.shop.rows(account, account.c.account_id == row.account_id)
    assert stored.state == 2
    assert office.refused(sale(key)) == "WRONG_STATE"
    assert office.refused(block(office, key)) == "WRONG_STATE"
    office.ask(unblock(office, key))
    assert see(office, key).state == wire.MADE
    office.ask(sale(key))
    office.ask(block(office, key))
    late = unblock(office, key)
    office.ask(unblock(office, key))
    assert (see(office, key).state, see(office, key).block_reason) == (wire.ACTIVE, None)
    assert office.refused(late) == "WRONG_STATE"
    assert office.refused(unblock(office, key)) == "WRONG_STATE"
    assert office.refused(block(office, key, " ")) == "REASON_NEEDED"
    stale = block(office, key)
    stale = wire.BlockCertificate(
        operation_id=new_operation_id(),
        certificate_id=key,
        version=stale.version - 1,
        reason=REASON,
    )
    assert office.refused(stale) == "STALE_EDIT"


def test_unknown_certificates_units_and_guests_are_refused(office: Office) -> None:
    key = made(office)
    assert office.refused(wire.GetCertificate()) == "FIELD_MISSING"
    assert office.refused(wire.GetCertificate(certificate_id=GONE)) == "ROW_NOT_FOUND"
    assert office.refused(wire.GetCertificate(number="x" * 400)) == "ROW_NOT_FOUND"
    assert office.refused(sale(GONE)) == "ROW_NOT_FOUND"
    assert office.refused(sale(key, unit_id=99)) == "ROW_NOT_FOUND"
    assert office.refused(sale(key, holder_id=GONE)) == "ROW_NOT_FOUND"
    assert office.refused(void(key, " ")) == "REASON_NEEDED"
    assert see(office, key).state == wire.MADE


def test_rights_and_divisions_bind_the_sellers(office: Office) -> None:
    shop = office.shop
    shop.add(division_tables.division, division_id=2, id_prefix=2, name="Филиал", sort_no=1)
    stranger = shop.issue(1)
    with shop.connection.begin():
        shop.connection.execute(
            update(holder_tables.holder)
            .where(holder_tables.holder.c.holder_id == stranger)
            .values(division_id=2)
        )
    first, second = (one.certificate_id for one in make(office, add_type(office), 2))
    office.ask(sale(first, holder_id=stranger))
    office.add_user("seller", "certificate.sell", divisions=(1,))
    office.add_user("viewer", "holder.view")
    seller, viewer = office.sign_in("seller"), office.sign_in("viewer")
    assert [r.certificate_id for r in office.ask(wire.ListCertificates(), seller).rows] == [second]
    for request in (wire.GetCertificate(certificate_id=first), void(first)):
        assert office.refused(request, seller) == "DIVISION_FOREIGN"
    assert office.refused(sale(second, holder_id=stranger), seller) == "DIVISION_FOREIGN"
    made_of = wire.IssueCertificates(operation_id=new_operation_id(), type_id=1)
    assert office.refused(made_of, seller) == "NO_RIGHT"
    assert office.refused(wire.ListCertificates(), viewer) == "NO_RIGHT"
    assert office.refused(wire.GetCertificate(certificate_id=second), viewer) == "NO_RIGHT"
    booked = office.ask(sale(second), seller).booked_id
    operation = ledger_tables.operation
    (row,) = shop.rows(operation, operation.c.operation_id == booked)
    assert row.division_id == 1


def test_lists_are_filtered_by_the_state_of_this_moment(office: Office) -> None:
    type_id = add_type(office, valid_days=1)
    first, *others = (one.certificate_id for one in make(office, type_id, 4))
    office.ask(sale(first))
    office.shop.pass_time(days=2)
    office.sign_in()
    expired = wire.ListCertificates(where=[Condition(field="state", value=wire.EXPIRED)])
    assert [row.certificate_id for row in office.ask(expired).rows] == [first]
    page = office.ask(wire.ListCertificates(sort=Sort(field="number"), limit=3, count=True))
    assert (len(page.rows), page.total) == (3, 4)
    rest = office.ask(wire.ListCertificates(sort=Sort(field="number"), limit=3, after=page.next))
    seen = [row.certificate_id for row in [*page.rows, *rest.rows]]
    assert sorted(seen) == sorted([first, *others])
    assert office.refused(wire.ListCertificates(sort=Sort(field="balance"))) == "FIELD_BAD"


def test_the_ledger_fills_no_account_that_is_none_of_a_certificate(office: Office) -> None:
    guest = office.shop.issue(1)
    account = account_tables.account
    with office.shop.connection.begin():
        of_guest = office.shop.connection.execute(
            select(account.c.account_id).where(account.c.holder_id == guest).limit(1)
        ).scalar_one()
        of_house = office.shop.connection.execute(
            select(account.c.account_id).where(account.c.owner_kind == 9).limit(1)
        ).scalar_one()
    for account_id in (of_guest, of_house, GONE):
        posting = ActivateCertificate(
            header=Header(key=new_operation_id()), account_id=account_id, amount=100
        )
        error = office.desk.book(posting).error
        assert isinstance(error, AppError)
        assert str(error) == "ACCOUNT_NOT_FOUND"
