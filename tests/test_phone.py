"""The telephone line: a real server, signed webhooks, and calls through the media socket."""

from __future__ import annotations

import asyncio
import logging
import time
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import websockets

from audio.codec import resample, ulaw_encode
from fakes import voice
from scripts.events import LineCut, LineFinished, Recorded, Say, Utterance
from server import twiml
from server.phone_wire import write_media
from server.shelving import Catalogue
from telephone import CALLER, ORIGIN, PIN, TOKEN, MediaSocket, Network, call_sid, running, token_of, until

OFFERED = Catalogue().offered()


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with running(tmp_path) as started:
        yield started


def says(answer: ET.Element) -> str:
    return " ".join(say.text or "" for say in answer.iter("Say"))


def hangs_up(answer: ET.Element) -> bool:
    return answer.find("Hangup") is not None


# --- who is let in --------------------------------------------------------------------------------------------


async def test_a_webhook_that_twilio_did_not_sign_changes_nothing(network: Network) -> None:
    forged = await network.webhook("/phone/incoming", sign="another token")
    unsigned = await network.http.post("/phone/incoming", data={"CallSid": call_sid()})
    assert (forged.status_code, unsigned.status_code) == (403, 403)
    assert (await network.http.get("/phone/health")).json()["forged"] == 2
    assert network.phone.calls.find(call_sid(), 0.0) is None


async def test_a_changed_field_or_address_is_not_what_was_signed(network: Network) -> None:
    form = {"CallSid": call_sid(), "From": CALLER}
    from twilio.request_validator import RequestValidator

    signature = RequestValidator(TOKEN).compute_signature(f"{ORIGIN}/phone/incoming", form)
    headers = {"X-Twilio-Signature": signature}
    changed = await network.http.post("/phone/incoming", data={**form, "From": "+447700900999"}, headers=headers)
    elsewhere = await network.http.post("/phone/menu", data=form, headers=headers)
    host = await network.http.post("/phone/incoming", data=form, headers=headers | {"Host": "evil.example"})
    assert [answer.status_code for answer in (changed, elsewhere, host)] == [403, 403, 200]


async def test_a_webhook_without_end_is_cut_short(network: Network) -> None:
    content = b"x=" + b"y" * 100_000
    answer = await network.http.post("/phone/incoming", content=content, headers={"X-Twilio-Signature": "any"})
    assert answer.status_code == 413


async def test_the_right_pin_is_offered_calls(network: Network) -> None:
    assert "PIN" in says(await network.told("/phone/incoming"))
    menu = await network.told("/phone/pin", Digits=PIN)
    assert "press 1" in says(menu)
    assert "For ten quick calls, press 3" in says(menu)


async def test_three_wrong_pins_end_the_call_and_six_lock_the_number(network: Network) -> None:
    for call in (call_sid(1), call_sid(2)):
        await network.told("/phone/incoming", call)
        answers = [await network.told("/phone/pin", call, Digits="000000") for _ in range(3)]
        assert [hangs_up(answer) for answer in answers] == [False, False, True]
    assert hangs_up(await network.told("/phone/incoming", call_sid(3)))
    assert hangs_up(await network.told("/phone/pin", call_sid(3), Digits=PIN))


async def test_no_pin_no_menu(network: Network) -> None:
    for path in ("/phone/menu", "/phone/choose"):
        assert "PIN" in says(await network.told(path, Digits="1"))


async def test_a_known_number_needs_no_pin(network: Network) -> None:
    (await network.phone.pins()).set("Ben Second", number=CALLER)
    assert "press 1" in says(await network.told("/phone/incoming"))


async def test_a_call_can_be_chosen_by_its_number(network: Network) -> None:
    await network.told("/phone/incoming")
    await network.told("/phone/pin", Digits=PIN)
    await network.told("/phone/menu", Digits="2")
    assert f"There are {len(OFFERED)}" in says(await network.told("/phone/choose", Digits="999"))
    token = token_of(await network.told("/phone/choose", Digits="2"))
    grant = network.phone.calls.tokens.redeem(token, call_sid(), time.monotonic())
    assert grant is not None
    assert (grant.trainee, grant.script) == ("Ann Other", OFFERED[1])


async def test_who_presses_nothing_is_not_kept_on_the_line_for_ever(network: Network) -> None:
    await network.told("/phone/incoming")
    answers = [await network.told("/phone/pin") for _ in range(3)]
    assert [hangs_up(answer) for answer in answers] == [False, False, True]


async def test_no_pin_number_or_secret_is_logged(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await network.told("/phone/incoming")
        await network.told("/phone/pin", Digits="135791")
        await network.webhook("/phone/pin", sign="another token", Digits=PIN)
        health = (await network.http.get("/phone/health")).text
    for secret in (TOKEN, PIN, "135791", CALLER):
        assert secret not in caplog.text + health


# --- who is sent away -----------------------------------------------------------------------------------------


async def test_a_server_that_is_still_loading_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, loaded=False) as network:
        assert (await network.http.get("/health")).json()["status"] == "starting"
        network.phone.site.engines = None
        assert says(await network.told("/phone/incoming")) == twiml.STARTING


