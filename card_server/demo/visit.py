"""A guest's visit, as a till would send it: card, bill, sale with points, return, and repeats.

Nothing is believed: each step says beforehand what must come and notes what came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import Any, Final

import msgspec

from card_server.demo.words import WORDS, rubles, slip

PAYMENT, BONUS, SPENDING = 0, 2, 3
SALE, RETURN, BILL = 1, 3, 6
FIRST, SECOND, PAID = 248_000, 124_000, 5_000
RATE: Final = 20
"""The till gives a twentieth of what is paid with money."""

CAP_REFUSAL: Final = ("SAC-9418", "SAC-9404")
CHECK: Final = """<INPBUF InpKind="1"><CHECK stationcode="1" restaurantcode="1" chmode="{chmode}" \
generateddatetime="{stamp}"><EXTINFO><INTERFACES><INTERFACE type="PDS" cardcode="{card}">\
<HOLDERS><ITEM cardcode="{card}"/></HOLDERS></INTERFACE></INTERFACES></EXTINFO>\
<CHECKDATA checknum="{number}" orderguid="{{{order}}}"><CHECKLINES count="1">\
<LINE code="201" name="Обед" uni="1" type="dish" price="{sum}" quantity="1" sum="{sum}"/>\
</CHECKLINES></CHECKDATA></CHECK></INPBUF>"""

Lines = Sequence[tuple[int, int]]
Post = Callable[[str, str], bytes]
"""(function, body) -> the answer's bytes."""


class Step(msgspec.Struct, kw_only=True):
    """One step of the story for the report."""

    name: str
    request: str
    answer: str
    expected: dict[str, Any]
    found: dict[str, Any]
    balance_before: dict[str, int]
    balance_after: dict[str, int]

    @property
    def held(self) -> bool:
        """What came is what must come."""
        return self.expected == self.found

    def told(self) -> dict[str, Any]:
        """The step as it stands in the report."""
        return {**msgspec.to_builtins(self), "held": self.held}


