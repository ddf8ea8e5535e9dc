"""The section a person copies into FARCARDS.INI."""

from __future__ import annotations

import configparser

import pytest

from card_server.presets.farcards_ini import farcards_section

CODE = "12345678901234567890"


def test_the_section_is_a_windows_profile_that_names_server_and_code() -> None:
    found = configparser.ConfigParser()
    found.read_string(farcards_section(CODE, "192.0.2.10", 9192))
    assert dict(found["Card System 5"]) == {
        "address": "http://192.0.2.10:9192",
        "log_level": "10",
        "log_count": "5",
        "qualifier": CODE,
    }


@pytest.mark.parametrize(("host", "shown"), [("kassa", "kassa"), ("fd00::5", "[fd00::5]")])
def test_an_address_of_ip_version_six_stands_in_brackets(host: str, shown: str) -> None:
    assert f"Address=http://{shown}:80\n" in farcards_section(CODE, host, 80)
