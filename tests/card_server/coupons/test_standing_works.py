"""Standing jobs of coupons and certificates: run twice or in pieces, they do their work once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from card_server.coupons import tables
from shared.wire import certificates, coupons, jobs
from shared.wire.base import Condition
from tests.helpers.certificate_desk import add_type as add_kind
from tests.helpers.certificate_desk import make, sale
from tests.helpers.coupon_desk import add_type, issue, release
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import die_and_go_on, run_job, work_off


def ready(office: Office, type_id: int) -> int:
    where = [
        Condition(field="coupon_type_id", value=type_id),
        Condition(field="state", value=coupons.MADE),
    ]
    total = office.ask(coupons.ListCoupons(where=where, count=True, limit=1)).total
    assert total is not None
    return total


def test_pools_are_filled_by_whole_steps_and_only_where_too_few_lie_ready(office: Office) -> None:
    by_steps = add_type(office, "Ступенями", pool_min=700, pool_step=300)
    exactly = add_type(office, "Ровно", pool_min=5)
    enough = add_type(office, "Хватает", pool_min=1)
    closed = add_type(office, "Кончился", pool_min=9, active_to=date(2026, 1, 1))
    off = add_type(office, "Выключен", pool_min=9, is_active=False)
    free = add_type(office, "Без запаса")
    issue(office, enough, active=False)
    release(office, exactly, 2)
    run = run_job(office, "coupons.pool")
    assert (run.state, run.processed) == (jobs.DONE, 905)
    found = [ready(office, key) for key in (by_steps, exactly, enough, closed, off, free)]
    assert found == [900, 7, 1, 0, 0, 0]
    again = run_job(office, "coupons.pool")
    assert (again.state, again.processed) == (jobs.DONE, 0)


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_filling_goes_on_and_makes_no_coupon_too_many(
    office: Office, *, after: bool
) -> None:
    first = add_type(office, "Первый", pool_min=600)
    second = add_type(office, "Второй", pool_min=10)
    for left in range(2, 5):
        asked = jobs.StartJob(operation_id=new_operation_id(), code="coupons.pool")
        run_id = office.ask(asked).run_id
        die_and_go_on(office, run_id, left, after=after)
        if office.ask(jobs.GetRun(run_id=run_id)).state == jobs.PLANNED:
            work_off(office, run_id)
        assert (ready(office, first), ready(office, second)) == (600, 10)
        with office.shop.connection.begin():
            office.shop.connection.execute(update(tables.coupon).values(state=coupons.VOID))


def test_certificates_past_their_day_are_marked_once(office: Office) -> None:
    kind = add_kind(office, valid_days=3)
    sold, unsold = (one.certificate_id for one in make(office, kind, 2))
    office.ask(sale(sold))
    assert run_job(office, "certificates.expire").processed == 0
    office.shop.pass_time(days=4)
    office.sign_in()
    assert run_job(office, "certificates.expire").processed == 1
    certificate = tables.certificate
    stored = {row.certificate_id: row.state for row in office.shop.rows(certificate)}
    assert stored == {sold: certificates.EXPIRED, unsold: certificates.MADE}
    assert run_job(office, "certificates.expire").processed == 0
