"""What the telephone network is told, parsed back as it parses it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from server import twiml

ORIGIN = "https://training.example.org"
LONGEST = 4000
"""Characters of TwiML that Twilio takes inline."""


def parsed(text: str) -> ET.Element:
    assert len(text) < LONGEST
    return ET.fromstring(text)  # noqa: S314 - our own


def test_a_pin_is_asked_for_with_keys_and_no_answer_is_an_answer() -> None:
    (gather,) = parsed(twiml.ask_pin(ORIGIN, twiml.WELCOME))
    assert gather.tag == "Gather"
    assert gather.attrib | {"timeout": ""} == {
        "input": "dtmf", "action": f"{ORIGIN}/phone/pin", "method": "POST", "timeout": "",
        "actionOnEmptyResult": "true", "finishOnKey": "", "numDigits": "6",
    }  # fmt: skip
    (say,) = gather
    assert say.attrib["language"] == "en-GB"
    assert say.text
    assert "PIN" in say.text


def test_a_calls_number_ends_with_hash() -> None:
    (gather,) = parsed(twiml.ask_call_number(ORIGIN))
    assert gather.attrib["finishOnKey"] == "#"
    assert "numDigits" not in gather.attrib


def test_the_stream_is_two_way_has_its_token_as_parameter_and_something_after_it() -> None:
    connect, redirect = parsed(twiml.connect(ORIGIN, "a-token"))
    assert connect.tag == "Connect"
    stream = connect[0]
    assert stream.attrib == {"url": "wss://training.example.org/phone/media"}
    assert stream[0].attrib == {"name": "token", "value": "a-token"}
    assert (redirect.tag, redirect.text) == ("Redirect", f"{ORIGIN}/phone/after")


@pytest.mark.parametrize("text", [twiml.BUSY, twiml.STARTING, twiml.OUT_OF_ORDER, twiml.INTERRUPTED])
def test_a_refusal_is_said_before_hanging_up(text: str) -> None:
    say, hangup = parsed(twiml.say_goodbye(text))
    assert (say.tag, say.text, hangup.tag) == ("Say", text, "Hangup")


def test_what_was_keyed_cannot_become_markup() -> None:
    (gather,) = parsed(twiml.ask_call_number(ORIGIN, "<Dial>+441632960123</Dial>"))
    assert [element.tag for element in gather.iter()] == ["Gather", "Say"]


def test_a_socket_is_where_the_server_is() -> None:
    assert twiml.socket_origin(ORIGIN) == "wss://training.example.org"
    assert twiml.socket_origin("http://127.0.0.1:8000") == "ws://127.0.0.1:8000"