async def test_when_recognition_lags_or_the_lines_are_full_callers_hear_that_it_is_busy(network: Network) -> None:
    assert network.engines
    load = network.engines.load
    with load.admitted():
        for _ in range(40):
            load.note(0.31)
        assert says(await network.told("/phone/incoming")) == twiml.BUSY
        for _ in range(40):
            load.note(0.1)
        assert "PIN" in says(await network.told("/phone/incoming"))
        load.calls = network.phone.site.settings.max_calls
        assert says(await network.told("/phone/incoming")) == twiml.BUSY
        load.calls = 1
    assert network.phone.calls.refused == 2


async def test_without_an_account_the_server_works_and_says_what_is_missing(tmp_path: Path) -> None:
    from pydantic import SecretStr

    async with running(tmp_path, public_origin="", twilio_auth_token=SecretStr("")) as network:
        assert (await network.http.get("/health")).json() == {"status": "ok"}
        health = (await network.http.get("/phone/health")).json()
        assert not health["ready"]
        assert len(health["problems"]) == 2
        assert (await network.webhook("/phone/incoming")).status_code == 403


async def test_a_line_without_a_trainee_says_so(network: Network) -> None:
    assert (await network.http.get("/phone/health")).json()["ready"]
    (await network.phone.pins()).remove("Ann Other")
    health = (await network.http.get("/phone/health")).json()
    assert not health["ready"]
    assert "nobody has a PIN" in health["problems"][0]["what"]


# --- being rung -----------------------------------------------------------------------------------------------


async def test_who_is_rung_presses_a_key_and_has_the_call_that_was_meant(network: Network) -> None:
    path = "/phone/outgoing?script=noise-complaint&trainee=Ann+Other"
    greeting = await network.told(path, To=CALLER, Direction="outbound-api")
    assert "press any key" in says(greeting)
    token = token_of(await network.told("/phone/accept", Digits="5"))
    grant = network.phone.calls.tokens.redeem(token, call_sid(), time.monotonic())
    assert grant is not None
    assert (grant.trainee, grant.script) == ("Ann Other", "noise-complaint")


async def test_an_answering_machine_gets_no_call(network: Network) -> None:
    await network.told("/phone/outgoing?script=noise-complaint", To=CALLER)
    await network.told("/phone/status", CallStatus="in-progress", AnsweredBy="machine_start")
    assert hangs_up(await network.told("/phone/accept", Digits="1"))
    await network.told("/phone/outgoing?script=noise-complaint", call_sid(2), To=CALLER)
    assert hangs_up(await network.told("/phone/accept", call_sid(2)))


# --- the socket -----------------------------------------------------------------------------------------------


async def refused(network: Network, **how: str) -> int:
    with pytest.raises(websockets.InvalidStatus) as failure:
        async with network.connect(**how):
            pass
    return failure.value.response.status_code


async def test_a_socket_must_be_signed_for_wss_at_the_configured_place(network: Network) -> None:
    assert await refused(network, sign="another token") == 403
    assert await refused(network, address=f"{ORIGIN}/phone/media") == 403
    assert await refused(network, address="wss://evil.example/phone/media") == 403


async def closed_with(network: Network, token: str, **start: object) -> int:
    async with network.connect() as connection:
        await MediaSocket(connection, call_sid()).start(token, **start)
        await connection.wait_closed()
        assert connection.close_code
        return connection.close_code


async def test_a_socket_needs_a_token_of_its_own_call_once(network: Network) -> None:
    token = await network.let_in()
    assert await closed_with(network, "no token") == 1008
    assert await closed_with(network, token, callSid=call_sid(2)) == 1008
    assert await closed_with(network, token) == 1008, "a stolen token is used up"
    again = token_of(await network.told("/phone/menu", Digits="1"))
    assert await closed_with(network, again, accountSid="AC" + "9" * 32) == 1008
    assert network.engines
    assert network.engines.records.calls() == []


async def test_a_message_that_is_too_large_closes_the_socket(network: Network) -> None:
    async with network.connect() as connection:
        await connection.send(write_media("MZ", bytes(60_000)))
        await connection.wait_closed()
        assert connection.close_code == 1009


# --- a call ---------------------------------------------------------------------------------------------------


async def test_a_call_rings_is_answered_and_told_how_it_went_by_another_voice(network: Network) -> None:
    assert network.engines
    async with network.dial() as trainee:
        await until(lambda: network.engines and network.engines.load.calls)
        await until(lambda: entries(network, Say))
        await trainee.press("4")
        await until(lambda: entries(network, Recorded))
        await trainee.press("#")
        await until(lambda: any("You scored" in text for text in network.mouth.rendered))
        marks = trainee.came.count("mark")
        await trainee.press("*")
        await until(lambda: trainee.came.count("mark") > marks + 10)
        assert not trainee.closed
        await trainee.press("1")
        await until(lambda: len(network.engines.records.calls()) == 2 if network.engines else None)
        await trainee.hang_up()
        await until(lambda: trainee.closed)
    second, first = network.engines.records.calls()
    assert (first.handset, first.trainee, first.state, first.ended_by) == (
        "phone",
        "Ann Other",
        "finished",
        "trainee",
    )
    assert first.score is not None
    assert second.script_id != first.script_id
    assert hangs_up(await network.told("/phone/after"))


