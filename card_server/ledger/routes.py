"""Requests about operations and accounts and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route, edit, flow, question
from card_server.ledger import (
    account_queries,
    card_handing,
    certificate_flow,
    merge_flow,
    merge_queries,
    operation_queries,
    second_signature,
    service,
)
from card_server.users import approval_rows
from shared.wire import approvals, card_batches, certificates, merges, operations
from shared.wire import holder_accounts as accounts
from shared.wire import manual_operations as manual

ROUTES: Final[tuple[Route, ...]] = (
    question(operations.ListOperations, operation_queries.list_operations),
    question(operations.GetOperation, operation_queries.get_operation),
    question(operations.ExplainOperation, operation_queries.explain_operation),
    question(accounts.ListAccounts, account_queries.list_accounts),
    question(accounts.GetAccount, account_queries.get_account),
    edit(accounts.BlockAccount, service.block_account, present=service.present_account),
    edit(accounts.UnblockAccount, service.unblock_account, present=service.present_account),
    edit(accounts.SetCreditDepth, service.set_credit_depth, present=service.present_account),
    flow(card_batches.IssueCard, card_handing.issue_card),
    flow(manual.TopUp, service.top_up),
    flow(manual.Withdraw, service.withdraw),
    flow(manual.Adjust, service.adjust),
    flow(manual.ReinstateLots, service.reinstate_lots),
    flow(manual.ExtendLots, service.extend_lots),
    flow(manual.RollBack, service.roll_back),
    flow(manual.Correct, service.correct),
    flow(manual.VoidHold, service.void_hold),
    flow(manual.ExtendHold, service.extend_hold),
    flow(certificates.ActivateCertificate, certificate_flow.activate),
    flow(certificates.VoidCertificate, certificate_flow.void),
    question(merges.PreviewMerge, merge_queries.preview_merge),
    question(merges.ListMerges, merge_queries.list_merges),
    flow(merges.MergeHolders, merge_flow.merge_holders, present=merge_queries.present_merge),
    flow(merges.UndoMerge, merge_flow.undo_merge),
    flow(
        approvals.SignApproval,
        second_signature.sign,
        present=approval_rows.present_approval,
    ),
)
