"""Holders as the rules see them (domain 1.3); no name, no phone."""

from __future__ import annotations

import msgspec

HOLDER_ACTIVE, HOLDER_MERGED, HOLDER_ERASED = 1, 2, 3


class Holder(msgspec.Struct, kw_only=True, gc=False):
    """The ledger side of a holder."""

    holder_id: int
    pos_number: int
    division_id: int = 1
    group_id: int | None = None
    non_payer_type_id: int | None = None
    state: int = HOLDER_ACTIVE
    merged_into: int | None = None
    is_deleted: bool = False
