"""The holder block and its wrappers as they are written (crm-xml.md 7.1, 7.3)."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from card_server.holders.people import Contact, Person
from card_server.holders.records import Address, Photo
from card_server.relay import crm_xml_holders as blocks
from card_server.relay.crm_xml_holders import HolderNames
from tests.helpers.guests import jpeg_head

PERSON = Person(
    holder_id=10000000004711,
    pos_number=1,
    division_id=1,
    group_id=3,
    non_payer_type_id=None,
    external_code=None,
    verified=True,
    state=1,
    merged_into=None,
    is_deleted=False,
    l_name="Петрова",
    f_name="Анна",
    full_name="Петрова Анна",
    birth_date=date(1990, 2, 11),
    gender=2,
    source="site",
)
NAMES = HolderNames(group="Bar guests", division="Head office", counts=(1, 2, 1))


def test_the_printed_holder() -> None:
    assert blocks.holder(PERSON, NAMES) == (
        "<Holder><Deleted>No</Deleted><Group_ID>3</Group_ID><Group_Name>Bar guests</Group_Name>"
        "<Division_ID>1</Division_ID><Division_Name>Head office</Division_Name>"
        "<Holder_ID>10000000004711</Holder_ID><INN></INN><External_Code></External_Code>"
        "<Unpay_Type_ID>0</Unpay_Type_ID><Unpay_Type_Name></Unpay_Type_Name>"
        "<L_Name>Петрова</L_Name><F_Name>Анна</F_Name><M_Name></M_Name>"
        "<Full_Name>Петрова Анна</Full_Name><Birth>1990-02-11</Birth><Gender>Female</Gender>"
        "<Marrital>Unknown</Marrital><Smoke>No</Smoke><Verification>Yes</Verification>"
        "<Image>No</Image><Language_ID>1049</Language_ID>"
        "<Language_Name><![CDATA[Русский]]></Language_Name><Source>site</Source><Remarks></Remarks>"
        "<Cards_Count>1</Cards_Count><Accounts_Count>2</Accounts_Count>"
        "<Contacts_Count>1</Contacts_Count></Holder>"
    )


def test_the_printed_contact() -> None:
    contact = Contact(
        contact_id=10000000000301,
        holder_id=PERSON.holder_id,
        contact_type_id=1,
        type_name="Mobile",
        type_code="",
        contact_class=1,
        value="79000000011",
        value_ext=None,
        dispatch=True,
        notes=None,
    )
    PERSON.contacts[:] = [contact]
    assert blocks.contacts(PERSON, masked=False) == (
        "<Holders_Contacts><Holder_Contact><Holder_ID>10000000004711</Holder_ID>"
        "<Contact><Deleted>No</Deleted><Contact_ID>10000000000301</Contact_ID>"
        "<Dispatch>Yes</Dispatch><Type_ID>1</Type_ID><Type_Code></Type_Code>"
        "<Type_Name>Mobile</Type_Name><Value>79000000011</Value><Type_Class>Phone</Type_Class>"
        "<Notes></Notes></Contact></Holder_Contact></Holders_Contacts>"
    )
    assert "<Value>7900*****11</Value>" in blocks.contacts(PERSON, masked=True)


@given(st.integers(min_value=-1_800_000_000, max_value=1_800_000_000))
def test_coordinates_have_seven_decimals(value: int) -> None:
    text = blocks.degrees(value)
    assert round(float(text) * 10_000_000) == value
    assert len(text.partition(".")[2]) == 7


def test_a_masked_address_ends_with_its_city() -> None:
    full = Address(
        address_id=1,
        holder_id=2,
        address_type_id=1,
        country="Россия",
        region="Тверская",
        city="Тверь",
        city_id=4,
        street="Мира",
        house="5",
        zip="170100",
        extended="код 12",
        lat=1,
    )
    block = blocks.addresses(2, [full], masked=True)
    assert all(word in block for word in ("Россия", "Тверская", "Тверь", "<City_ID>4</City_ID>"))
    assert not any(word in block for word in ("Мира", ">5<", "170100", "код", "0.0000001"))


def test_a_picture_tells_its_form() -> None:
    photo = Photo(mime="image/jpeg", content=jpeg_head(40, 30), thumb=b"")
    found = blocks.image(photo)
    assert found.startswith('<Holder_Image Format="JPEG" Width="40" Height="30" Encoding="Base64">')
    assert blocks.image(None) == "<Holder_Image></Holder_Image>"
