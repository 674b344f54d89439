"""The account over REST, against a double of Twilio's interface: nothing here reaches Twilio."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from server import phone_admin
from server.phone_admin import PhoneAdmin, PhoneAdminError
from server.phone_problems import line_problems
from server.settings import Settings
from twilio_double import ACCOUNT, NUMBER, TOKEN, TwilioDouble, twilio_double

ORIGIN = "https://training.example.org"
TO = "+447700900123"


@pytest.fixture
def double() -> Iterator[TwilioDouble]:
    with twilio_double() as made:
        yield made


def settings(home: Path, **changed: object) -> Settings:
    whole = Settings(
        home=home, public_origin=ORIGIN, twilio_account_sid=ACCOUNT, twilio_auth_token=SecretStr(TOKEN),
        twilio_number=NUMBER,
    )  # fmt: skip
    return whole.model_copy(update=changed)


@pytest.fixture
def admin(tmp_path: Path, double: TwilioDouble, monkeypatch: pytest.MonkeyPatch) -> PhoneAdmin:
    monkeypatch.setattr(phone_admin, "BACKOFF", 0.0)
    return PhoneAdmin(settings(tmp_path), double.url)


def test_a_call_is_placed_with_everything_that_it_needs(admin: PhoneAdmin, double: TwilioDouble) -> None:
    sid = admin.dial(TO, "noise-complaint", "Ann Other")
    assert sid == f"CA{1:032x}"
    (placed,) = double.placed
    assert placed["Url"] == [f"{ORIGIN}/phone/outgoing?script=noise-complaint&trainee=Ann+Other"]
    assert placed["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert (placed["MachineDetection"], placed["AsyncAmd"]) == (["Enable"], ["true"])
    assert placed["Timeout"] == ["30"]


def test_a_placed_call_is_followed_to_its_end(admin: PhoneAdmin) -> None:
    sid = admin.dial(TO, "noise-complaint")
    assert [admin.progress(sid) for _ in range(4)] == ["queued", "ringing", "in-progress", "completed"]


@pytest.mark.parametrize("number", ["07700900123", "999", "112", "+44 7700 900123", "nobody", ""])
def test_what_is_no_full_number_is_never_dialled(admin: PhoneAdmin, double: TwilioDouble, number: str) -> None:
    with pytest.raises(PhoneAdminError, match="with its country"):
        admin.dial(number, "noise-complaint")
    assert double.requests == []


def test_a_number_that_twilio_does_not_know_is_explained(admin: PhoneAdmin) -> None:
    with pytest.raises(PhoneAdminError, match=r"21211.*with its country"):
        admin.dial("+9990000000", "noise-complaint")


def test_a_trial_account_says_how_to_verify_a_number(admin: PhoneAdmin, double: TwilioDouble) -> None:
    double.verified = {"+447700900999"}
    with pytest.raises(PhoneAdminError, match="Verified Caller IDs"):
        admin.dial(TO, "noise-complaint")


def test_a_wrong_token_is_explained_and_not_shown(tmp_path: Path, double: TwilioDouble) -> None:
    admin = PhoneAdmin(settings(tmp_path, twilio_auth_token=SecretStr("a-wrong-secret")), double.url)
    with pytest.raises(PhoneAdminError, match="auth token is wrong") as refused:
        admin.plan()
    assert "a-wrong-secret" not in str(refused.value)


def test_a_request_that_is_told_to_wait_is_repeated(admin: PhoneAdmin, double: TwilioDouble) -> None:
    double.busy = 2
    admin.dial(TO, "noise-complaint")
    assert len(double.placed) == 1
    assert len(double.requests) == 3


def test_one_that_is_always_told_to_wait_gives_up(admin: PhoneAdmin, double: TwilioDouble) -> None:
    double.busy = 100
    with pytest.raises(PhoneAdminError, match="try again in a minute"):
        admin.plan()


def test_no_answer_is_told_and_a_call_is_not_placed_twice(
    tmp_path: Path, double: TwilioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_admin, "ANSWER_SECONDS", 0.2)
    admin = PhoneAdmin(settings(tmp_path), double.url)
    double.hangs = True
    with pytest.raises(PhoneAdminError, match="may or may not ring"):
        admin.dial(TO, "noise-complaint")


def test_a_machine_without_internet_is_told_so(tmp_path: Path) -> None:
    with twilio_double() as gone:
        place = gone.url
    with pytest.raises(PhoneAdminError, match="cannot be reached"):
        PhoneAdmin(settings(tmp_path), place).plan()


def test_setting_up_shows_what_changes_then_changes_it_then_has_nothing_to_change(
    admin: PhoneAdmin, double: TwilioDouble
) -> None:
    plan = admin.plan()
    assert plan.account == "Wyrevale training (active)"
    assert ("voice_url", "", f"{ORIGIN}/phone/incoming") in [(c.name, c.now, c.wanted) for c in plan.changes]
    assert double.number == {}, "looking changes nothing"
    admin.apply(plan)
    assert double.number["voice_url"] == f"{ORIGIN}/phone/incoming"
    assert double.number["status_callback"] == f"{ORIGIN}/phone/status"
    assert admin.plan().changes == ()


def test_a_number_of_another_account_is_told(tmp_path: Path, double: TwilioDouble) -> None:
    admin = PhoneAdmin(settings(tmp_path, twilio_number="+441632960999"), double.url)
    with pytest.raises(PhoneAdminError, match="has no number"):
        admin.plan()


def test_no_secret_is_logged(admin: PhoneAdmin, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        admin.dial(TO, "noise-complaint")
        admin.apply(admin.plan())
    assert caplog.records
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"public_origin": ""}, "no public origin"),
        ({"public_origin": "http://training.example.org"}, "need https"),
        ({"public_origin": "training.example.org"}, "not a scheme and a host"),
        ({"public_origin": f"{ORIGIN}/phone"}, "not a scheme and a host"),
        ({"twilio_account_sid": ""}, "account SID is missing"),
        ({"twilio_account_sid": "SK123"}, "account SID is not one"),
        ({"twilio_auth_token": SecretStr("")}, "auth token is missing"),
        ({"twilio_number": ""}, "number is missing"),
        ({"twilio_number": "01632 960123"}, "number is not one"),
    ],
)
def test_each_gap_in_the_settings_is_told_with_its_mend(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    (problem,) = line_problems(settings(tmp_path, **changed))
    assert told in problem.what
    assert "RIGHTCALL_" in problem.mend
    with pytest.raises(PhoneAdminError, match=told):
        PhoneAdmin(settings(tmp_path, **changed))


def test_a_whole_configuration_has_no_problems_also_on_this_machine_alone(tmp_path: Path) -> None:
    assert line_problems(settings(tmp_path)) == []
    assert line_problems(settings(tmp_path, public_origin="http://127.0.0.1:8000")) == []
