"""What the Card Editor is made of: every page and every kind of record, one line each."""

from __future__ import annotations

from typing import Final

from crm_manager.account_types import page as account_types
from crm_manager.card_ranges import page as card_ranges
from crm_manager.cards import page as cards
from crm_manager.classifiers import page as classifiers
from crm_manager.dictionaries import page as dictionaries
from crm_manager.divisions import page as divisions
from crm_manager.groups import page as groups
from crm_manager.holders import actions as holder_actions
from crm_manager.holders import page as holders
from crm_manager.holders import record as holder
from crm_manager.matrix import page as matrix
from crm_manager.operations import record as operation
from crm_manager.schemes import page as schemes
from crm_manager.time_sets import page as time_sets
from crm_manager.units import page as units
from shared.i18n.texts import tr
from shared.ui.shell import PageEntry, RecordEntry, Shell
from shared.ui.workplace import Workplace

TITLE = tr("Картотека", "Kartoteka")
PAGES: Final = (
    PageEntry("holders", holders.SPEC.title, "person", holders.make, right="holder.view"),
    PageEntry("cards", cards.SPEC.title, "card", cards.make, right="holder.view"),
    PageEntry(
        "classifiers",
        classifiers.SPEC.title,
        "plug",
        classifiers.make,
        right="classifier.edit",
        group=tr("Программы", "Programs"),
    ),
    PageEntry("account_types", account_types.SPEC.title, "wallet", account_types.make),
    PageEntry("matrix", matrix.TITLE, "grid", matrix.make),
    PageEntry("schemes", schemes.SPEC.title, "percent", schemes.make),
    PageEntry("time_sets", time_sets.SPEC.title, "clock", time_sets.make),
    PageEntry(
        "divisions",
        divisions.SPEC.title,
        "columns",
        divisions.make,
        right="operation.view",
        group=tr("Справочники", "Dictionaries"),
    ),
    PageEntry("units", units.SPEC.title, "house", units.make, right="operation.view"),
    PageEntry("card_ranges", card_ranges.SPEC.title, "list", card_ranges.make, right="holder.view"),
    PageEntry("holder_groups", groups.HOLDERS.title, "people", groups.make_holders),
    PageEntry("card_groups", groups.CARDS.title, "card", groups.make_cards),
    *dictionaries.PAGES,
)
RECORDS: Final[tuple[RecordEntry, ...]] = (
    RecordEntry("holder", holder.make),
    RecordEntry("operation", operation.make),
)
FINDERS: Final = (holder_actions.finder,)


def make_shell(workplace: Workplace) -> Shell:
    """The main window."""
    return Shell(workplace, TITLE, PAGES, RECORDS, FINDERS)
