"""The quick calls' page at a real server: rounds, callers as sound, answers, whose they are and what is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from audio.frame import cut, silence
from audio.wav import read_wav
from fakes import HummingMouth, ScriptedEar, voice
from scripts.quick import CALLS, SECONDS, QuickCall, deal, quick_calls
from server.engines import Engines, prepare
from server.quick_rounds import ON_ITS_WAY
from server.settings import Settings
from training_room import Room, csrf, room

if TYPE_CHECKING:
    import httpx

SHELF = quick_calls()
State = dict[str, Any]


@asynccontextmanager
async def quick(settings: Settings) -> AsyncIterator[Engines]:
    async with prepare(settings, ear=ScriptedEar(["hello love", "resolve"]), mouth=HummingMouth()) as engines:
        yield engines


class Clock:
    """The rounds' clock, set by hand."""

    now = 5000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), "ann", "ben", engines=quick) as made:
        yield made


@pytest.fixture
def clock(site: Room) -> Clock:
    made = Clock()
    site.web.quick.clock = made
    return made


class Player:
    """Somebody's browser on the quick calls' page."""

    def __init__(self, browser: httpx.Client) -> None:
        self.browser = browser
        self.token = csrf(browser.get("/quick").text)
        self.round = ""

    def post(self, path: str, body: object) -> httpx.Response:
        return self.browser.post(path, json=body, headers={"x-csrf-token": self.token})

    def begin(self, seed: int | None = 7, *, clocked: bool = True) -> State:
        state: State = self.post("/quick/rounds", {"seed": seed, "clocked": clocked}).json()
        self.round = state["round"]
        return state

    def look(self) -> State:
        state: State = self.browser.get(f"/quick/rounds/{self.round}").json()
        return state

    def ring(self, place: int) -> httpx.Response:
        return self.post(f"/quick/rounds/{self.round}/calls/{place}/ring", {})

    def answer(self, place: int, decision: str | None) -> httpx.Response:
        return self.post(f"/quick/rounds/{self.round}/calls/{place}/answer", {"decision": decision})

    def play(self, clock: Clock, calls: list[QuickCall], seconds: float = 0.0) -> State:
        """All of the round, every answer right and that long after the clock's start."""
        for place, call in enumerate(calls):
            sound = read_wav(self.ring(place).content)
            clock.now += sound.seconds + ON_ITS_WAY + seconds
            answer = self.answer(place, call.right.decision)
            assert answer.status_code == 200, answer.text
        state: State = answer.json()
        return state


@pytest.fixture
def ann(site: Room) -> Player:
    return Player(site.signed_in("ann"))


def test_a_whole_round_is_scored_by_the_servers_clock_and_the_best_is_kept(site: Room, clock: Clock) -> None:
    ben = Player(site.signed_in("ben"))
    assert ben.begin()["best"] is None
    state = ben.play(clock, list(deal(SHELF, 7).calls))
    assert state["over"]
    assert (state["right"], state["score"], state["best"]) == (CALLS, state["most"], state["most"])
    assert state["advice"]
    assert f'<strong class="figures">{state["most"]}</strong>' in ben.browser.get("/quick").text


def test_ten_calls_that_were_played_before_are_no_new_best(site: Room, clock: Clock) -> None:
    site.web.accounts.add("cat", "Cat", "a long enough password", ["trainee"])
    cat = Player(site.signed_in("cat"))
    calls = list(deal(SHELF, 7).calls)
    cat.begin()
    cat.begin()
    assert cat.play(clock, calls)["best"] is None, "the first time was broken off, and the calls are known"
    cat.begin(8)
    slow = cat.play(clock, list(deal(SHELF, 8).calls), seconds=9.0)
    assert slow["best"] == slow["score"] < slow["most"]


def test_nothing_of_the_right_answer_is_told_before_the_answer(ann: Player, clock: Clock) -> None:
    state = ann.begin()
    call = deal(SHELF, 7).calls[0]
    page = ann.browser.get("/quick").text
    assert state["call"]["text"] == "", "what the caller says is not told before the call either"
    sound = read_wav(ann.ring(0).content)
    state = ann.look()
    assert state["call"]["text"] == call.heard(7)[1].text
    for told in (json.dumps(state), page):
        for secret in (call.why, call.id):
            assert secret not in told
    clock.now += sound.seconds
    state = ann.answer(0, "none").json()
    assert (state["given"][0]["title"], state["given"][0]["why"]) == (call.title, call.why)


def test_a_page_that_comes_back_hears_the_rest_of_the_caller_and_no_more(ann: Player, clock: Clock) -> None:
    ann.begin()
    whole = read_wav(ann.ring(0).content)
    clock.now += 1.0
    assert read_wav(ann.ring(0).content).seconds == pytest.approx(whole.seconds - 1.0)
    clock.now += whole.seconds
    assert len(ann.ring(0).content) == 44, "a WAV of nothing"
    assert ann.look()["call"]["clock"] == pytest.approx(1.0 - ON_ITS_WAY)
    assert f'data-round="{ann.round}"' in ann.browser.get("/quick").text