class Visit:
    """The story; `steps` remembers what was sent, expected and answered."""

    def __init__(
        self,
        post: Post,
        card: int,
        started_at: datetime,
        say: Callable[[str], None],
        language: str = "ru",
    ) -> None:
        self._post = post
        self._card = card
        self._mark = f"{started_at:%Y%m%d%H%M%S}"
        self._time = started_at
        self._say = say
        self._words = WORDS[language]
        self._sent: list[tuple[str, bytes]] = []
        self._holder = ""
        self.steps: list[Step] = []

    # ------------------------------------------------------------------ the wire

    def card_info(self) -> tuple[dict[str, str], str, bytes]:
        """Attributes of the till's card window, and the exchange."""
        body = f'<ROOT><QRY Card="{self._card}"/></ROOT>'
        answer = self._post("getcardinfoex", body)
        found = re.findall(r'(\w+)="([^"]*)"', answer.decode().partition("<GetCardInfoEx")[2])
        return {name: unescape(value) for name, value in found}, body, answer

    def _balance(self) -> dict[str, int]:
        seen, _, _ = self.card_info()
        return {name: _whole(seen.get(slot)) for name, slot in SLOTS.items()}

    def _body(self, chmode: int, order: str, lines: Lines, total: int) -> str:
        self._time += timedelta(seconds=1)
        items = "".join(
            f'<TransactionsEx Card="{self._card}" Kind="{kind}" Summa="{amount}" Restaurant="1" '
            f'RKUni="1" RKCheck="1"/>'
            for kind, amount in lines
        )
        check = CHECK.format(
            chmode=chmode,
            stamp=f"{self._time:%Y-%m-%dT%H:%M:%S}",
            card=self._card,
            number=1,
            order=f"{self._mark}-{order}",
            sum=rubles(total),
        )
        return f"<ROOT><Transactions>{items}</Transactions>{check}</ROOT>"

    # ------------------------------------------------------------------ telling

    def _tell(self, step: Step, text: str, paper: list[str] | None = None) -> None:
        words = self._words
        self.steps.append(step)
        self._say("")
        self._say(text)
        for line in paper or ():
            self._say(line)
        after = step.balance_after
        bonus, debit = rubles(after["bonus"]), rubles(after["debit"])
        self._say(words["balance"].format(bonus=bonus, debit=debit))
        verdict = words["held"] if step.held else words["broken"]
        self._say(verdict.format(expected=step.expected, found=step.found))

    def _send(
        self,
        name: str,
        chmode: int,
        order: str,
        lines: Lines,
        total: int,
        change: int,
        *,
        refused: bool = False,
    ) -> Step:
        """Send a cheque; the points must change by `change`, or the till must be refused."""
        before = self._balance()
        body = self._body(chmode, order, lines, total)
        answer = self._post("transactionsex", body)
        after = self._balance()
        self._sent.append((body, answer))
        text = answer.decode()
        code = re.search(r'ErrorCode="([^"]*)"', text)
        return Step(
            name=name,
            request=body,
            answer=text,
            expected={"result": "refused" if refused else "done", "points": change, "money": 0},
            found={
                "result": _result(text, code[1] if code else ""),
                "points": after["bonus"] - before["bonus"],
                "money": after["debit"] - before["debit"],
            },
            balance_before=before,
            balance_after=after,
        )

    def _slip(self, head: str, total: int, paid: int, earned: int, left: int) -> list[str]:
        words = self._words
        lines = [
            (words["slip_dish"], rubles(total)),
            (words["slip_total"], rubles(total)),
            (words["slip_points"], rubles(paid)),
            (words["slip_money"], rubles(total - paid)),
            (words["slip_earned"], rubles(earned)),
            (words["slip_left"], rubles(left)),
            (words["slip_card"], str(self._card)),
        ]
        if not paid:
            del lines[2]
        return slip(words, head, lines)

    # ------------------------------------------------------------------ the story

    def run(self) -> bool:
        """Tell the visit; True if every step held."""
        words = self._words
        self._look()
        earned = FIRST // RATE
        step = self._send(
            "sale", SALE, "first", [(BONUS, earned), (SPENDING, FIRST)], FIRST, earned
        )
        left = step.balance_after["bonus"]
        text = words["sale"].format(total=rubles(FIRST), earned=rubles(earned))
        self._tell(step, text, self._slip("", FIRST, 0, earned, left))
        step = self._send("bill", BILL, "second", [], SECOND, 0)
        paper = slip(words, "slip_bill", [(words["slip_total"], rubles(SECOND))])
        self._tell(step, words["bill"].format(total=rubles(SECOND)), paper)
        greedy = [(PAYMENT, -SECOND), (SPENDING, SECOND)]
        step = self._send("greedy", SALE, "third", greedy, SECOND, 0, refused=True)
        self._tell(step, words["greedy"].format(total=rubles(SECOND)))
        self._pay_and_return()
        self._repeat()
        return all(step.held for step in self.steps)

    def _look(self) -> None:
        seen, body, answer = self.card_info()
        balance = {name: _whole(seen.get(slot)) for name, slot in SLOTS.items()}
        self._holder = seen.get("Holder", "")
        step = Step(
            name="card",
            request=body,
            answer=answer.decode(),
            expected={"result": "0", "card": str(self._card), "locked": "0", "named": True},
            found={
                "result": seen.get("Result"),
                "card": seen.get("CardCode"),
                "locked": seen.get("Locked"),
                "named": bool(self._holder),
            },
            balance_before=balance,
            balance_after=balance,
        )
        self._tell(step, self._words["card"].format(card=self._card, holder=self._holder))

    def _pay_and_return(self) -> None:
        words = self._words
        earned = (SECOND - PAID) // RATE
        sale = [(PAYMENT, -PAID), (BONUS, earned), (SPENDING, SECOND)]
        step = self._send("points", SALE, "second", sale, SECOND, earned - PAID)
        left = step.balance_after["bonus"]
        text = words["points"].format(
            total=rubles(SECOND), paid=rubles(PAID), earned=rubles(earned)
        )
        self._tell(step, text, self._slip("", SECOND, PAID, earned, left))
        back = [(kind, -amount) for kind, amount in sale]
        step = self._send("refund", RETURN, "second", back, SECOND, PAID - earned)
        left = step.balance_after["bonus"]
        self._tell(step, words["refund"], self._slip("slip_back", -SECOND, -PAID, -earned, left))

    def _repeat(self) -> None:
        """Every request once more: the same bytes, and nothing moves."""
        before = self._balance()
        same = [self._post("transactionsex", body) == answer for body, answer in self._sent]
        after = self._balance()
        step = Step(
            name="again",
            request=f"{len(self._sent)} requests",
            answer="",
            expected={"same": [True] * len(self._sent), "points": 0, "money": 0},
            found={
                "same": same,
                "points": after["bonus"] - before["bonus"],
                "money": after["debit"] - before["debit"],
            },
            balance_before=before,
            balance_after=after,
        )
        self._tell(step, self._words["again"])


SLOTS: Final = {"bonus": "Sum2", "debit": "Summa"}


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.lstrip("-").isdigit() else 0


def _result(answer: str, code: str) -> str:
    """`done`, `refused` for the one refusal that is expected here, else what came."""
    if 'Result="0"' in answer:
        return "done"
    return "refused" if code in CAP_REFUSAL else f"{code or answer[:80]}"
