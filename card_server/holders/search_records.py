"""What one `Item` of a holder search asks for, as it was read (crm-xml.md section 10)."""

from __future__ import annotations

from typing import Final

import msgspec

from card_server.holders.search_language import Birth, Expr, Mask

SORT_WORDS: Final = {
    "sort_l_name": "l_name",
    "sort_f_name": "f_name",
    "sort_m_name": "m_name",
    "sort_full_name": "full_name",
    "sort_birth": "birth_date",
}
"""Include words that order a search, and the column of person behind each."""


class HolderItem(msgspec.Struct, kw_only=True):
    """Conditions that must all hold; every list may be empty.

    Masks of names are folded (lower case, e for yo). A phone is its digits (`phone_digits`, as the
    program sent them) or a mask of the contact as typed.
    """

    external_codes: list[Mask] = []
    l_names: list[Mask] = []
    f_names: list[Mask] = []
    m_names: list[Mask] = []
    full_names: list[Mask] = []
    births: list[Birth] = []
    has_image: bool | None = None
    holder_groups: list[int] = []
    card_codes: list[Expr] = []
    carriers: list[Mask] = []
    card_groups: list[int] = []
    phones: list[Mask] = []
    phone_digits: list[str] = []
    emails: list[Mask] = []
    cities: list[Mask] = []
    streets: list[Mask] = []
    houses: list[Mask] = []
