"""Requests about guests and what answers them; adding and searching stand a storey above."""

from __future__ import annotations

from typing import Final

from card_server.holders import desk, duplicates, erasing, holder_reading, main_contacts, properties
from card_server.holders.photos import read_photo
from card_server.holders.records import Photo
from card_server.http.routes import Route, edit, flow, question
from shared.wire import details, merges
from shared.wire import holders as wire


def _photo_of(asked: wire.SetPhoto) -> Photo:
    """Read the picture before the transaction begins."""
    return read_photo(asked.image)


ROUTES: Final[tuple[Route, ...]] = (
    question(wire.ListHolders, holder_reading.list_holders),
    flow(wire.GetHolder, holder_reading.get_holder),
    edit(wire.EditHolder, desk.edit_holder, present=holder_reading.present_holder),
    edit(wire.DeleteHolder, desk.delete_holder, present=holder_reading.present_holder),
    edit(wire.RestoreHolder, desk.restore_holder, present=holder_reading.present_holder),
    edit(wire.EraseHolder, erasing.erase_holder, present=holder_reading.present_holder),
    edit(wire.AddContact, desk.add_contact),
    edit(wire.EditContact, desk.edit_contact, present=holder_reading.present_contact),
    edit(wire.DeleteContact, desk.delete_contact, present=holder_reading.present_contact),
    edit(
        details.SetMainContact,
        main_contacts.set_main_contact,
        present=main_contacts.present_owner,
    ),
    edit(
        details.SetHolderProperties,
        properties.set_holder_properties,
        present=holder_reading.present_holder,
    ),
    edit(wire.AddAddress, desk.add_address),
    edit(wire.EditAddress, desk.edit_address, present=holder_reading.present_address),
    edit(wire.DeleteAddress, desk.delete_address, present=holder_reading.present_address),
    flow(merges.FindDuplicates, duplicates.find_duplicates),
    question(merges.ListDuplicates, duplicates.list_duplicates),
    edit(merges.DismissDuplicate, duplicates.dismiss_duplicate),
    flow(wire.UnmaskContact, holder_reading.unmask_contact),
    edit(wire.AddConsent, desk.add_consent),
    question(wire.GetPhoto, holder_reading.get_photo),
    edit(wire.SetPhoto, desk.set_photo, prepare=_photo_of, present=holder_reading.present_holder),
    edit(wire.RemovePhoto, desk.remove_photo, present=holder_reading.present_holder),
)
