"""Every posting by hand under one roof; the management API, jobs and the demo call these.

    outcome = TopUp(header=Header(key=uuid, user_id=7), account_id=account, amount=50_000)

posted through `Pipeline.post(posting, done)`, gives a `ManualOutcome`. Amounts are minor units.
`header.key` is made by the caller and kept across retries: the same key gets the same answer, a
refusal too; a new try needs a new key. Kinds adjust, transfer, reinstate and correction need
`header.reason_id`. What is malformed comes back as an AppError that is not stored.

| Class | Kind | |
|---|---|---|
| TopUp, Withdraw | 10, 11 | cash on a debit account |
| DirectCredit, DirectDebit | 12, 13 | a program, outside a cheque |
| Adjust | 14 | free amount, plus or minus |
| Transfer, MergeBalances | 15 | between accounts of one type |
| UndoTransfer | 15, 16 | the way back of those, and of Opening |
| Opening | 16 | balances from another system |
| Expire, ExtendLots, Reinstate | 18, 19, 20 | terms of lots |
| OpenHold, CaptureHold, VoidHold, ExtendHold | 30, 31, 32, 19 | reserves |
| ActivateCertificate, VoidCertificate | 40, 42 | a gift certificate is sold, taken back unused |
| RollBack | 3, 4 | of any sale, refund or direct operation |
| Correction | 60 | opposite of entries |
"""

from __future__ import annotations

from card_server.ledger.manual_balances import (
    Adjust,
    DirectCredit,
    DirectDebit,
    Opening,
    OpeningLot,
    TopUp,
    Withdraw,
)
from card_server.ledger.manual_base import Header, Manual, ManualOutcome
from card_server.ledger.manual_certificates import ActivateCertificate, VoidCertificate
from card_server.ledger.manual_holds import (
    CaptureHold,
    ExtendHold,
    HoldPart,
    HoldShare,
    OpenHold,
    VoidHold,
)
from card_server.ledger.manual_lots import Expire, ExtendLots, Reinstate
from card_server.ledger.manual_moves import MergeBalances, Transfer, UndoTransfer
from card_server.ledger.manual_undo import Correction, RollBack

__all__ = [
    "ActivateCertificate",
    "Adjust",
    "CaptureHold",
    "Correction",
    "DirectCredit",
    "DirectDebit",
    "Expire",
    "ExtendHold",
    "ExtendLots",
    "Header",
    "HoldPart",
    "HoldShare",
    "Manual",
    "ManualOutcome",
    "MergeBalances",
    "OpenHold",
    "Opening",
    "OpeningLot",
    "Reinstate",
    "RollBack",
    "TopUp",
    "Transfer",
    "UndoTransfer",
    "VoidCertificate",
    "VoidHold",
    "Withdraw",
]
