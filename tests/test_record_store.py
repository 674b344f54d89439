"""Results reach a learning record store: in the published shapes, in order, at least once, and never by accident."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from command_line import runner
from record_store_double import KEY, SECRET, Store, complaint, record_store
from reviewing import BEGAN, FIRST, OTHER, store_rehearsed
from server.accounts import Accounts
from server.call_files import CallFiles
from server.outbox import Outbox
from server.record_store import FAILS_AT_MOST, FIRST_WAIT, RecordStore, Sender, client, wait_for
from server.records import CallRecord, Records
from server.schema import reviews
from server.schema_assessing import disputes
from server.settings import Settings, SettingsError, load
from server.web_record_store import sending_of
from server.xapi import Author, Mark, duration
from training_room import PASSWORD, csrf, room

if TYPE_CHECKING:
    from server.xapi import Statement

HOME = "https://training.example.org"
CALL = CallRecord(
    FIRST, "burglary", 3, "Someone is downstairs", 1, "browser", "sian", BEGAN,
    BEGAN + timedelta(seconds=93.51), 93.507, "finished", "trainee", 61.0, "failed", "right",
)  # fmt: skip


@dataclass
class Bench:
    """A database with two trainees' calls, and a sender whose clock stands until it is moved."""

    records: Records
    outbox: Outbox
    settings: Settings
    at: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    async def round(self, seconds: float = 20) -> None:
        async with client(self.settings, seconds) as opened:
            await Sender(self.outbox, RecordStore(opened), Random(1), lambda: self.at).round()

    def sign(self, call_id: str = FIRST, score: float = 82.5, outcome: str = "passed") -> None:
        row = {
            "call_id": call_id, "assessor": "ann", "blind": False, "began": _plain(self.at),
            "signed": _plain(self.at), "score": score, "outcome": outcome, "rule_score": 61.0,
        }  # fmt: skip
        with self.records.writing() as connection:
            connection.execute(insert(reviews).values(**row))

    def answer_dispute(self, score: float, outcome: str) -> None:
        row = {
            "call_id": FIRST, "criterion": "c", "title": "C", "trainee": "sian", "asked": _plain(self.at),
            "reason": "r", "was": "unmet", "assessor": "ben", "answered": _plain(self.at), "result": "met",
            "points": 5.0, "answer": "a", "score": score, "outcome": outcome,
        }  # fmt: skip
        with self.records.writing() as connection:
            connection.execute(insert(disputes).values(**row))


def _plain(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


@pytest.fixture
def store() -> Iterator[Store]:
    with record_store() as made:
        yield made


@pytest.fixture
def bench(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    for name, value in {"ENDPOINT": store.base, "KEY": KEY, "SECRET": SECRET, "HOME": HOME}.items():
        monkeypatch.setenv(f"RIGHTCALL_XAPI_{name}", value)
    settings = load(tmp_path)
    with Records(settings.database_url, CallFiles(tmp_path / "calls")) as records:
        Accounts(records).add("sian", "Siân", PASSWORD, ["trainee"])
        records.begin(CALL)
        records.begin(replace(CALL, call_id=OTHER, trainee="demo: expert"))
        yield Bench(records, Outbox(records, Author(HOME)), settings)


# --- shapes ---------------------------------------------------------------------------------------------------------


def shapes() -> list[Statement]:
    author = Author(HOME)
    mark = Mark("review", 100.0, "passed", "ann", BEGAN, 61.0)
    return [author.completed(CALL), author.marked(CALL, mark), author.voided(FIRST, "review", "ann", BEGAN)]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_statements_have_the_published_shapes(place: int) -> None:
    assert complaint(shapes()[place]) == ""


def test_the_double_would_notice_a_wrong_shape() -> None:
    completed, marked, voided = shapes()
    assert "timestamp" in complaint({**completed, "timestamp": "2026-11-21T10:15:00"})
    assert "id" in complaint({**completed, "id": "FIRST"})
    assert complaint({**marked, "result": {"score": {"scaled": 1.5}}}) != ""
    assert complaint({**voided, "object": completed["object"]}) != ""
    assert complaint({**completed, "result": {"duration": "93.5"}}) != ""
    assert complaint({**completed, "stored": "now"}) != ""


def test_a_call_that_ended_is_completed_without_success_or_score() -> None:
    assert shapes()[0]["result"] == {"completion": True, "duration": "PT1M33.51S"}


def test_the_same_thing_is_always_the_same_statement_and_another_sites_is_another() -> None:
    assert shapes()[0]["id"] == Author(HOME).completed(CALL)["id"]
    assert shapes()[0]["id"] != Author("https://elsewhere.example").completed(CALL)["id"]
    assert len({str(one["id"]) for one in shapes()}) == 3


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.0, "PT0S"), (59.994, "PT59.99S"), (59.999, "PT1M0S"), (3600.5, "PT60M0.5S")]
)
def test_durations_are_told_to_a_hundredth(seconds: float, said: str) -> None:
    assert duration(seconds) == said


