"""The lists of the short dictionaries."""

from __future__ import annotations

from typing import Final

from crm_manager.declaring import Subject, editor_of, list_of, maker
from crm_manager.dictionaries.contacts import ADDRESS_TYPE, CONTACT_TYPE
from crm_manager.dictionaries.manual import NON_PAYER_TYPE, REASON
from crm_manager.dictionaries.properties import PROPERTY
from shared.ui.shell import PageEntry


def _entry(subject: Subject, code: str, icon: str) -> PageEntry:
    spec = list_of(subject, editor_of(subject), code)
    return PageEntry(code, subject.title, icon, maker(spec))


PAGES: Final = (
    _entry(CONTACT_TYPE, "contact_types", "mail"),
    _entry(ADDRESS_TYPE, "address_types", "home"),
    _entry(NON_PAYER_TYPE, "non_payer_types", "wallet"),
    _entry(REASON, "reasons", "book"),
    _entry(PROPERTY, "properties", "tag"),
)
