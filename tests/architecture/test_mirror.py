"""Every module has its test in the mirror place, or it is said which test covers it instead."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.sources import ROOT, modules

TILLS: Final = "tests/card_server/receipts/test_relay_posting.py"
MANUAL: Final = "tests/card_server/ledger/test_manual.py"
PAYMENTS: Final = "tests/card_server/receipts/test_paying.py"
BALANCES: Final = "tests/card_server/ledger/test_manual_balances.py"
BOOK: Final = "tests/card_server/ledger/test_book.py"
VISITS: Final = "tests/card_server/demo/test_generator.py"
WINDOWS: Final = "tests/card_server/http/test_dispatch.py"
FARCARDS: Final = "tests/card_server/relay/handlers/test_farcards.py"
ITEMS: Final = "tests/card_server/relay/handlers/test_xml_transaction_lists.py"
XML: Final = "tests/card_server/relay/test_dispatch.py"
ADDING: Final = "tests/card_server/relay/handlers/test_add_holders.py"
EDITING: Final = "tests/card_server/relay/handlers/test_edit_holders.py"
COUPONS: Final = "tests/card_server/relay/handlers/test_xml_coupons.py"
CONSOLE: Final = "tests/card_server/test___main__.py"
USERS: Final = "tests/card_server/users/test_service.py"
SETTINGS: Final = "tests/shared/settings/test_card_server.py"
MERGED: Final = "tests/card_server/ledger/test_merge_flow.py"
SIGNED: Final = "tests/card_server/ledger/test_second_signature.py"
GUESTS: Final = "tests/crm_manager/holders/test_page.py"
UNITS: Final = "tests/crm_manager/units/test_page.py"
GUEST: Final = "tests/crm_manager/holders/test_record.py"
SEARCHES: Final = "tests/card_server/cards/test_holder_search.py"
PROOF: Final = "tests/card_server/ledger/test_verify.py"

ELSEWHERE: Final = {
    # by role
    "card_server/*/tables.py": "tests/card_server/test_schema.py",
    "card_server/*/records.py": TILLS,  # structs without behaviour
    "card_server/*/routes.py": WINDOWS,  # tables without logic
    "card_server/db/migrations/*": "tests/card_server/db/test_migrate.py",
    "card_server/ledger/level_reading.py": "tests/card_server/ledger/test_level_work.py",
    "card_server/ledger/levels.py": "tests/card_server/ledger/test_level_work.py",
    "card_server/ledger/*reading.py": TILLS,
    "card_server/ledger/manual_*.py": MANUAL,
    "card_server/demo/*.py": VISITS,
    "card_server/cli/*.py": CONSOLE,
    # subjects
    "card_server/campaigns/repository.py": "tests/card_server/campaigns/test_service.py",
    "card_server/campaigns/conditions.py": "tests/card_server/campaigns/test_rules.py",
    "card_server/accounts/opening.py": EDITING,
    "card_server/accounts/rules.py": "tests/card_server/schemes/test_service.py",
    "card_server/accounts/types.py": "tests/card_server/schemes/test_service.py",
    "card_server/accounts/service.py": "tests/card_server/relay/handlers/test_xml_states.py",
    "card_server/classifiers/purging.py": "tests/card_server/jobs/test_purging.py",
    "card_server/ledger/chain_key.py": "tests/card_server/ledger/test_standing_works.py",
    "card_server/ledger/purging.py": "tests/card_server/jobs/test_purging.py",
    "card_server/messages/purging.py": "tests/card_server/jobs/test_purging.py",
    "card_server/users/purging.py": "tests/card_server/jobs/test_purging.py",
    "card_server/cards/handing.py": "tests/card_server/ledger/test_card_handing.py",
    "card_server/cards/batch_making.py": "tests/card_server/ledger/test_card_issue.py",
    "card_server/cards/batch_plan.py": "tests/card_server/cards/test_batches.py",
    "card_server/cards/dictionaries.py": "tests/card_server/holders/test_dictionaries.py",
    "card_server/holders/search_names.py": SEARCHES,
    "card_server/holders/search_text.py": SEARCHES,
    "card_server/holders/groups.py": "tests/card_server/holders/test_dictionaries.py",
    "card_server/ledger/approving.py": SIGNED,
    "card_server/*/merging.py": MERGED,
    "card_server/holders/merge_items.py": MERGED,
    "card_server/ledger/merge_queries.py": MERGED,
    "card_server/users/approval*.py": SIGNED,
    "card_server/ledger/dictionaries.py": "tests/card_server/holders/test_dictionaries.py",
    "card_server/cards/enrolling.py": ADDING,
    "card_server/cards/issuing.py": ADDING,
    "card_server/cards/guests.py": "tests/card_server/holders/test_desk.py",
    "card_server/cards/card_reading.py": "tests/card_server/cards/test_states.py",
    "card_server/cards/rules.py": TILLS,
    "card_server/cards/service.py": "tests/card_server/relay/handlers/test_xml_states.py",
    "card_server/classifiers/matrix.py": "tests/card_server/classifiers/test_service.py",
    "card_server/classifiers/rules.py": TILLS,
    "card_server/coupons/details.py": "tests/card_server/coupons/test_types.py",
    "card_server/coupons/reading.py": "tests/card_server/coupons/test_states.py",
    "card_server/coupons/release_work.py": "tests/card_server/coupons/test_releases.py",
    "card_server/reports/coupon_codes.py": "tests/card_server/coupons/test_releases.py",
    "card_server/jobs/licence_check.py": "tests/card_server/licences/test_service.py",
    "card_server/licences/vendor_keys.py": "tests/card_server/licences/test_signed_file.py",
    "card_server/ledger/certificate_flow.py": "tests/card_server/coupons/test_certificates.py",
    "card_server/dictionaries/*.py": "tests/card_server/classifiers/test_service.py",
    "card_server/coupons/repository.py": COUPONS,
    "card_server/coupons/service.py": COUPONS,
    "card_server/divisions/repository.py": "tests/card_server/ledger/test_group.py",
    "card_server/divisions/rules.py": "tests/card_server/divisions/test_service.py",
    "card_server/exchange/*.py": "tests/card_server/exchange/test_service.py",
    "card_server/holders/addresses.py": ADDING,
    "card_server/holders/contacts.py": EDITING,
    "card_server/holders/photos.py": ADDING,
    "card_server/holders/holder_reading.py": "tests/card_server/holders/test_desk.py",
    "card_server/holders/search_records.py": "tests/card_server/cards/test_holder_search.py",
    "card_server/holders/service.py": EDITING,
    "card_server/holders/workbench.py": ADDING,
    "card_server/holders/people.py": FARCARDS,
    "card_server/holders/people_reading.py": FARCARDS,
    "card_server/licences/repository.py": ADDING,
    "card_server/jobs/repository.py": "tests/card_server/jobs/test_running.py",
    "card_server/jobs/registry.py": "tests/card_server/jobs/test_running.py",
    "card_server/jobs/service.py": "tests/card_server/jobs/test_running.py",
    "card_server/reports/*.py": "tests/card_server/reports/test_service.py",
    "card_server/schemes/ladder_rules.py": "tests/card_server/schemes/test_service.py",
    "card_server/schemes/rules.py": TILLS,
    "card_server/users/*.py": USERS,
    # rooms of the database and of the windows' port
    "card_server/management.py": WINDOWS,
    "card_server/schema.py": "tests/card_server/test_schema.py",
    "card_server/db/editing.py": "tests/card_server/divisions/test_service.py",
    "card_server/db/folding.py": "tests/card_server/cards/test_holder_search.py",
    "card_server/db/finding.py": CONSOLE,
    "card_server/db/hot*.py": "tests/card_server/test_statements.py",
    "card_server/db/idempotency.py": WINDOWS,
    "card_server/db/listing.py": USERS,
    "card_server/http/*.py": WINDOWS,
    # the ledger and what tills book, by their stories
    "card_server/ledger/book_parts.py": BOOK,
    "card_server/ledger/working_set.py": BOOK,
    "card_server/ledger/card_limits.py": PAYMENTS,
    "card_server/ledger/durability.py": XML,
    "card_server/ledger/facts.py": TILLS,
    "card_server/ledger/lens.py": COUPONS,
    "card_server/ledger/permitting.py": BALANCES,
    "card_server/ledger/posting.py": XML,
    "card_server/ledger/posting_port.py": TILLS,
    "card_server/ledger/record_rows.py": TILLS,
    "card_server/ledger/rule_loading.py": TILLS,
    "card_server/ledger/rule_set.py": TILLS,
    "card_server/ledger/sealing.py": PROOF,
    "card_server/ledger/sliding.py": PAYMENTS,
    "card_server/ledger/transaction_list.py": ITEMS,
    "card_server/ledger/recount.py": "tests/card_server/ledger/test_rebuild.py",
    "card_server/ledger/verify_*.py": PROOF,
    "card_server/ledger/writer_connection.py": "tests/card_server/ledger/test_group.py",
    "card_server/ledger/writing.py": TILLS,
    "card_server/presets/rk7_*.py": "tests/card_server/presets/test_rk7.py",
    "card_server/receipts/xml_*.py": COUPONS,
    "card_server/receipts/*.py": TILLS,
    # the relay, by what comes over the wire
    "card_server/relay/crm_xml_*.py": XML,
    "card_server/relay/farcards_*.py": FARCARDS,
    "card_server/relay/coupon_buffers.py": "tests/card_server/receipts/test_relay_coupons.py",
    "card_server/relay/exchange.py": "tests/card_server/relay/test_listener.py",
    "card_server/relay/http_frames.py": "tests/card_server/relay/test_http_reader.py",
    "card_server/relay/http_target.py": "tests/card_server/relay/test_http_reader.py",
    "card_server/relay/limits.py": "tests/card_server/relay/test_listener.py",
    "card_server/relay/sightings.py": FARCARDS,
    "card_server/relay/handlers/card_window.py": FARCARDS,
    "card_server/relay/handlers/pos_texts.py": FARCARDS,
    "card_server/relay/handlers/finding.py": FARCARDS,
    "card_server/relay/handlers/coupon_blocks.py": COUPONS,
    "card_server/relay/handlers/*.py": ITEMS,
    # windows, by the pages that are made of them
    "shared/ui/application.py": GUESTS,
    "shared/ui/check_tree.py": "tests/user_manager/roles/test_page.py",
    "shared/ui/column.py": GUESTS,
    "shared/ui/dialogs.py": GUESTS,
    "shared/ui/editor.py": GUEST,
    "shared/ui/exporting.py": GUESTS,
    "shared/ui/field_widgets.py": "tests/shared/ui/test_form.py",
    "shared/ui/field_kinds.py": "tests/shared/ui/test_form.py",
    "shared/ui/fields.py": "tests/shared/ui/test_form.py",
    "shared/ui/filter*.py": GUESTS,
    "shared/ui/flow.py": GUESTS,
    "shared/ui/history.py": UNITS,
    "shared/ui/icons.py": GUESTS,
    "shared/ui/job_bar.py": GUESTS,
    "shared/ui/list_*.py": GUESTS,
    "shared/ui/live.py": GUESTS,
    "shared/ui/names.py": GUESTS,
    "shared/ui/page.py": GUESTS,
    "shared/ui/palette.py": GUESTS,
    "shared/ui/record_dialog.py": UNITS,
    "shared/ui/saved_filters.py": GUESTS,
    "shared/ui/shell*.py": GUESTS,
    "shared/ui/short_list.py": GUEST,
    "shared/ui/table_*.py": GUESTS,
    "shared/ui/widgets.py": GUESTS,
    "shared/ui/workplace.py": GUESTS,
    # what programs share
    "shared/i18n/report_texts.py": "tests/card_server/reports/test_service.py",
    "shared/client/*.py": WINDOWS,
    "shared/settings/house.py": SETTINGS,
    "shared/settings/server_file.py": SETTINGS,
    "shared/settings/wire.py": SETTINGS,
    "shared/settings/secrets.py": "tests/card_server/cli/test_secret.py",
    "shared/wire/*.py": WINDOWS,
}
"""Modules without a mirror test, and the test that goes through them."""

SOURCES: Final = [path for path in modules("card_server", "shared") if path.name != "__init__.py"]


def mirror_of(path: Path) -> Path:
    """Where the test of a module belongs."""
    return Path("tests", *path.parts[:-1], f"test_{path.name}")


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_a_module_has_its_mirror_test(path: Path) -> None:
    covered = any(fnmatch(path.as_posix(), pattern) for pattern in ELSEWHERE)
    assert (ROOT / mirror_of(path)).exists() or covered, (
        f"write {mirror_of(path)}, or say in ELSEWHERE which test goes through the module"
    )


def test_the_tests_named_instead_exist() -> None:
    assert [test for test in set(ELSEWHERE.values()) if not (ROOT / test).exists()] == []


def test_no_line_of_the_list_is_left_over() -> None:
    names = [path.as_posix() for path in SOURCES]
    unused = [p for p in ELSEWHERE if not any(fnmatch(name, p) for name in names)]
    assert unused == []


def test_every_test_stands_beside_what_it_tests() -> None:
    """A test, or a story told by several, lies in the mirror of a folder that exists."""
    folders = {test.parent for test in modules("tests/card_server", "tests/shared")}
    gone = [str(f) for f in folders if not ROOT.joinpath(*f.parts[1:]).is_dir()]
    assert [folder for folder in gone if not folder.endswith("invariants")] == []
