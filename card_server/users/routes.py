"""Requests about users and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route, edit, flow, question
from card_server.users import (
    approval_rows,
    approvals,
    journals,
    service,
    signing_in,
    two_factor,
)
from shared.wire import approvals as approval_wire
from shared.wire import roles, users

ROUTES: Final[tuple[Route, ...]] = (
    flow(users.SignIn, signing_in.sign_in),
    question(users.FirstRun, signing_in.first_run),
    flow(users.FirstPassword, signing_in.first_password),
    flow(users.ChangePassword, signing_in.change_password),
    flow(users.SignOut, signing_in.sign_out),
    question(users.GetMe, signing_in.get_me),
    flow(roles.StartTwoFactor, two_factor.start),
    flow(roles.ConfirmTwoFactor, two_factor.confirm),
    question(roles.ListUsers, service.list_users),
    question(roles.GetUser, service.get_user),
    edit(roles.AddUser, service.add_user, prepare=service.hash_first),
    edit(roles.EditUser, service.edit_user, present=service.present_user),
    edit(roles.DeleteUser, service.delete_user, present=service.present_user),
    edit(roles.SetPassword, service.set_password, prepare=service.hash_first),
    edit(roles.UnlockUser, service.unlock_user),
    edit(roles.RemoveTwoFactor, service.remove_two_factor),
    question(roles.ListRoles, service.list_roles),
    question(roles.GetRole, service.get_role),
    edit(roles.AddRole, service.add_role),
    edit(roles.EditRole, service.edit_role, present=service.present_role),
    edit(roles.DeleteRole, service.delete_role, present=service.present_role),
    question(roles.ListSessions, service.list_sessions),
    edit(roles.EndSession, service.end_session),
    question(roles.ListActivity, journals.list_activity),
    question(roles.ListJournal, journals.list_journal),
    question(roles.GetHistory, journals.get_history),
    question(approval_wire.ListApprovals, approval_rows.list_approvals),
    question(approval_wire.MyApprovals, approval_rows.my_approvals),
    question(approval_wire.GetApproval, approval_rows.get_approval),
    edit(approval_wire.RefuseApproval, approvals.refuse, present=approval_rows.present_approval),
    edit(
        approval_wire.WithdrawApproval, approvals.withdraw, present=approval_rows.present_approval
    ),
)
