"""When a receipt happened: the ledger's rules of time under the name that receipts use."""

from __future__ import annotations

from card_server.ledger.dating import Dated, check_dates, date_operation

__all__ = ["Dated", "check_dates", "date_operation"]