def test_two_tabs_give_one_answer(ann: Player, clock: Clock) -> None:
    ann.begin()
    other = Player(ann.browser)
    other.round = ann.round
    clock.now += read_wav(ann.ring(0).content).seconds
    first = ann.answer(0, "deploy").json()
    clock.now += 3.0
    second = other.answer(0, "none").json()
    assert second["given"] == first["given"]
    assert (second["place"], second["score"]) == (1, first["score"])


def test_what_does_not_fit_the_round_is_refused(ann: Player, clock: Clock) -> None:
    ann.begin()
    assert ann.answer(0, "deploy").status_code == 409
    assert ann.ring(3).status_code == 409
    ann.ring(0)
    assert ann.answer(0, "deploy").status_code == 409, "the caller still speaks"
    assert ann.answer(0, "shoot").status_code == 422
    lie = {"decision": "deploy", "seconds": 0}
    assert ann.post(f"/quick/rounds/{ann.round}/calls/0/answer", lie).status_code == 422
    assert ann.post("/quick/rounds", {"seed": -1}).status_code == 422
    assert ann.browser.post("/quick/rounds", json={}).status_code == 403, "a forged request"
    for seed in ("0", "x", "99999999", "1e3"):
        assert ann.browser.get(f"/quick/{seed}").status_code == 422
    clock.now += 1


def test_the_end_of_the_clock_is_the_servers(ann: Player, clock: Clock) -> None:
    ann.begin()
    sound = read_wav(ann.ring(0).content)
    clock.now += sound.seconds + ON_ITS_WAY + SECONDS + 1
    given = ann.answer(0, deal(SHELF, 7).calls[0].right.decision).json()["given"][0]
    assert (given["rating"], given["points"]) == ("late", 0)


def test_a_round_is_nobody_elses(ann: Player, site: Room, clock: Clock) -> None:
    ann.begin()
    ben = Player(site.signed_in("ben"))
    ben.round = ann.round
    assert ben.browser.get(f"/quick/rounds/{ann.round}").status_code == 404
    assert ben.ring(0).status_code == ben.answer(0, "none").status_code == 404
    clock.now += 1


def test_a_link_with_a_seed_offers_the_same_ten(ann: Player, site: Room, clock: Clock) -> None:
    assert "round 4711" in ann.browser.get("/quick/4711").text
    ben = Player(site.signed_in("ben"))
    first, second = ann.begin(4711), ben.begin(4711)
    assert first["call"] == second["call"]
    assert ann.ring(0).content == ben.ring(0).content
    assert ann.begin(None)["seed"] != ben.begin(None)["seed"]
    stranger = site.browser().get("/quick/4711")
    assert stranger.headers["location"] == "/sign-in?next=/quick/4711", "and comes back to it"
    clock.now += 1


def test_a_caller_whom_the_mouth_cannot_speak_is_shown(tmp_path: Path) -> None:
    @asynccontextmanager
    async def hoarse(settings: Settings) -> AsyncIterator[Engines]:
        async with prepare(settings, ear=ScriptedEar([]), mouth=HummingMouth(refuses="")) as engines:
            yield engines

    with room(tmp_path, engines=hoarse) as made:
        guest = Player(made.guest())
        guest.begin()
        assert len(guest.ring(0).content) == 44
        call = guest.look()["call"]
        assert call["text"] == deal(SHELF, 7).calls[0].heard(7)[1].text
        assert call["speaks"] > 5, "time to read"


def test_a_spoken_answer_is_heard_by_the_recogniser(ann: Player, site: Room, clock: Clock) -> None:
    ann.begin()
    clock.now += read_wav(ann.ring(0).content).seconds + 1
    path = f"/quick/rounds/{ann.round}/calls/0/voice"
    with site.socket(ann.browser, path) as socket:
        said: list[State] = []
        for ends in ("unclear", "answered"):
            for part in cut(voice(1.2)):
                socket.send(part.samples)
            while not said or said[-1]["type"] != ends:
                socket.send(silence(0.02, 16_000).samples)
                with suppress(TimeoutError):
                    said.append(json.loads(socket.recv(timeout=0.02)))
    assert [one["type"] for one in said] == ["hearing", "unclear", "hearing", "answered"]
    assert said[1]["text"] == "hello love"
    assert ann.look()["given"][0]["answer"] == "resolve by telephone"


def test_a_socket_for_a_call_that_is_not_on_the_line_closes(ann: Player, site: Room, clock: Clock) -> None:
    ann.begin()
    clock.now += 1
    with (
        site.socket(ann.browser, f"/quick/rounds/{ann.round}/calls/3/voice") as socket,
        pytest.raises(ConnectionClosed) as closed,
    ):
        socket.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4410
    with site.socket(ann.browser, f"/quick/rounds/{ann.round}/calls/0/voice") as socket:
        socket.send(b"\xff")
        socket.send("rubbish")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
