"""The section of FARCARDS.INI that leads a till to this server, ready to copy (farcards.md 1)."""

from __future__ import annotations

SECTION = """[Card System 5]
Address=http://{host}:{port}
Log_Level=10
Log_Count=5
Qualifier={code}
"""


def farcards_section(code: str, host: str = "127.0.0.1", port: int = 9192) -> str:
    """The text as lines; the file itself has CR LF and CP1251."""
    address = f"[{host}]" if ":" in host else host
    return SECTION.format(host=address, port=port, code=code)
