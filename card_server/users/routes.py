"""Requests about users and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route, flow, question
from card_server.users import signing_in
from shared.wire import users as wire

ROUTES: Final[tuple[Route, ...]] = (
    flow(wire.SignIn, signing_in.sign_in),
    question(wire.FirstRun, signing_in.first_run),
    flow(wire.FirstPassword, signing_in.first_password),
    flow(wire.ChangePassword, signing_in.change_password),
    flow(wire.SignOut, signing_in.sign_out),
    question(wire.GetMe, signing_in.get_me),
)
