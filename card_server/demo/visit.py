"""A guest's visit, as a till would send it: card, bill, sale with points, return, and repeats."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any

EARNED, SPENT, PAID = 12_400, 248_000, 5_000
CHECK = """<INPBUF InpKind="1"><CHECK stationcode="1" restaurantcode="1" chmode="{chmode}" \
generateddatetime="{stamp}"><EXTINFO><INTERFACES><INTERFACE type="PDS" cardcode="{card}">\
<HOLDERS><ITEM cardcode="{card}"/></HOLDERS></INTERFACE></INTERFACES></EXTINFO>\
<CHECKDATA checknum="{number}" orderguid="{{{order}}}"><CHECKLINES count="1">\
<LINE code="201" name="Обед" uni="1" type="dish" price="{sum}" quantity="1" sum="{sum}"/>\
</CHECKLINES></CHECKDATA></CHECK></INPBUF>"""


class Visit:
    """The story; every step remembers what was sent and answered."""

    def __init__(self, port: int, code: str, card: int, started_at: datetime) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=15)
        self._code = code
        self._card = card
        self._mark = f"{started_at:%Y%m%d%H%M%S}"
        self._time = started_at
        self.steps: list[dict[str, Any]] = []

    # ------------------------------------------------------------------ the wire

    def _post(self, function: str, body: str) -> bytes:
        self._connection.request(
            "POST",
            f"/{function}.php?qualifier={self._code}",
            body.encode(),
            {"Content-Type": "text/xml"},
        )
        return self._connection.getresponse().read()

    def card_info(self) -> dict[str, str]:
        """Attributes of the till's card window."""
        answer = self._post("getcardinfoex", f'<ROOT><QRY Card="{self._card}"/></ROOT>').decode()
        return dict(re.findall(r'(\w+)="([^"]*)"', answer.partition("<GetCardInfoEx")[2]))

    def book(self, chmode: int, order: str, lines: list[tuple[int, int]], total: str) -> bytes:
        """A TransactionsEx call, sent twice: the second answer must be the first, byte for byte."""
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
            sum=total,
        )
        body = f"<ROOT><Transactions>{items}</Transactions>{check}</ROOT>"
        first = self._post("transactionsex", body)
        again = self._post("transactionsex", body)
        good = first == again and b'Result="0"' in first
        text = first.decode()
        self.steps.append({"chmode": chmode, "lines": lines, "good": good, "answer": text})
        return first

    # ------------------------------------------------------------------ the story

    def run(self, say: Callable[[str], None]) -> bool:
        """Tell the visit; True if every step held."""
        start = self.card_info()
        say(f"Карта {self._card}: {start['Holder']}")
        say(f"  бонусы {_rubles(start['Sum2'])}")
        self.book(1, "first", [(2, EARNED), (3, SPENT)], "2480.00")
        after = self.card_info()
        say(f"Первый чек 2480.00: начислено {_rubles(EARNED)}, бонусы {_rubles(after['Sum2'])}")
        self.book(6, "second", [], "1240.00")
        say("Предчек на 1240.00 напечатан, ничего не проведено")
        sale = [(0, -PAID), (2, EARNED // 2), (3, SPENT // 2)]
        self.book(1, "second", sale, "1240.00")
        paid = self.card_info()
        say(f"Чек 1240.00, из них {_rubles(PAID)} бонусами: бонусы {_rubles(paid['Sum2'])}")
        self.book(3, "second", [(kind, -amount) for kind, amount in sale], "1240.00")
        back = self.card_info()
        say(f"Возврат чека: бонусы снова {_rubles(back['Sum2'])}")
        good = [
            int(after["Sum2"]) - int(start["Sum2"]) == EARNED,
            int(paid["Sum2"]) - int(after["Sum2"]) == EARNED // 2 - PAID,
            back["Sum2"] == after["Sum2"],
            all(step["good"] for step in self.steps),
        ]
        say("Каждый запрос отправлен дважды: ответы совпали до байта" if good[-1] else "FAILED")
        self.steps.append({"balances": [start["Sum2"], after["Sum2"], paid["Sum2"], back["Sum2"]]})
        return all(good)


def _rubles(kopecks: str | int) -> str:
    return f"{int(kopecks) / 100:.2f}"
