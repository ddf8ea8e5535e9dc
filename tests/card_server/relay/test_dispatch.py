"""Tests of dispatch: who is answered how, before any data is touched (crm-xml.md 3, 4.1, 11)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.rule_set import RuleSet
from card_server.relay.dispatch import Dispatch
from card_server.relay.exchange import Answer, Call, Transport
from card_server.relay.limits import Limits
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.wire import CODE, FakeDesk, open_wire, post, read_reply, rest

GOOD = f'<Message Action="Get contacts types info" Terminal_Type="{CODE}"/>'
DONE = b"<Contacts_Types/>"


def with_settings(desk: FakeDesk, **settings: str) -> FakeDesk:
    """The desk with system settings; `_` stands for the point."""
    values = {key.replace("__", "."): value for key, value in settings.items()}
    fields = {name: getattr(desk.rules, name) for name in RuleSet.__struct_fields__}
    desk.rules = RuleSet(**{**fields, "settings": values})
    return desk


def good_desk(**classifier: Any) -> FakeDesk:
    """A desk that answers every question at once."""
    return FakeDesk(lambda done: done(DONE), **classifier)


def ask(body: str | bytes, desk: FakeDesk | None = None, **call: Any) -> Answer:
    """One call and its answer."""

    async def story() -> Answer:
        loop = asyncio.get_running_loop()
        dispatch = Dispatch(desk or good_desk(), Limits(), loop)
        future: asyncio.Future[Answer] = loop.create_future()
        facts = {
            "transport": Transport.HTTP,
            "path_segments": (),
            "query": {},
            "headers": {},
            "message_id": "0",
            "peer": "127.0.0.1",
            "received_at": loop.time(),
            **call,
        }
        data = body.encode() if isinstance(body, str) else body
        dispatch.submit(Call(body=data, **facts), future.set_result)
        return await asyncio.wait_for(future, 5)

    return asyncio.run(story())


def code(body: str | bytes, desk: FakeDesk | None = None, **call: Any) -> str:
    """The wire code of a refusal."""
    answer = ask(body, desk, **call)
    assert answer.is_error
    return answer.body.decode().partition('ErrorCode="')[2].partition('"')[0]


# ------------------------------------------------------------------ the envelope


def test_a_good_message_is_answered() -> None:
    assert ask(GOOD) == Answer(DONE)


@pytest.mark.parametrize(
    "attributes",
    ['Global_Type=""', 'Global_Type="X"', 'Unit_ID="" User_ID="x"', 'Session="{0}" Reserved_A="1"'],
)
def test_r13_r14_r15_attributes_that_do_not_matter(attributes: str) -> None:
    assert ask(GOOD.replace("<Message", f"<Message {attributes}")).body == DONE


def test_the_action_is_read_without_regard_to_case_and_blanks() -> None:
    assert ask(GOOD.replace("Get contacts types info", " GET  contacts\ttypes\nInfo ")).body == DONE


def test_r29_a_message_without_action_and_another_products_message() -> None:
    assert code(f'<Message Terminal_Type="{CODE}"/>') == "SAC-9004"
    assert code("<Message><Body/></Message>") == "SAC-9004"
    assert code(GOOD.replace("Get contacts types info", "SendBatch")) == "SAC-9005"


def test_r30_an_unknown_action_is_named() -> None:
    answer = ask(GOOD.replace("Get contacts types info", "Do &quot;it&quot;"))
    assert "Неизвестное действие &quot;Do &quot;it&quot;&quot;".encode() in answer.body


def test_r31_another_root() -> None:
    assert code("<Request/>") == "SAC-9008"
    assert code("<message/>") == "SAC-9008"


@pytest.mark.parametrize("body", ["", " \r\n", "\x00"])
def test_r32_an_empty_body(body: str) -> None:
    assert code(body) == "SAC-9001"


@pytest.mark.parametrize("body", ['{"Action":"x"}', "Action=x&y=z", "hello"])
def test_r32_json_a_form_and_plain_text(body: str) -> None:
    assert code(body) == "SAC-9002"


def test_r38_a_document_type() -> None:
    assert code("<!DOCTYPE a [<!ENTITY b 'c'>]><Message/>") == "SAC-9003"


def test_the_id_of_a_raw_caller_is_echoed() -> None:
    answer = ask("<Message/>", transport=Transport.RAW, message_id='<17&"')
    assert b'Message_ID="&lt;17&amp;&quot;" ErrorCode="SAC-9004"' in answer.body


# ------------------------------------------------------------------ who calls


@pytest.mark.parametrize("sent", ["", "NOPE", CODE.lower(), CODE + "1"])
def test_an_unknown_code_is_quoted_in_russian(sent: str) -> None:
    answer = ask(GOOD.replace(CODE, sent))
    assert f"Неверно указан классификатор ПО [{sent[:20]}]".encode() in answer.body
    assert b'ErrorCode="SAC-0004"' in answer.body


def test_the_attribute_beats_the_header_and_the_header_helps_out() -> None:
    assert ask(GOOD, headers={"terminal-type": "NOPE"}).body == DONE
    bare = GOOD.replace(f' Terminal_Type="{CODE}"', "")
    assert ask(bare, headers={"terminal-type": f" {CODE} "}).body == DONE
    assert code(GOOD.replace(CODE, "NOPE"), headers={"terminal-type": CODE}) == "SAC-0004"


def test_classifiers_that_are_off_or_hidden() -> None:
    assert code(GOOD, good_desk(is_active=False)) == "SAC-0004"
    assert code(GOOD, good_desk(api_visible=False)) == "SAC-9106"


def test_the_order_of_checks() -> None:
    refused = {"api.allowed_networks": "10.0.0.0/8", "api.actions_off": "get contacts types info"}
    unknown = GOOD.replace("Get contacts types info", "Nothing")
    assert code(unknown, good_desk(api_visible=False, settings=refused)) == "SAC-9106"
    assert code(unknown, good_desk(settings=refused)) == "SAC-9102"
    assert code(unknown, good_desk()) == "SAC-9005"
    off = good_desk(settings={"api.actions_off": "get contacts types info"}, rights=frozenset())
    assert code(GOOD, off) == "SAC-9105"
    assert code(GOOD, good_desk(rights=frozenset())) == "SAC-9101"


def test_api_language_switches_the_sentences_of_a_known_classifier() -> None:
    answer = ask(GOOD, good_desk(settings={"api.language": "en"}, rights=frozenset()))
    assert b"No right" in answer.body


def test_a_global_type_may_be_required() -> None:
    desk = good_desk(settings={"api.require_global_type": "1"})
    assert code(GOOD, desk) == "SAC-9104"
    assert ask(GOOD.replace("<Message", '<Message Global_Type="G"'), desk).body == DONE


def test_a_bug_gets_an_incident_number_and_no_details() -> None:
    detail = "secret detail"

    def fail(_: object) -> None:
        raise RuntimeError(detail)

    answer = ask(GOOD, FakeDesk(fail))
    assert b'ErrorCode="SAC-9999"' in answer.body
    assert b"secret" not in answer.body


def test_a_raw_reply_is_recoded_for_a_classifier_that_wants_it() -> None:
    desk = good_desk(wire_charset=2)
    assert ask(GOOD, desk, transport=Transport.RAW).windows_1251
    assert not ask(GOOD, desk).windows_1251
    off = good_desk(wire_charset=2, rights=frozenset())
    assert ask(GOOD, off, transport=Transport.RAW).windows_1251


# ------------------------------------------------------------------ Farcards


@pytest.mark.parametrize("path", [("licenseinfo",), ("x", "LicenseInfo.PHP")])
@pytest.mark.parametrize("body", [b"", b"\x00\x01 binary", b"<ROOT/>", b"{}"])
def test_licenceinfo_takes_any_body(path: tuple[str, ...], body: bytes) -> None:
    assert ask(body, path_segments=path) == Answer(b"")


def test_licenceinfo_may_be_posted_to_the_bare_address() -> None:
    assert ask("<ROOT><Anything/></ROOT>") == Answer(b"")


def test_broken_xml_for_a_function_is_refused_in_its_form() -> None:
    answer = ask("<ROOT>", path_segments=("TransactionsEx.php",))
    assert b'<TransactionsEx Result="1"' in answer.body
    assert b'ErrorCode="SAC-9002"' in answer.body


def test_farcards_calls_come_from_this_machine_until_networks_are_entered() -> None:
    call: dict[str, Any] = {
        "path_segments": ("getcardinfoex",),
        "query": {"qualifier": CODE},
        "peer": "10.1.2.3",
    }
    body = '<ROOT><QRY Card="7"/></ROOT>'
    assert code(body, **call) == "SAC-9102"
    desk = with_settings(good_desk(rights=frozenset()), relay__allowed_networks="10.0.0.0/8")
    assert code(body, desk, **call) == "SAC-9101"


def test_farcards_without_any_classifier() -> None:
    assert code('<ROOT><QRY Card="7"/></ROOT>', path_segments=("getcardinfoex",)) == "SAC-9802"


# ------------------------------------------------------------------ wrong codes


def test_wrong_codes_are_answered_late_after_the_limit_and_others_at_once() -> None:
    async def story() -> tuple[int, int, int]:
        loop = asyncio.get_running_loop()
        desk = with_settings(good_desk(), api__wrong_codes="2", api__wrong_code_delay_s="0.1")
        dispatch = Dispatch(desk, Limits(), loop)
        found: list[Answer] = []

        def send(body: str, peer: str) -> None:
            call = Call(
                body=body.encode(),
                transport=Transport.HTTP,
                path_segments=(),
                query={},
                headers={},
                message_id="0",
                peer=peer,
                received_at=loop.time(),
            )
            dispatch.submit(call, found.append)

        for _ in range(3):
            send(GOOD.replace(CODE, "NOPE"), "10.0.0.1")
        at_once = len(found)
        send(GOOD.replace(CODE, "NOPE"), "10.0.0.2")
        send(GOOD, "10.0.0.1")
        others = len(found)
        await asyncio.sleep(0.15)
        return at_once, others, len(found)

    assert asyncio.run(story()) == (2, 4, 5)


# ------------------------------------------------------------------ over a socket


def test_r10_broken_xml_over_http_closes_the_connection_and_glues_nothing_on() -> None:
    with open_wire(desk=good_desk()) as wire:
        sock = wire.send(post(GOOD.encode(), "Message-ID: 1", length=20) + post(GOOD.encode()))
        reply = read_reply(sock)
        assert reply.status == 200
        assert reply.headers["connection"] == "close"
        assert b'ErrorCode="SAC-9002"' in reply.body
        assert rest(sock) == b""


def test_a_refusal_keeps_the_connection() -> None:
    with open_wire(desk=good_desk()) as wire:
        sock = wire.send(post(b"<Request/>") + post(GOOD.encode()))
        assert b"SAC-9008" in read_reply(sock).body
        assert read_reply(sock).body == DONE


def test_a_raw_request_gets_its_refusal_too() -> None:
    with open_wire(desk=good_desk()) as wire:
        assert b'Message_ID="0" ErrorCode="SAC-9008"' in wire.ask(b"<Request/>")


@given(
    st.binary(max_size=120)
    | st.text('<>/="&; \nMesagROTQYCd17', max_size=80).map(str.encode)
    | st.sampled_from([GOOD.encode()]).flatmap(
        lambda good: st.tuples(st.integers(0, len(good)), st.binary(max_size=6)).map(
            lambda cut: good[: cut[0]] + cut[1] + good[cut[0] :]
        )
    ),
    st.sampled_from([(), ("getcardinfoex",), ("x", "TransactionsEx.php"), ("findemail",)]),
)
def test_rubbish_is_refused_and_never_a_bug(body: bytes, path: tuple[str, ...]) -> None:
    desk = FakeDesk(lambda done: done(AppError(ErrorCode.BUSY)))
    answer = ask(body, desk, path_segments=path, query={"qualifier": CODE})
    assert b"SAC-9999" not in answer.body
