"""Search holders from bytes to bytes (crm-xml.md 8.5, section 10)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import insert

from card_server.cards import tables as card_tables
from card_server.holders import tables
from card_server.relay.exchange import Transport
from card_server.relay.limits import Limits
from tests.helpers.guests import add_address, add_contact, png
from tests.helpers.shop import CODE
from tests.helpers.till import Till


def guest(till: Till, l_name: str = "", more: str = "") -> int:
    inner = f"<Holder><L_Name>{l_name}</L_Name>{more}</Holder>"
    return int(till.act("Add holders", inner).findtext("Holder_ID") or 0)


def item(group: str, *fields: str) -> str:
    return f'<Item Mode="Add"><{group}>{"".join(fields)}</{group}></Item>'


def search(till: Till, inner: str, **attributes: str) -> Element:
    root = till.act("Search holders 2", inner, **attributes)
    assert root.tag == "Holders", (root.get("ErrorCode"), root.get("ErrorText"))
    return root


def hits(till: Till, inner: str) -> list[int]:
    root = search(till, inner)
    found = [int(node.findtext("Holder_ID") or 0) for node in root]
    assert root.get("Count") == str(len(found))
    return found


def test_the_example_of_the_page(till: Till) -> None:
    anna = guest(till, "Петрова", "<F_Name>Анна</F_Name><Birth>1990-02-11</Birth>")
    guest(till, "Петров", "<Birth>1990-03-11</Birth>")
    phone = guest(till, "Ёлкин")
    add_contact(till.shop, phone, "89000000012")
    root = search(
        till,
        "<Include>Holder_Contact, Sort_L_Name</Include><Count>20</Count><Index>1</Index>"
        '<Item Mode="Clear"/>'
        '<Item Mode="Add"><Holders><L_Name Value="Петр*"/><Birth_Day Value_From="0000-02-00"'
        ' Value_To="0000-02-00"/></Holders></Item>'
        '<Item Mode="Add"><Contacts><Phone Value="+7 900 000-00-12" IsNumber="True"/></Contacts>'
        "</Item>",
    )
    assert [int(node.findtext("Holder_ID") or 0) for node in root] == [phone, anna]
    assert {k: root.get(k) for k in ("IndexFrom", "IndexTo", "Count")} == {
        "IndexFrom": "1",
        "IndexTo": "2",
        "Count": "2",
    }
    assert (root.get("Search_GUID") or "").startswith("{")
    assert root.findtext("Holder/Holders_Contacts/Holder_Contact/Contact/Value") == "89000000012"


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("петр*", ["Петров", "ПЕТРОВА"]),
        ("Петров", ["Петров"]),
        ("*ров?", ["ПЕТРОВА"]),
        ("елкин*", ["Ёлкин"]),
        ("ЁЛКИН", ["Ёлкин"]),
        ("100%*", ["100% [x]"]),
        ("100[*", []),
        ("*[x]", ["100% [x]"]),
        ("[?]*", ["?*"]),
        ("?[*]", ["?*"]),
        ("яя*", ["яяя"]),
        ("a'b", ["A'b"]),
    ],
)
def test_text_is_compared_whole_without_case_and_with_e_for_yo(
    till: Till, value: str, names: list[str]
) -> None:
    known = {
        guest(till, name): name
        for name in ("Петров", "ПЕТРОВА", "Ёлкин", "100% [x]", "?*", "яяя", "A'b", "")
    }
    for field in ("L_Name", "Full_Name"):
        found = hits(till, item("Holders", f'<{field} Value="{value}"/>'))
        assert [known[number] for number in found] == names


def test_the_other_names_codes_and_groups(till: Till) -> None:
    first = guest(
        till,
        "Ким",
        "<F_Name>Алёна</F_Name><M_Name>Юрьевна</M_Name><External_Code>Ab-77</External_Code>"
        "<Group_ID>2</Group_ID>",
    )
    second = guest(till, "Ким", "<F_Name>Олег</F_Name><External_Code>0077</External_Code>")

    def holders(*fields: str) -> list[int]:
        return hits(till, item("Holders", *fields))

    assert holders('<F_Name Value="алена"/>') == [first]
    assert holders('<M_Name Value="ЮРЬ*"/>') == [first]
    assert holders("<F_Name>Ол?г</F_Name>") == [second], "values as element text"
    assert holders('<External_Code Value="aB-*"/>') == [first]
    assert holders('<External_Code Value="0077"/>') == [second]
    assert holders('<External_Code Value="00*"/>') == [second]
    assert holders('<Group_ID Value="2"/>') == [first]
    assert holders('<Group_ID Value="1"/>', '<Group_ID Value="2"/>') == [first, second]
    assert holders('<L_Name Value="ким"/>', '<F_Name Value="Олег"/>') == [second], "all of them"
    assert holders('<L_Name Value="Ким"/>', '<F_Name Value=""/>') == [first, second]
    both = item("Holders", '<F_Name Value="Олег"/>') + item("Holders", '<F_Name Value="Алёна"/>')
    assert hits(till, both) == [first, second], "items add up"


def test_pictures_and_birthdays(till: Till) -> None:
    shop = till.shop
    new_year = guest(till, "A", "<Birth>1980-12-31</Birth>")
    january = guest(till, "B", "<Birth>1990-01-05</Birth>")
    june = guest(till, "C", "<Birth>2000-06-15</Birth>")
    none = guest(till, "D")
    with shop.connection.begin():
        shop.connection.execute(
            insert(tables.person_photo).values(
                holder_id=june, mime="image/png", bytes=png(1, 1), thumb=b"x"
            )
        )

    def born(start: str, end: str = "") -> list[int]:
        return hits(till, item("Holders", f'<Birth_Day Value_From="{start}" Value_To="{end}"/>'))

    assert hits(till, item("Holders", '<Image Value="Yes"/>')) == [june]
    assert hits(till, item("Holders", '<Image Value="no"/>')) == [new_year, january, none]
    assert born("0000-12-25", "0000-01-05") == [new_year, january]
    assert born("0000-06-15") == [june]
    assert born("0000-00-05") == [january]
    assert born("1980-00-00", "1990-00-00") == [new_year, january]
    assert born("1990-01-05") == [january, june]
    assert born("", "1980-12-31") == [new_year]


def test_cards_by_number_carrier_and_group(till: Till) -> None:
    shop = till.shop
    first = shop.issue(101, group_id=11, carrier_data=";101=?")
    second = shop.issue(150, group_id=12, carrier_data="Ключ-А")
    third = shop.issue(2000, group_id=12)
    shop.issue(103, state=3)

    def cards(*fields: str) -> list[int]:
        return hits(till, item("Cards", *fields))

    def by_code(expr: str) -> list[int]:
        return cards(f"<Card_Code>{expr.replace('<', '&lt;')}</Card_Code>")

    assert by_code("1??") == [first, second]
    assert by_code("[101..150)") == [first]
    assert by_code("not 1?? ") == [third]
    assert by_code(">=150 and <>2000 or 101") == [first, second]
    assert by_code("2*") == [third]
    assert by_code("1?1") == [first]
    assert by_code("*0") == [second, third]
    assert by_code("000101") == [first]
    assert cards('<Carrier_Data Value=";101=[?]"/>') == [first]
    assert cards('<Carrier_Data Value="ключ-*"/>') == [second]
    assert cards('<Group_ID Value="12"/>') == [second, third]
    assert cards("<Card_Code>2000</Card_Code>", '<Group_ID Value="11"/>') == []


def test_contacts_by_number_and_by_text(till: Till) -> None:
    shop = till.shop
    first, second = guest(till, "A"), guest(till, "B")
    add_contact(shop, first, "+7 (900) 000-00-12")
    add_contact(shop, second, "89000000034")
    add_contact(shop, second, "Anna@B.Example", kind=2)
    add_contact(shop, first, "79000000034", kind=4)

    def phones(value: str, *, number: bool) -> list[int]:
        flag = ' IsNumber="true"' if number else ""
        return hits(till, item("Contacts", f'<Phone Value="{value}"{flag}/>'))

    assert phones("8 900 000 00 12", number=True) == [first]
    assert phones("9000000012", number=True) == [first]
    assert phones("00-34", number=True) == [second]
    assert phones("0000", number=True) == []
    assert phones("+7 (900)*", number=False) == [first]
    assert phones("8900*", number=False) == [second]
    assert phones("*34", number=False) == [second]
    assert phones("89000000034", number=False) == [second]
    assert phones("79000000034", number=False) == [], "text is compared as it was typed"
    mail = '<EMail Value="anna@*"/>'
    assert hits(till, item("Contacts", mail)) == [second]
    both = (mail, '<Phone Value="34" IsNumber="1"/>')
    assert hits(till, item("Contacts", *both)) == [second], "by two contacts of one holder"


def test_addresses_must_fit_as_one(till: Till) -> None:
    first, second = guest(till, "A"), guest(till, "B")
    add_address(till.shop, first, "Орёл", "Мира", "5а")
    add_address(till.shop, first, "Тверь", "Садовая", "7")
    add_address(till.shop, second, "Тверь ", "Мира", "5А")

    def at(*fields: str) -> list[int]:
        return hits(till, item("Addresses", *fields))

    assert at('<City Value="ОРЕЛ"/>') == [first]
    assert at('<Street Value="мир*"/>', '<House Value="5а"/>') == [first, second]
    assert at('<City Value="Тверь*"/>', '<Street Value="Мира"/>') == [second]


def test_deleted_and_merged_holders_are_not_found(till: Till) -> None:
    shop = till.shop
    kept, gone, merged = (guest(till, "Ким") for _ in range(3))
    holder = tables.holder
    shop.change(holder, holder.c.holder_id == gone, deleted_at=shop.now)
    shop.change(holder, holder.c.holder_id == merged, state=2, merged_into=kept)
    assert hits(till, item("Holders", '<L_Name Value="Ким"/>')) == [kept]


def test_pages_go_through_the_set_r36(till: Till) -> None:
    ids = [guest(till, name) for name in ("В", "А", "Б")]
    find = item("Holders", '<L_Name Value="?"/>')
    first = search(till, f'<Count>2</Count><Item Mode="Clear"/>{find}')
    assert [node.findtext("L_Name") for node in first] == ["В", "А"], "in the order of ids"
    guid = first.get("Search_GUID")
    guest(till, "Г")
    page = f"<Search_GUID>{guid}</Search_GUID><Count>2</Count><Index>3</Index>"
    second = search(till, page)
    assert [node.findtext("L_Name") for node in second] == ["Б"]
    shown = {k: second.get(k) for k in ("IndexFrom", "IndexTo", "Count", "Search_GUID")}
    assert shown == {"IndexFrom": "3", "IndexTo": "3", "Count": "3", "Search_GUID": guid}
    last = search(till, "<Index>2</Index><Include>Sort_L_Name</Include>")
    assert [node.findtext("L_Name") for node in last] == ["Б", "В"], "without a GUID the last set"
    again = search(till, "<Index>2</Index>")
    assert [node.findtext("L_Name") for node in again] == ["Б", "В"], "the order stays"
    beyond = search(till, "<Index>9</Index>")
    assert (list(beyond), beyond.get("Count"), beyond.get("IndexFrom")) == ([], "3", None)
    assert len(ids) == 3


def test_sets_grow_are_cleared_and_get_lost(till: Till) -> None:
    a, b = guest(till, "А"), guest(till, "Б")
    add_a, add_b = (item("Holders", f'<L_Name Value="{name}"/>') for name in "АБ")
    root = search(till, f"<Item Mode='Clear'/>{add_a}")
    more = search(till, f"<Search_GUID>{root.get('Search_GUID')}</Search_GUID>{add_b}")
    assert more.get("Count") == "2"
    assert hits(till, add_b) == [b], "Add without Clear and without a GUID starts a new set"
    assert hits(till, f"{add_a}<Item Mode='Clear'/>{add_b}") == [b]
    assert hits(till, f"{add_a}<Item Mode='Clear'/>") == [a], "standing last it clears afterwards"
    cleared = search(till, "<Item Mode='Clear'/>")
    assert cleared.get("Count") == "0"
    assert cleared.get("IndexFrom") is None
    lost = "<Search_GUID>{6B0E5D1C-0000-4000-8000-0000000000A1}</Search_GUID>"
    assert till.refusal("Search holders", lost) == "SAC-9601"
    assert till.refusal("Search holders", lost, Session="{" + "1" * 32 + "}") == "SAC-9601"
    anew = search(till, f"<Search_GUID>\"/&gt;</Search_GUID><Item Mode='Clear'/>{add_a}")
    assert anew.get("Count") == "1"
    assert '"' not in (anew.get("Search_GUID") or "")


def test_without_any_set_there_is_nothing_to_page(till: Till) -> None:
    assert till.refusal("Search holders", "<Index>1</Index>") == "SAC-9601"


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ("<Cards><Card_Code Value='1 or'/></Cards>", "Card_Code"),
        ("<Cards><Group_ID Value='x'/></Cards>", "Group_ID"),
        ("<Holders><Birth_Day Value='x'/></Holders>", "Birth_Day"),
        ("<Contacts><Phone Value='none' IsNumber='True'/></Contacts>", "Phone"),
        (f"<Holders><L_Name Value='{'x' * 1001}'/></Holders>", "L_Name"),
    ],
)
def test_a_bad_condition_is_named(till: Till, condition: str, field: str) -> None:
    root = till.act("Search holders", f"<Item>{condition}</Item>")
    assert root.get("ErrorCode") == "SAC-9602"
    assert field in (root.get("ErrorText") or "")


def test_limits_of_a_search(till: Till) -> None:
    for name in "АБВ":
        guest(till, name)
    everybody = '<Item Mode="Add"/>'
    assert len(hits(till, everybody)) == 3
    assert till.refusal("Search holders", everybody * 101) == "SAC-9011"
    assert till.refusal("Search holders", "<Item Mode='Sub'/>") == "SAC-9602"
    till.set_setting("api.search_page_max", "2")
    assert len(search(till, f"<Count>99</Count>{everybody}")) == 2
    till.set_setting("api.search_hits", "2")
    assert till.refusal("Search holders", everybody) == "SAC-9603"
    till.forbid("holder.search")
    assert till.refusal("Search holders", everybody) == "SAC-9101"


def test_a_raw_reply_is_cut_where_it_would_be_too_long(till: Till) -> None:
    for number in range(6):
        guest(till, f"Г{number}")
    till.dispatch._limits = Limits(raw_reply_bytes=3000)
    message = (
        f'<Message Action="Search holders" Terminal_Type="{CODE}"><Item Mode="Add"/></Message>'
    )
    body = till.xml(message, transport=Transport.RAW)
    assert len(body) <= 3000
    shown = body.count(b"<Holder>")
    assert 1 <= shown < 6
    assert f'IndexTo="{shown}" Count="6"'.encode() in body


def test_filters_and_wide_words_work_in_lists(till: Till) -> None:
    till.shop.issue(55)
    till.shop.issue(56)
    inner = (
        "<Include>Account, Holder_Card, Holder_NoCount</Include>"
        "<Account_Filter><Account_Class>5</Account_Class></Account_Filter><Item Mode='Add'/>"
    )
    root = search(till, inner)
    assert [n.text for n in root.iter("Account_Class")] == ["5", "5"]
    assert [n.text for n in root.iter("Card_Code")] == ["55", "56"]
    assert root.find("Holder/Cards_Count") is None
    assert till.shop.count(card_tables.card) == 2
