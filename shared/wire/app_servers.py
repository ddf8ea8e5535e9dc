"""The application server: where users and reports are answered besides the card server."""

from __future__ import annotations

from typing import ClassVar

from shared.wire.base import SIGNED_IN, Command, Done, Query, Record


class AppServer(Record, frozen=True, kw_only=True):
    """The registered application server; an empty address is none."""

    address: str
    """`host:port`, or `https://host:port`."""


class GetAppServer(Query[AppServer], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where users and reports can be asked for besides here."""

    right: ClassVar[str] = SIGNED_IN


class RegisterAppServer(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tell the card server where the application server answers; another one is replaced."""

    right: ClassVar[str] = "server.config"
    address: str


class CancelAppServer(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Forget the application server: the card server answers everything itself, as before."""

    right: ClassVar[str] = "server.config"
