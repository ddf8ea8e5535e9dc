"""Public keys of the vendor: by these, and no others, a licence file is believed.

The private keys are not part of the product. A new key joins here under a new name; files that
were signed by an older one stay good as long as its line does.
"""

from __future__ import annotations

from typing import Final

VENDOR_KEYS: Final[dict[str, bytes]] = {
    "2026-1": bytes.fromhex("b4691ce0db608c30bb49a5068cc777254c261cfdefcc4a1884f245f749e76917"),
}
"""Name of a key, as the file tells it -> 32 bytes of an Ed25519 public key."""
