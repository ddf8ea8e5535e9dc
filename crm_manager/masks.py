"""Bits of a mask as ticks: weekdays, months, kinds of operations, owners of a property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.ui.fields import ChecksField


@dataclass(frozen=True, kw_only=True)
class MaskField(ChecksField):
    """Each choice is a bit by its number; bits that are not offered stay as they are."""

    default: Any = 0

    def read(self, typed: Any) -> Any:
        """The mask."""
        return sum(1 << bit for bit in typed)

    def write(self, value: Any) -> Any:
        """The bits that are on."""
        mask = int(value or 0)
        return {bit for bit in range(mask.bit_length()) if mask >> bit & 1}

    def shown(self, value: Any) -> str:
        """The names of the bits."""
        names = {one.key: str(one.text) for group in self.groups for one in group.choices}
        return ", ".join(names.get(bit, str(bit)) for bit in sorted(self.write(value)))