# --- sending --------------------------------------------------------------------------------------------------------


async def test_a_call_and_its_mark_arrive_in_their_order_and_once(bench: Bench, store: Store) -> None:
    await bench.round()
    bench.sign()
    await bench.round()
    await bench.round()
    assert store.verbs() == ["completed", "passed"]
    assert (store.asked, store.complaints) == (2, [])
    completed, passed = store.statements.values()
    assert passed["context"]["statement"]["id"] == completed["id"]  # type: ignore[index] # held to the shape
    assert passed["context"]["instructor"]["account"]["name"] == "ann"  # type: ignore[index] # as above
    assert passed["result"]["score"]["scaled"] == 0.825  # type: ignore[index] # as above
    assert passed["result"]["extensions"] == {f"{HOME}/xapi/rule-score": 61.0}  # type: ignore[index] # as above
    assert bench.outbox.counts() == {"waiting": 0, "sent": 2, "refused": 0}
    assert b"demo" not in b"".join(store.bodies), "only those who have an account are told of"


async def test_another_mark_of_record_voids_the_one_before(bench: Bench, store: Store) -> None:
    bench.sign(score=40.0, outcome="failed")
    await bench.round()
    bench.at += timedelta(days=1)
    bench.answer_dispute(72.0, "passed")
    await bench.round()
    assert store.verbs() == ["completed", "failed", "voided", "passed"]
    _, failed, voided, _ = store.statements.values()
    assert voided["object"] == {"objectType": "StatementRef", "id": failed["id"]}


@pytest.mark.parametrize("status", [429, 500, 503, 401, 404])
async def test_a_store_that_is_away_gets_everything_later(bench: Bench, store: Store, status: int) -> None:
    store.answers.put(status)
    bench.sign()
    await bench.round()
    assert (store.asked, store.statements) == (1, {}), "the first holds the others back"
    (first, _) = bench.outbox.unsent()
    assert (first.tries, first.said) == (1, f"{status} not now")
    await bench.round()
    assert store.asked == 1, "not before its time"
    bench.at = first.due
    await bench.round()
    assert store.verbs() == ["completed", "passed"]


async def test_the_store_says_how_long_to_wait(bench: Bench, store: Store) -> None:
    store.answers.put((429, "slowly", {"retry-after": "600"}))
    await bench.round()
    (first,) = bench.outbox.unsent()
    assert first.due == bench.at + timedelta(seconds=600)


@pytest.mark.parametrize("told", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "9" * 30, "²"])
async def test_a_wait_that_is_no_number_is_our_own(bench: Bench, store: Store, told: str) -> None:
    store.answers.put((503, "", {"retry-after": told.encode("utf-8").decode("latin-1")}))
    await bench.round()
    (first,) = bench.outbox.unsent()
    assert first.due - bench.at <= timedelta(seconds=FIRST_WAIT)


async def test_a_store_that_does_not_answer_is_away(bench: Bench, store: Store) -> None:
    store.answers.put("hang")
    await bench.round(seconds=0.2)
    (first,) = bench.outbox.unsent()
    assert "cannot be reached" in first.said
    await asyncio.to_thread(store.wait_until_asked)
    store.let_go.set()
    bench.at = first.due
    await bench.round()
    assert store.verbs() == ["completed"]


async def test_a_statement_that_arrived_though_the_answer_was_lost_is_sent_again_and_stays_one(
    bench: Bench, store: Store
) -> None:
    store.answers.put("take and fail")
    await bench.round()
    assert len(store.statements) == 1
    bench.at = bench.outbox.unsent()[0].due
    await bench.round()
    assert (store.asked, len(store.statements)) == (2, 1)
    assert store.bodies[0] == store.bodies[1]
    assert bench.outbox.counts()["sent"] == 1


async def test_a_conflict_is_settled_by_looking_at_what_the_store_has(bench: Bench, store: Store) -> None:
    ours = json.loads(json.dumps(Author(HOME).completed(CALL)))
    store.statements[ours["id"]] = {**ours, "stored": "2026-11-22T00:00:00Z", "version": "1.0.0"}
    await bench.round()
    assert bench.outbox.counts() == {"waiting": 0, "sent": 1, "refused": 0}


