"""Words for tests about gift certificates: a kind, numbers, a sale, a return."""

from __future__ import annotations

from typing import Any

from shared.wire import certificates as wire
from shared.wire import programs
from tests.helpers.office import Office, new_operation_id

REASON = "гость передумал"


def add_account_type(office: Office, name: str = "Сертификат", account_class: int = 81) -> int:
    """An account type of class 81, known to the running ledger."""
    fields = programs.AccountTypeFields(name=name, account_class=account_class)
    asked = programs.AddAccountType(operation_id=new_operation_id(), fields=fields)
    made = office.ask(asked).key
    office.pipeline.rules_changed()
    return made


def add_type(office: Office, name: str = "Подарок 3000", **fields: Any) -> int:
    """A kind of certificates, of 3 000.00 unless told otherwise."""
    if "account_type_id" not in fields:
        fields["account_type_id"] = add_account_type(office, f"Счёт: {name}")
    if "min_sum" not in fields:
        fields.setdefault("nominal", 3_000_00)
    values = wire.CertificateTypeFields(name=name, **fields)
    asked = wire.AddCertificateType(operation_id=new_operation_id(), fields=values)
    return office.ask(asked).key


def make(office: Office, type_id: int, count: int = 1) -> list[wire.MadeCertificate]:
    """Numbers that were made."""
    asked = wire.IssueCertificates(operation_id=new_operation_id(), type_id=type_id, count=count)
    return office.ask(asked).certificates


def made(office: Office, **fields: Any) -> int:
    """One certificate of a kind of its own."""
    return make(office, add_type(office, **fields))[0].certificate_id


def see(office: Office, key: int) -> wire.Certificate:
    """A certificate as it stands."""
    return office.ask(wire.GetCertificate(certificate_id=key))


def sale(key: int, **fields: Any) -> wire.ActivateCertificate:
    """The command that sells it."""
    return wire.ActivateCertificate(operation_id=new_operation_id(), certificate_id=key, **fields)


def void(key: int, reason: str = REASON, **fields: Any) -> wire.VoidCertificate:
    """The command that cancels it."""
    operation_id = new_operation_id()
    return wire.VoidCertificate(
        operation_id=operation_id, certificate_id=key, reason=reason, **fields
    )
