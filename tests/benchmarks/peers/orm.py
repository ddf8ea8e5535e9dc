"""The peer most such servers are written as: FastAPI, SQLAlchemy's ORM, a commit for each request.

It does the simple version of the work: no rights, no rules, no lots, no hash chain, no documents.
Endpoints are plain functions, which FastAPI runs in its threads; SQLite has the settings of the
card server (WAL, synchronous FULL).
"""

from __future__ import annotations

import argparse
import json
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Annotated
from xml.etree import ElementTree as ET

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy import BigInteger, ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

ACCOUNT_TYPES = 4
LISTEN_BACKLOG = 1024


class Base(DeclarativeBase):
    """The peer's tables."""


class Holder(Base):
    """A guest."""

    __tablename__ = "holder"
    id: Mapped[int] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    accounts: Mapped[list[Account]] = relationship(order_by="Account.type_id")


class Card(Base):
    """A card of a guest."""

    __tablename__ = "card"
    code: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("holder.id"))
    state: Mapped[int]
    holder: Mapped[Holder] = relationship()


class Account(Base):
    """An account of a guest."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("holder.id"), index=True)
    type_id: Mapped[int]
    balance: Mapped[int]


class Receipt(Base):
    """A booked cheque under its key."""

    __tablename__ = "receipt"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    card_code: Mapped[int] = mapped_column(ForeignKey("card.code"))


class Entry(Base):
    """One line of a cheque on an account."""

    __tablename__ = "entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    amount: Mapped[int]
    balance_after: Mapped[int]


def fill(path: Path, codes: list[int]) -> None:
    """A database with these cards, four accounts behind each; written past the ORM for speed."""
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    with sqlite3.connect(path) as connection:
        numbered = list(enumerate(codes, start=1))
        connection.executemany(
            "INSERT INTO holder VALUES (?, ?)", ((i, "Guest") for i, _ in numbered)
        )
        connection.executemany("INSERT INTO card VALUES (?, ?, 1)", ((c, i) for i, c in numbered))
        connection.executemany(
            "INSERT INTO account (holder_id, type_id, balance) VALUES (?, ?, 0)",
            ((i, kind) for i, _ in numbered for kind in range(1, ACCOUNT_TYPES + 1)),
        )
    connection.close()


async def body_of(request: Request) -> bytes:
    """The body, for endpoints that run in a thread."""
    return await request.body()


Body = Annotated[bytes, Depends(body_of)]


def application(path: Path) -> FastAPI:
    """The endpoints: a look at a card, a sale."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    app = FastAPI()

    @app.post("/")
    @app.post("/getcardinfoex.php")
    def look(body: Body) -> Response:
        root = ET.fromstring(body)  # noqa: S314 - a peer in a benchmark
        code = int(root.findtext("Card_Code") or root[0].get("Card") or 0)
        with Session(engine) as session:
            card = session.get_one(Card, code)
            accounts = "".join(
                f'<Account Id="{a.id}" Type="{a.type_id}" Balance="{a.balance}" '
                f'Status="Active" Enabled="Yes" Credit_Depth="0.00" Expired="2099-12-31"/>'
                for a in card.holder.accounts
            )
            text = (
                f'<Card Code="{card.code}" State="{card.state}"><Holder Id="{card.holder_id}" '
                f'Name="{card.holder.full_name}"/>{accounts}</Card>'
            )
        return Response(text, media_type="text/xml")

    @app.post("/transactionsex.php")
    def sell(body: Body) -> Response:
        root = ET.fromstring(body)  # noqa: S314 - a peer in a benchmark
        lines = root.findall(".//TransactionsEx")
        data = root.find(".//CHECKDATA")
        key = data.get("orderguid", "") if data is not None else ""
        with Session(engine) as session:
            if session.scalar(select(Receipt).where(Receipt.key == key)) is None:
                card = session.get_one(Card, int(lines[0].get("Card", "0")))
                receipt = Receipt(key=key, card_code=card.code)
                session.add(receipt)
                session.flush()
                for line in lines:
                    account = card.holder.accounts[int(line.get("Kind", "0"))]
                    account.balance += int(line.get("Summa", "0"))
                    session.add(
                        Entry(
                            receipt_id=receipt.id,
                            account_id=account.id,
                            amount=int(line.get("Summa", "0")),
                            balance_after=account.balance,
                        )
                    )
                session.commit()
        return Response('<TransactionsEx Result="0"/>', media_type="text/xml")

    return app


def main() -> None:
    """Serve with uvicorn (uvloop and httptools where they exist) on a free port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    app = application(parser.parse_args().file)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(LISTEN_BACKLOG)
    sys.stdout.write(json.dumps({"relay_port": listening.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main()
