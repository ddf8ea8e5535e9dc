"""Standing jobs through the contract: started by who may, in pieces, twice, over a crash (3.12)."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import update

from card_server.ledger import standing_works, tables
from card_server.ledger.manual import Header, HoldPart, OpenHold
from card_server.ledger.records import OperationKind
from card_server.ledger.signing import KEY_BYTES
from card_server.ledger.verify import verify
from card_server.works import enter_works
from shared.settings.secrets import SERVICE
from shared.wire import jobs
from shared.wire.rights import RIGHTS
from tests.card_server.cli.test_secret import MemoryKeyring, no_store, store
from tests.helpers.coupons import make_coupon, make_type, state_of
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import die_and_go_on, errors_of, run_job, work_off
from tests.helpers.shop import BONUS

__all__ = ["no_store", "store"]


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_works, "PAGE", 2)
    monkeypatch.setattr(standing_works, "COUPONS_LOOKED_AT", 3)


def due_points(office: Office, count: int = 5) -> list[int]:
    """Guests whose points are past their day."""
    guests = [office.shop.issue(card) for card in range(1, count + 1)]
    for card in range(1, count + 1):
        office.shop.ok(card, [(2, 1_000 * card)])
    office.shop.pass_time(days=366)
    office.sign_in()
    return guests


def open_holds(office: Office, count: int = 5) -> list[int]:
    """Guests with a hold that is past its moment."""
    guests = [office.shop.issue(card) for card in range(1, count + 1)]
    for guest in guests:
        office.shop.grant(guest, BONUS, 100_00)
        account_id = office.shop.account(guest, BONUS).account_id
        part = HoldPart(account_id=account_id, amount=40_00)
        posting = OpenHold(header=Header(key=f"h{guest}"), parts=(part,), minutes=10)
        assert office.shop.run(posting)[0].error is None
    office.shop.pass_time(minutes=11)
    return guests


def count_of(office: Office, kind: int) -> int:
    return len(office.shop.rows(tables.operation, tables.operation.c.kind == kind))


def prove(office: Office) -> None:
    with office.shop.connection.begin():
        report = verify(office.shop.connection, full=True, now=office.shop.now)
    assert report.findings == []


def test_every_standing_work_needs_the_right_to_run_jobs(office: Office) -> None:
    enter_works()
    starters = {"job.run", *jobs.STARTERS.values()}
    office.add_user("idler", *(right for right in RIGHTS if right not in starters))
    token = office.sign_in("idler")
    for code in standing_works.WORKS:
        start = jobs.StartJob(operation_id=new_operation_id(), code=code)
        assert office.refused(start, token) == "NO_RIGHT"


@pytest.mark.parametrize("code", ["lots.expire", "lots.available"])
def test_due_points_burn_page_by_page_and_once(office: Office, code: str) -> None:
    guests = due_points(office)
    run = run_job(office, code)
    assert (run.state, run.processed) == (jobs.DONE, 5)
    assert [office.shop.balance(guest, BONUS) for guest in guests] == [0] * 5
    assert run_job(office, code).processed == 0
    assert count_of(office, OperationKind.EXPIRE) == 5
    prove(office)


@pytest.mark.parametrize("after", [False, True])
def test_burning_goes_on_after_a_crash_at_any_step(office: Office, *, after: bool) -> None:
    guests = due_points(office, 3)
    start = jobs.StartJob(operation_id=new_operation_id(), code="lots.expire")
    run_id, left = office.ask(start).run_id, 0
    while die_and_go_on(office, run_id, left, after=after):
        left += 1
        assert left < 30
    assert office.ask(jobs.GetRun(run_id=run_id)).state == jobs.DONE
    assert [office.shop.balance(guest, BONUS) for guest in guests] == [0] * 3
    assert count_of(office, OperationKind.EXPIRE) == 3
    prove(office)


def test_holds_past_their_moment_end_and_others_stay(office: Office) -> None:
    guests = open_holds(office)
    young = office.shop.issue(9)
    office.shop.grant(young, BONUS, 100_00)
    account_id = office.shop.account(young, BONUS).account_id
    part = HoldPart(account_id=account_id, amount=10_00)
    posting = OpenHold(header=Header(key="young"), parts=(part,), minutes=10)
    assert office.shop.run(posting)[0].error is None
    run = run_job(office, "holds.expire")
    assert (run.state, run.processed) == (jobs.DONE, 5)
    held = [office.shop.account(guest, BONUS).held for guest in [*guests, young]]
    assert held == [0, 0, 0, 0, 0, 10_00]
    assert count_of(office, OperationKind.HOLD_EXPIRE) == 5
    assert run_job(office, "holds.expire").processed == 0
    prove(office)


def test_coupons_past_their_last_day_are_marked(office: Office) -> None:
    shop = office.shop
    make_type(shop, 7)
    make_type(shop, 8, content=False, valid_days=3)
    today = date(2026, 3, 2)
    over = make_coupon(shop, 1, valid_to=date(2026, 3, 1))
    last = make_coupon(shop, 2, valid_to=today)
    endless = make_coupon(shop, 3)
    by_type = make_coupon(shop, 4, 8)
    used = make_coupon(shop, 5, valid_to=date(2026, 3, 1), state=3, uses=1)
    run = run_job(office, "coupons.expire")
    assert (run.state, run.processed) == (jobs.DONE, 4)
    states = [state_of(shop, code)[0] for code in (over, last, endless, by_type, used)]
    assert states == [5, 2, 2, 2, 3]
    shop.pass_time(days=2)
    office.sign_in()
    run_job(office, "coupons.expire")
    assert [state_of(shop, code)[0] for code in (last, endless, by_type)] == [5, 2, 2]
    shop.pass_time(days=1)
    office.sign_in()
    run_job(office, "coupons.expire")
    assert [state_of(shop, code)[0] for code in (endless, by_type)] == [2, 5]


def test_the_chain_is_signed_for_every_day_that_has_ended(
    office: Office, store: MemoryKeyring
) -> None:
    office.shop.issue(1)
    for _ in range(3):
        office.shop.ok(1, [(3, 100_00)])
        office.shop.pass_time(days=1)
    office.sign_in()
    run = run_job(office, "chain.sign")
    assert (run.state, run.processed) == (jobs.DONE, 3)
    days = [row.business_date.day for row in office.shop.rows(tables.chain_head)]
    assert days == [2, 3, 4]
    key = bytes.fromhex(json.loads(run.outcome or "")["public_key"])
    assert len(store.stored[SERVICE, "chain.key"]) == 2 * KEY_BYTES
    with office.shop.connection.begin():
        report = verify(office.shop.connection, full=True, public_key=key, now=office.shop.now)
    assert (report.findings, report.signed_heads, report.notes) == ([], 3, [])
    assert run_job(office, "chain.sign").processed == 0
    told = json.loads(run_job(office, "verify.full").outcome or "")
    assert (told["signed_heads"], told["notes"]) == (3, [])


@pytest.mark.usefixtures("no_store")
def test_without_a_key_store_the_run_fails_with_the_reason(office: Office) -> None:
    run = run_job(office, "chain.sign")
    assert (run.state, (run.message or "").split()[0]) == (jobs.FAILED, "HEADS_UNSIGNED")


def test_a_broken_key_is_told_and_not_replaced(office: Office, store: MemoryKeyring) -> None:
    store.stored[SERVICE, "chain.key"] = "no key"
    run = run_job(office, "chain.sign")
    assert (run.state, (run.message or "").split()[0]) == (jobs.FAILED, "CHAIN_KEY_BROKEN")
    assert store.stored[SERVICE, "chain.key"] == "no key"


@pytest.mark.parametrize("code", ["verify.quick", "verify.full"])
def test_a_proof_tells_what_it_looked_at_and_what_is_wrong(office: Office, code: str) -> None:
    guest = office.shop.issue(1)
    office.shop.ok(1, [(2, 500), (3, 100_00)])
    run = run_job(office, code)
    told = json.loads(run.outcome or "")
    assert (run.state, run.failed, told["findings"]) == (jobs.DONE, 0, 0)
    assert told["operations"] == run.processed == 1
    entry, account_id = tables.entry, office.shop.account(guest, BONUS).account_id
    with office.shop.connection.begin():
        office.shop.connection.execute(
            update(entry).where(entry.c.account_id == account_id).values(amount=501)
        )
    run = run_job(office, code)
    assert (run.state, run.failed > 0) == (jobs.DONE_WITH_ERRORS, True)
    assert set(errors_of(office, run.run_id).values()) == {"VERIFY_BAD"}


def test_a_proof_that_is_cancelled_stops(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.shop.issue(1)
    office.shop.ok(1, [(3, 100_00)])
    monkeypatch.setattr(standing_works, "TELL_S", 0.0)
    start = jobs.StartJob(operation_id=new_operation_id(), code="verify.full")
    run_id = office.ask(start).run_id

    class Cancelling:
        """Somebody cancels while the proof reads."""

        read, edit, book = office.desk.read, office.desk.edit, office.desk.book

        def snapshot(self, work: object) -> object:
            office.ask(jobs.CancelRun(operation_id=new_operation_id(), run_id=run_id))
            return office.desk.snapshot(work)  # type: ignore[arg-type]

    run = work_off(office, run_id, Cancelling())
    assert (run.state, run.outcome) == (jobs.CANCELLED, None)
