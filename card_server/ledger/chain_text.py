"""The canonical text of the rows that a posting writes most, field by field (domain 3.15).

`name=value` lines in the order of the records' fields: integers in decimal, moments in UTC to
milliseconds, bytes in hexadecimal, NULL empty. Written out instead of looped over, because every
posting pays for it; `chain.formatter` says the same for any record, and a test compares them.
"""

from __future__ import annotations

from datetime import datetime

from card_server.ledger.records import Allocation, Entry, Lot, Operation


def _moment(value: datetime) -> str:
    return value.isoformat("T", "milliseconds")[:23]


def operation_text(row: Operation) -> str:
    """An operation without its hashes and its remarks."""
    return (
        "[operation]\n"
        f"operation_id={row.operation_id}\n"
        f"writer_id={row.writer_id}\n"
        f"chain_no={row.chain_no}\n"
        f"kind={row.kind:d}\n"
        f"status={row.status:d}\n"
        f"refusal_code={row.refusal_code or ''}\n"
        f"refusal_args={row.refusal_args or ''}\n"
        f"classifier_id={row.classifier_id}\n"
        f"division_id={row.division_id}\n"
        f"unit_id={'' if row.unit_id is None else row.unit_id}\n"
        f"station_no={'' if row.station_no is None else row.station_no}\n"
        f"user_id={'' if row.user_id is None else row.user_id}\n"
        f"pos_user={row.pos_user or ''}\n"
        f"reason_id={'' if row.reason_id is None else row.reason_id}\n"
        f"holder_id={'' if row.holder_id is None else row.holder_id}\n"
        f"card_code={'' if row.card_code is None else row.card_code}\n"
        f"idem_key={row.idem_key}\n"
        f"attempt_no={row.attempt_no}\n"
        f"fingerprint={row.fingerprint.hex()}\n"
        f"attempt_stamp={row.attempt_stamp or ''}\n"
        f"occurred_at={_moment(row.occurred_at)}\n"
        f"occurred_off={row.occurred_off}\n"
        f"recorded_at={_moment(row.recorded_at)}\n"
        f"business_date={row.business_date}\n"
        f"shift_date={row.shift_date or ''}\n"
        f"shift_no={'' if row.shift_no is None else row.shift_no}\n"
        f"ext_id={row.ext_id or ''}\n"
        f"ext_index={'' if row.ext_index is None else row.ext_index}\n"
        f"ext_date={row.ext_date or ''}\n"
        f"order_guid={row.order_guid or ''}\n"
        f"check_no={'' if row.check_no is None else row.check_no}\n"
        f"chmode={'' if row.chmode is None else row.chmode}\n"
        f"check_total={row.check_total}\n"
        f"check_discount={row.check_discount}\n"
        f"paid_accounts={row.paid_accounts}\n"
        f"earn_base_sum={row.earn_base_sum}\n"
        f"reverses_id={'' if row.reverses_id is None else row.reverses_id}\n"
        f"batch_id={'' if row.batch_id is None else row.batch_id}\n"
        f"rule_version={row.rule_version}\n"
    )


def entry_text(row: Entry) -> str:
    """An entry."""
    return (
        "[entry]\n"
        f"entry_id={row.entry_id}\n"
        f"operation_id={row.operation_id}\n"
        f"line_no={row.line_no}\n"
        f"account_id={row.account_id}\n"
        f"account_type_id={row.account_type_id}\n"
        f"amount={row.amount}\n"
        f"balance_after={row.balance_after}\n"
        f"purpose={row.purpose:d}\n"
        f"reverses_entry_id={'' if row.reverses_entry_id is None else row.reverses_entry_id}\n"
        f"pos_amount={'' if row.pos_amount is None else row.pos_amount}\n"
        f"k_bp={'' if row.k_bp is None else row.k_bp}\n"
        f"scheme_id={'' if row.scheme_id is None else row.scheme_id}\n"
        f"level_id={'' if row.level_id is None else row.level_id}\n"
        "campaign_version_id="
        f"{'' if row.campaign_version_id is None else row.campaign_version_id}\n"
        f"rate_bp={'' if row.rate_bp is None else row.rate_bp}\n"
        f"business_date={row.business_date}\n"
    )


def lot_text(row: Lot) -> str:
    """A lot without its caches."""
    return (
        "[lot]\n"
        f"lot_id={row.lot_id}\n"
        f"account_id={row.account_id}\n"
        f"entry_id={row.entry_id}\n"
        f"line={row.line}\n"
        f"operation_id={row.operation_id}\n"
        f"amount={row.amount}\n"
        f"origin={row.origin:d}\n"
        f"parent_lot_id={'' if row.parent_lot_id is None else row.parent_lot_id}\n"
        f"issued_unit_id={'' if row.issued_unit_id is None else row.issued_unit_id}\n"
        f"available_at={_moment(row.available_at)}\n"
        f"first_expires_on={row.first_expires_on or ''}\n"
        f"first_expires_at={_moment(row.first_expires_at) if row.first_expires_at else ''}\n"
    )


def allocation_text(row: Allocation) -> str:
    """An allocation."""
    return (
        "[allocation]\n"
        f"allocation_id={row.allocation_id}\n"
        f"lot_id={row.lot_id}\n"
        f"entry_id={row.entry_id}\n"
        f"operation_id={row.operation_id}\n"
        f"amount={row.amount}\n"
        f"restores_id={'' if row.restores_id is None else row.restores_id}\n"
    )