async def test_somebody_elses_statement_of_the_same_id_is_told(bench: Bench, store: Store) -> None:
    ours = json.loads(json.dumps(Author(HOME).completed(CALL)))
    store.statements[ours["id"]] = {**ours, "verb": {"id": "http://adlnet.gov/expapi/verbs/failed"}}
    await bench.round()
    (one,) = bench.outbox.unsent()
    assert (one.state, one.said) == ("refused", "409 there is another statement of that id")


async def test_what_is_refused_holds_nothing_back_and_can_be_sent_again(bench: Bench, store: Store) -> None:
    store.answers.put((400, "<b>actor: not known here</b>", {}))
    bench.sign()
    await bench.round()
    assert store.verbs() == ["passed"]
    (one,) = bench.outbox.unsent()
    assert (one.state, one.said) == ("refused", "400 <b>actor: not known here</b>")
    assert bench.outbox.again(bench.at) == 1
    await bench.round()
    assert store.verbs() == ["passed", "completed"]


async def test_a_statement_over_which_the_store_always_fails_is_given_up(bench: Bench, store: Store) -> None:
    bench.sign()
    for _ in range(FAILS_AT_MOST):
        store.answers.put(500)
    for _ in range(FAILS_AT_MOST):
        await bench.round()
        bench.at += timedelta(hours=2)
    assert store.asked == FAILS_AT_MOST
    await bench.round()
    assert store.verbs() == ["passed"]
    assert bench.outbox.counts() == {"waiting": 0, "sent": 1, "refused": 1}


async def test_calls_from_before_a_day_are_not_told(bench: Bench, store: Store) -> None:
    bench.outbox = Outbox(bench.records, Author(HOME), since=datetime(2026, 11, 22, tzinfo=UTC).date())
    await bench.round()
    assert store.asked == 0


def test_waiting_doubles_to_an_hour() -> None:
    waits = [wait_for(tries, Random(1)) for tries in range(30)]
    assert waits[0] <= FIRST_WAIT
    assert 0.9 * 3600 <= waits[-1] <= 3600
    assert waits[3] > waits[0] * 5


# --- settings, the server, the page and the command -----------------------------------------------------------------


@pytest.mark.parametrize("address", ["http://lrs.example.org/xapi", "lrs.example.org", "ftp://127.0.0.2/"])
def test_results_go_over_https_or_nowhere(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_XAPI_ENDPOINT", address)
    with pytest.raises(SettingsError, match="xapi_endpoint"):
        load(tmp_path)


def test_a_signature_at_the_page_reaches_the_store_from_a_running_server(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    keys = {"xapi_endpoint": store.base, "xapi_key": KEY, "xapi_secret": SECRET}
    (home / "rightcall.toml").write_text("".join(f'{name} = "{value}"\n' for name, value in keys.items()))
    monkeypatch.setattr("server.record_store.LOOKS_EVERY", 0.05)
    with room(home, "trainee", "assessor", "administrator") as site:
        store_rehearsed(site.web, "trainee", FIRST)
        store.wait_for(1)
        assessor, boss = site.signed_in("assessor"), site.signed_in("administrator")
        token = {"csrf": csrf(assessor.get("/queue").text)}
        for step in ("rest", "sign"):
            assert assessor.post(f"/review/{FIRST}/{step}", data=token).status_code == 303
        store.wait_for(2)
        assert store.verbs() == ["completed", "passed"]
        while "The store has everything" not in (page := boss.get("/record-store").text):
            assert "waiting" in page  # the store has it a moment before we know

        store.answers.put((400, "<script>no</script>", {}))
        store_rehearsed(site.web, "trainee", OTHER)
        while "refused" not in (page := boss.get("/record-store").text):
            assert "The store has everything" in page or "waiting" in page
        assert "&lt;script&gt;no" in page
        monkeypatch.setenv("RIGHTCALL_HOME", str(home))
        told = runner(monkeypatch, capsys)("status", "--port", "9").out
        assert "record store: 2 sent, 0 waiting, 1 refused. It said: 400 <script>no</script>" in told
        assert SECRET not in told + page
        token = {"csrf": csrf(page)}
        assert boss.post("/record-store/again", data=token).status_code == 303
        store.wait_for(3)


def test_without_a_setting_nothing_is_sent_and_the_page_says_so(tmp_path: Path) -> None:
    with room(tmp_path / "home", "trainee", "administrator") as site:
        store_rehearsed(site.web, "trainee", FIRST)
        assert "nothing leaves this machine" in site.signed_in("administrator").get("/record-store").text
        assert sending_of(site.web) is None
