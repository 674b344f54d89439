"""Having a trainee rung, over the server's own interface and a double of Twilio's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from fakes import ScriptedEar
from server.engines import Engines, prepare
from server.schema import audit
from server.settings import Settings, SettingsError, load
from telephone import ACCOUNT, CALLER, ORIGIN, TOKEN, QuickMouth
from training_room import Room, csrf, room
from twilio_double import NUMBER, TwilioDouble, twilio_double

if TYPE_CHECKING:
    import httpx

API_TOKEN = "a-token-for-programs-of-this-test"  # noqa: S105 - of this test alone
LINE = {
    "RIGHTCALL_PUBLIC_ORIGIN": ORIGIN,
    "RIGHTCALL_TWILIO_ACCOUNT_SID": ACCOUNT,
    "RIGHTCALL_TWILIO_AUTH_TOKEN": TOKEN,
    "RIGHTCALL_TWILIO_NUMBER": NUMBER,
    "RIGHTCALL_API_TOKEN": API_TOKEN,
}
ASKED = {"number": CALLER, "script": "noise-complaint", "trainee": "ann", "seed": 7}
PROGRAM = {"authorization": f"Bearer {API_TOKEN}"}


def quiet(settings: Settings) -> AbstractAsyncContextManager[Engines]:
    return prepare(settings, ear=ScriptedEar([]), mouth=QuickMouth())


@pytest.fixture(scope="module")
def double() -> Iterator[TwilioDouble]:
    with twilio_double() as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, double: TwilioDouble) -> Iterator[Room]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LINE.items():
            patch.setenv(name, value)
        home = tmp_path_factory.mktemp("dial")
        with room(home, "trainer", "administrator", "assessor", "ann", engines=quiet) as made:
            made.app.state.phone.rest = double.url
            yield made


def dial(browser: httpx.Client, headers: dict[str, str] | None = None, **changed: object) -> httpx.Response:
    return browser.post("/phone/calls", json=ASKED | changed, headers=headers)


def with_token(browser: httpx.Client) -> dict[str, str]:
    """The header that a page of this browser's would send."""
    return {"x-csrf-token": csrf(browser.get("/").text)}


@pytest.mark.parametrize("role", ["trainer", "administrator"])
def test_a_trainer_has_a_trainee_rung(site: Room, double: TwilioDouble, role: str) -> None:
    browser, before = site.signed_in(role), len(double.placed)
    answer = dial(browser, with_token(browser))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["script"], told["trainee"], told["by"], told["status"]) == ("noise-complaint", "ann", role, "queued")
    (placed,) = double.placed[before:]
    assert placed["To"] == [CALLER]
    assert placed["Url"] == [f"{ORIGIN}/phone/outgoing?script=noise-complaint&trainee=ann&seed=7"]


@pytest.mark.parametrize("role", ["ann", "assessor"])
def test_nobody_else_has_anybody_rung(site: Room, double: TwilioDouble, role: str) -> None:
    browser, before = site.signed_in(role), len(double.placed)
    assert dial(browser, with_token(browser)).status_code == 403
    assert dial(site.browser(), {"origin": ""}).status_code in (401, 403)
    assert len(double.placed) == before


def test_a_page_of_another_site_has_nobody_rung(site: Room, double: TwilioDouble) -> None:
    browser, before = site.signed_in("trainer"), len(double.placed)
    assert dial(browser).status_code == 403, "without the token of a page"
    assert dial(browser, with_token(browser) | {"origin": "https://evil.example"}).status_code == 403
    assert len(double.placed) == before


def test_a_program_has_a_token_and_needs_no_session(site: Room) -> None:
    program = site.browser()
    assert dial(program, PROGRAM).status_code == 201
    for wrong in ("Bearer wrong", "Bearer", f"Basic {API_TOKEN}", API_TOKEN):
        assert dial(program, {"authorization": wrong}).status_code == 401
    with site.web.records.reading() as connection:
        rang = connection.execute(select(audit.c.who).where(audit.c.did == "rang a trainee")).scalars().all()
    assert "a program with the API token" in rang


def test_how_a_call_goes_on_is_shown_as_the_network_tells_it(site: Room) -> None:
    program = site.browser()
    call = dial(program, PROGRAM).json()["call"]
    for status in ("initiated", "ringing", "ringing", "in-progress", "completed"):
        form = {"CallSid": call, "AccountSid": ACCOUNT, "CallStatus": status}
        signature = RequestValidator(TOKEN).compute_signature(f"{ORIGIN}/phone/status", form)
        assert program.post("/phone/status", data=form, headers={"X-Twilio-Signature": signature}).status_code == 200
    told = program.get(f"/phone/calls/{call}", headers=PROGRAM).json()
    assert told["status"] == "completed"
    assert told["statuses"] == ["initiated", "ringing", "in-progress", "completed"]
    assert program.get(f"/phone/calls/CA{99:032x}", headers=PROGRAM).status_code == 404
    assert program.get("/phone/calls/nonsense", headers=PROGRAM).status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"number": "07700900123"}, 422),
        ({"number": "999"}, 422),
        ({"script": "../../etc/passwd"}, 404),
        ({"script": "no-such-call"}, 404),
        ({"seed": 0}, 422),
        ({"url": "https://evil.example"}, 422),
        ({"trainee": "a" * 200}, 422),
        ({"number": "+999700900123"}, 502),
    ],
)
def test_what_cannot_be_dialled_is_refused_before_anything_rings(
    site: Room, double: TwilioDouble, changed: dict[str, object], status: int
) -> None:
    before = len(double.placed)
    assert dial(site.browser(), PROGRAM, **changed).status_code == status
    assert len(double.placed) == before


def test_without_a_telephone_line_the_interface_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in LINE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RIGHTCALL_API_TOKEN", API_TOKEN)
    with room(tmp_path, engines=quiet) as site:
        answer = dial(site.browser(), PROGRAM)
    assert answer.status_code == 503
    assert "RIGHTCALL_TWILIO_ACCOUNT_SID" in answer.text


def test_a_token_that_can_be_guessed_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_API_TOKEN", "secret")
    with pytest.raises(SettingsError, match="at least 24"):
        load(tmp_path)
