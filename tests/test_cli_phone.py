"""The telephone's commands, as a user types them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import RunCommand, runner
from server import cli_phone, phone_admin
from twilio_double import ACCOUNT, NUMBER, TOKEN, TwilioDouble, twilio_double

NOBODY_LISTENS = "1"
"""A port that needs rights no test has."""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path))
    return runner(monkeypatch, capsys)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioDouble]:
    """An account, and the program set up for it."""
    settings = {
        "PUBLIC_ORIGIN": "https://training.example.org", "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_NUMBER": NUMBER,
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"RIGHTCALL_{name}", value)
    with twilio_double() as made:
        monkeypatch.setattr(phone_admin, "API", made.url)
        monkeypatch.setattr(cli_phone, "ASK_EVERY", 0.0)
        yield made


def test_a_pin_is_set_shown_once_listed_without_it_and_taken_away(command: RunCommand) -> None:
    done = command("phone", "pin", "set", "Ann Other", "--number", "+447700900123")
    pin = done.out.split("PIN ")[1][:6]
    assert pin.isdigit()
    listed = command("phone", "pin", "list")
    assert listed.out == "Ann Other  +447700900123\n"
    assert command("phone", "pin", "remove", "Ann Other").code == 0
    assert "nobody can ring in" in command("phone", "pin", "list").out
    gone = command("phone", "pin", "remove", "Ann Other")
    assert gone.code == 1
    assert "has no PIN" in gone.err


def test_a_pin_of_four_digits_is_refused_in_one_line(command: RunCommand) -> None:
    done = command("phone", "pin", "set", "Ann", "--pin", "1234")
    assert (done.code, done.err) == (1, "rightcall: a PIN has six digits\n")


def test_the_status_without_a_server_says_what_is_missing(command: RunCommand) -> None:
    done = command("status", "--port", NOBODY_LISTENS, "--json")
    told = json.loads(done.out)
    assert done.code == 1
    assert told["server"] == "not running"
    assert len(told["problems"]) == 4
    assert "no public origin" in command("status", "--port", NOBODY_LISTENS).out


def test_the_status_can_ask_whether_the_number_points_here(command: RunCommand, double: TwilioDouble) -> None:
    done = command("status", "--port", NOBODY_LISTENS, "--check")
    assert "the number's voice_url is not set" in done.out
    assert double.requests


def test_setting_up_asks_first_and_a_dry_run_changes_nothing(command: RunCommand, double: TwilioDouble) -> None:
    dry = command("phone", "setup", "--dry-run")
    assert "voice_url: (not set) -> https://training.example.org/phone/incoming" in dry.out
    refused = command("phone", "setup", typed="n\n")
    assert refused.code != 0
    assert double.number == {}
    assert "points at this server now" in command("phone", "setup", typed="y\n").out
    assert command("phone", "setup").out.endswith("The number points at this server.\n")


def test_a_trainee_is_rung_and_the_call_is_followed(command: RunCommand, double: TwilioDouble) -> None:
    done = command("dial", "+447700900123", "--script", "noise-complaint", "--trainee", "Ann Other")
    assert [line.split(": ")[1] for line in done.out.splitlines()] == [
        "placed", "queued", "ringing", "in-progress", "completed",
    ]  # fmt: skip
    assert len(double.placed) == 1


def test_a_call_that_is_not_on_the_shelf_is_not_dialled(command: RunCommand, double: TwilioDouble) -> None:
    assert command("dial", "+447700900123", "--script", "no-such-call").code != 0
    assert double.requests == []


def test_without_an_account_dialling_says_what_to_set(command: RunCommand) -> None:
    done = command("dial", "+447700900123", "--script", "noise-complaint")
    assert done.code == 1
    assert "RIGHTCALL_TWILIO_AUTH_TOKEN" in done.err