def entries(network: Network, kind: type) -> list[object]:
    """What the newest call's log on the disk has of that kind."""
    assert network.engines
    newest = next(iter(network.engines.records.calls(limit=1)), None)
    if newest is None or not network.engines.files.log(newest.call_id).exists():
        return []
    return [entry for entry in network.engines.files.entries(newest.call_id) if isinstance(entry, kind)]


async def test_what_the_trainee_says_is_heard_and_speaking_over_the_caller_clears_the_line(tmp_path: Path) -> None:
    async with running(tmp_path, texts=["what's your address please", "stop listen to me"], lines=2.0) as network:
        async with network.dial() as trainee:
            await until(lambda: entries(network, LineFinished))
            trainee.say(ulaw_encode(resample(voice(1.5), 8000)))
            await until(lambda: len(entries(network, Say)) > 1)
            clears = trainee.came.count("clear")
            trainee.say(ulaw_encode(resample(voice(1.5), 8000)))
            await until(lambda: entries(network, LineCut))
            assert trainee.came.count("clear") > clears
            await trainee.hang_up()
            await until(lambda: trainee.closed)
        first = entries(network, Utterance)[0]
        assert isinstance(first, Utterance)
        assert first.text == "what's your address please"
        (cut,) = entries(network, LineCut)[:1]
        assert isinstance(cut, LineCut)
        assert 0 <= cut.heard < 1


async def test_three_ends_and_one_call(network: Network) -> None:
    assert network.engines
    for number, ends in enumerate((["stop", "status"], ["status", "close"], ["close", "status", "status"]), 1):
        async with network.dial(number) as trainee:
            await until(lambda: network.engines and network.engines.load.calls)
            for end in ends:
                if end == "stop":
                    await trainee.hang_up()
                elif end == "close":
                    await trainee.connection.close()
                else:
                    await network.told("/phone/status", call_sid(number), CallStatus="completed")
            await until(lambda: network.engines and not network.engines.load.calls)
        await until(lambda: network.phone.calls.connected == 0)
    records = network.engines.records
    await until(lambda: all(call.state != "in_progress" for call in records.calls()))
    assert [call.state for call in records.calls()] == ["finished"] * 3


async def test_rubbish_on_one_socket_ends_that_call_and_no_other(network: Network) -> None:
    assert network.engines
    async with network.dial(1) as good, network.dial(2) as bad:
        await until(lambda: network.engines and network.engines.load.calls == 2)
        for rubbish in ("{", "[]", '{"event":"media"}', '{"event":"start","start":{}}', b"\x00\x01"):
            for _ in range(12):
                await bad.connection.send(rubbish)
        await until(lambda: network.engines and network.engines.load.calls == 1)
        heard = len(good.heard)
        await until(lambda: len(good.heard) > heard + 25)
        await good.hang_up()
        await until(lambda: good.closed)


async def test_a_line_that_is_up_after_the_server_was_interrupted_hears_an_apology(network: Network) -> None:
    answer = await network.told("/phone/after", call_sid(77))
    assert says(answer) == twiml.INTERRUPTED
    assert hangs_up(answer)


async def test_a_server_that_stops_stores_the_call_in_progress(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        assert network.engines
        engines = network.engines
        async with network.dial() as trainee:
            await until(lambda: entries(network, Say))
            network.stop()
            await until(lambda: trainee.closed)
        await until(lambda: all(call.state != "in_progress" for call in engines.records.calls()))
        (call,) = engines.records.calls()
        assert (call.state, call.ended_by) == ("finished", "line")


async def test_no_task_or_socket_is_left_after_a_call(network: Network) -> None:
    async with network.dial(1) as trainee:
        await until(lambda: trainee.heard)
        await trainee.hang_up()
        await until(lambda: trainee.closed)
    await until(lambda: network.phone.calls.connected == 0)
    left = {task.get_name() for task in asyncio.all_tasks() if "phone" in repr(task.get_coro())}
    assert left == set()
    assert len(network.phone.calls.tokens) == 0


async def test_the_recogniser_that_comes_with_the_program_hears_a_trainee_on_the_telephone(tmp_path: Path) -> None:
    from server.trainee_voices import FOLDER, read_ogg
    from voice.moonshine_ear import MoonshineEar

    asks = min((FOLDER / "burglary-in-progress" / "good").glob("00-*.ogg"))
    sound = ulaw_encode(resample(read_ogg(asks), 8000))
    async with running(tmp_path, await asyncio.to_thread(MoonshineEar, None)) as network:
        async with network.dial() as trainee:
            await until(lambda: entries(network, LineFinished))
            trainee.say(sound)
            await until(lambda: [say for say in entries(network, Say) if getattr(say, "about", "") == "fact:address"])
            await trainee.hang_up()
            await until(lambda: trainee.closed)
        heard = entries(network, Utterance)[0]
        assert isinstance(heard, Utterance)
        assert "address" in heard.text.lower()
