"""What can be done to cards: errands that ask the server, one card or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from shared.client.client import new_operation_id
from shared.i18n.formats import number
from shared.i18n.texts import Text, counted, tr
from shared.ui.dialogs import ask_form
from shared.ui.fields import DayField, FlagField, NumberField, TextField
from shared.ui.form import Section
from shared.ui.page import Deed, Page
from shared.wire.base import Command
from shared.wire.cards import (
    ActivateCard,
    BlockCard,
    CardRow,
    DeactivateCard,
    ReplaceCard,
    UnbindCard,
    UnblockCard,
    VoidCard,
)

ACTIVE, INACTIVE, VOIDED, BLOCKED = 1, 2, 3, 4
MOST_NAMED: Final = 6
LARGEST_CODE: Final = 10**18
CARDS = counted(("карта", "карты", "карт"), ("card", "cards"))
CHANGED = tr("Готово: {n} {cards}", "Done: {n} {cards}")
OTHERS = tr("и ещё {n}", "and {n} more")
REASON: Final = TextField(
    name="reason",
    label=tr("Причина", "Reason"),
    needed=True,
    longest=255,
    help=tr("Её увидит кассир, когда приложат карту", "The cashier sees it when the card is shown"),
)
SEIZE: Final = FlagField(
    name="seize", label=tr("Изъять карту на кассе", "Take the card away at the till")
)
VALID_TO: Final = DayField(
    name="valid_to",
    label=tr("Новый последний день", "New last day"),
    is_last=True,
    help=tr("Пусто: срок карты остаётся прежним", "Empty: the card keeps the last day that it has"),
)
NEW_CODE: Final = NumberField(
    name="new_code",
    label=tr("Номер новой карты", "Number of the new card"),
    needed=True,
    low=1,
    high=LARGEST_CODE,
    help=tr(
        "Свободная карта или номер из диапазона выпуска",
        "A card that nobody has, or a number that may be issued",
    ),
)

MakeCommand = Callable[[CardRow, dict[str, Any], str], Command[Any]]


async def _each(
    page: Page,
    rows: Sequence[CardRow],
    title: Text,
    fields: tuple[Any, ...],
    make: MakeCommand,
    *,
    main: Text,
    is_danger: bool = False,
) -> None:
    """Ask once, do it to every chosen card; those that were done are not done twice."""
    place = page.workplace
    done: set[int] = set()
    keys = {row.card_code: new_operation_id() for row in rows}

    async def submit(values: dict[str, Any], _: str) -> None:
        for row in rows:
            if row.card_code not in done:
                await place.ask(make(row, values, keys[row.card_code]))
                done.add(row.card_code)

    named = ", ".join(str(row.card_code) for row in rows[:MOST_NAMED])
    if len(rows) > MOST_NAMED:
        named += " " + OTHERS.of(n=number(len(rows) - MOST_NAMED))
    ready = await ask_form(
        place,
        page,
        title,
        (Section(None, fields),) if fields else (),
        submit,
        main=main,
        text=named,
        is_danger=is_danger,
    )
    if ready or done:
        place.say(CHANGED.of(n=number(len(done)), cards=CARDS.word(len(done))))


async def block(page: Page, rows: Sequence[CardRow]) -> None:
    """Active or inactive -> blocked."""
    await _each(
        page,
        rows,
        BLOCK,
        (REASON, SEIZE),
        lambda row, values, key: BlockCard(
            operation_id=key,
            card_code=row.card_code,
            version=row.version,
            reason=values["reason"],
            seize=values["seize"],
        ),
        main=BLOCK_YES,
    )


async def unblock(page: Page, rows: Sequence[CardRow]) -> None:
    """Blocked -> active."""
    await _each(
        page,
        rows,
        UNBLOCK,
        (),
        lambda row, _, key: UnblockCard(
            operation_id=key, card_code=row.card_code, version=row.version
        ),
        main=UNBLOCK_YES,
    )


async def activate(page: Page, rows: Sequence[CardRow]) -> None:
    """Inactive -> active."""
    await _each(
        page,
        rows,
        ACTIVATE,
        (VALID_TO,),
        lambda row, values, key: ActivateCard(
            operation_id=key,
            card_code=row.card_code,
            version=row.version,
            valid_to=values["valid_to"],
        ),
        main=ACTIVATE_YES,
    )


async def deactivate(page: Page, rows: Sequence[CardRow]) -> None:
    """Active -> inactive."""
    await _each(
        page,
        rows,
        DEACTIVATE,
        (),
        lambda row, _, key: DeactivateCard(
            operation_id=key, card_code=row.card_code, version=row.version
        ),
        main=DEACTIVATE_YES,
    )


async def void(page: Page, rows: Sequence[CardRow]) -> None:
    """Any state -> voided, for good."""
    await _each(
        page,
        rows,
        VOID,
        (REASON,),
        lambda row, values, key: VoidCard(
            operation_id=key,
            card_code=row.card_code,
            version=row.version,
            reason=values["reason"],
        ),
        main=VOID_YES,
        is_danger=True,
    )


async def unbind(page: Page, rows: Sequence[CardRow]) -> None:
    """Take cards from their guests."""
    await _each(
        page,
        rows,
        UNBIND,
        (REASON,),
        lambda row, values, key: UnbindCard(
            operation_id=key,
            card_code=row.card_code,
            version=row.version,
            reason=values["reason"],
        ),
        main=UNBIND_YES,
    )


async def replace(page: Page, rows: Sequence[CardRow]) -> None:
    """A new card in place of a lost one: the balance belongs to the guest and stays."""
    await _each(
        page,
        rows,
        REPLACE,
        (NEW_CODE, REASON),
        lambda row, values, key: ReplaceCard(
            operation_id=key,
            card_code=row.card_code,
            version=row.version,
            new_code=values["new_code"],
            reason=values["reason"],
        ),
        main=REPLACE_YES,
    )


BLOCK = tr("Заблокировать карты", "Block cards")
BLOCK_YES = tr("Заблокировать", "Block")
UNBLOCK = tr("Разблокировать карты", "Unblock cards")
UNBLOCK_YES = tr("Разблокировать", "Unblock")
ACTIVATE = tr("Активировать карты", "Activate cards")
ACTIVATE_YES = tr("Активировать", "Activate")
DEACTIVATE = tr("Выключить карты", "Deactivate cards")
DEACTIVATE_YES = tr("Выключить", "Deactivate")
VOID = tr("Аннулировать карты навсегда", "Void cards for good")
VOID_YES = tr("Аннулировать", "Void")
UNBIND = tr("Отвязать карты от гостей", "Take cards from their guests")
UNBIND_YES = tr("Отвязать", "Unbind")
REPLACE = tr("Заменить карту", "Replace the card")
REPLACE_YES = tr("Заменить", "Replace")


def _deed(code: str, text: Text, run: Any, fits: Callable[[CardRow], bool], **more: Any) -> Deed:
    needs = more.pop("needs", "some")
    right = more.pop("right", "card.state")
    return Deed(code=code, text=text, run=run, needs=needs, right=right, fits=fits, **more)


DEEDS: Final = (
    _deed(
        "block",
        tr("Заблокировать…", "Block…"),
        block,
        lambda row: row.state in (ACTIVE, INACTIVE),
        key="Ctrl+B",
    ),
    _deed(
        "unblock",
        tr("Разблокировать…", "Unblock…"),
        unblock,
        lambda row: row.state == BLOCKED,
    ),
    _deed(
        "replace",
        tr("Заменить…", "Replace…"),
        replace,
        lambda row: row.state in (ACTIVE, BLOCKED),
        needs="one",
    ),
    _deed(
        "activate",
        tr("Активировать…", "Activate…"),
        activate,
        lambda row: row.state == INACTIVE,
    ),
    _deed(
        "deactivate",
        tr("Выключить…", "Deactivate…"),
        deactivate,
        lambda row: row.state == ACTIVE,
    ),
    _deed(
        "unbind",
        tr("Отвязать…", "Unbind…"),
        unbind,
        lambda row: row.holder_id is not None and row.state != VOIDED,
    ),
    _deed(
        "void",
        tr("Аннулировать…", "Void…"),
        void,
        lambda row: row.state != VOIDED,
        right="card.void",
        is_danger=True,
    ),
)
