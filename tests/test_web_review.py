from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from reviewing import FIRST, OTHER, store_rehearsed
from scripts.marksheet import Marksheet
from server.call_files import CallFiles
from server.remarking import stored_marksheet
from server.schema import tables
from training_room import PASSWORD, Room, csrf, room, store_call

if TYPE_CHECKING:
    import httpx

CONFRONTED = "no-confronting"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), "trainee", "assessor", "trainer") as made:
        made.web.accounts.add("second", "Second Assessor", PASSWORD, ["assessor"])
        yield made


@pytest.fixture(scope="module")
def assessor(opened: Room) -> httpx.Client:
    return opened.signed_in("assessor")


@pytest.fixture(scope="module")
def other(opened: Room) -> httpx.Client:
    return opened.signed_in("second")


@pytest.fixture(scope="module")
def trainer(opened: Room) -> httpx.Client:
    return opened.signed_in("trainer")


@pytest.fixture(autouse=True)
def site(opened: Room) -> Iterator[Room]:
    """The site with one call that waits for an assessor and nothing else."""
    store_rehearsed(opened.web, "trainee", role="dangerous", confidence=0.2)
    yield opened
    with opened.web.records.writing() as connection:
        for table in reversed(tables.sorted_tables):
            if table.name.startswith("review") or table.name == "calls":
                connection.execute(delete(table))
    shutil.rmtree(opened.web.settings.calls_folder)


def post(browser: httpx.Client, step: str, call: str = FIRST, **form: str) -> httpx.Response:
    token = csrf(browser.get("/queue").text)
    return browser.post(f"/review/{call}/{step}", data={"csrf": token, **form}, headers={"accept": "*/*"})


def decide_all(browser: httpx.Client, site: Room, result: str = "unmet", call: str = FIRST) -> None:
    """Every verdict, one by one, as whoever reviews blind has to."""
    for verdict in sheet(site.web.files, call).verdicts:
        answer = post(
            browser, "decisions", call, criterion=verdict.criterion, kind="change", result=result, reason="heard so"
        )
        assert answer.status_code == 303, answer.text


def sheet(files: CallFiles, call: str = FIRST) -> Marksheet:
    found = stored_marksheet(files, call)
    assert found is not None
    return found


def signed(browser: httpx.Client, site: Room) -> None:
    decide_all(browser, site)
    assert post(browser, "sign").status_code == 303


# --- the queue ------------------------------------------------------------------------------------------------------


def test_calls_with_unsure_verdicts_come_first_and_only_the_sample_of_the_others(
    site: Room, assessor: httpx.Client
) -> None:
    store_rehearsed(site.web, "trainee", OTHER)
    page = assessor.get("/queue").text
    assert "4 unsure" in page
    assert f"/review/{FIRST}" in page
    assert f"/review/{OTHER}" not in page
    assert f"/review/{OTHER}" in assessor.get("/queue?show=all").text
    assert assessor.get("/queue/next").headers["location"] == f"/review/{FIRST}"
    assert assessor.get(f"/queue/next?after={FIRST}").headers["location"] == "/queue"


def test_the_queue_can_be_narrowed_and_says_so_when_nothing_fits(assessor: httpx.Client) -> None:
    assert FIRST in assessor.get("/queue?trainee=trainee&result=failed&script=burglary-in-progress").text
    assert "No call fits" in assessor.get("/queue?trainee=nobody").text
    assert "No call is signed yet" in assessor.get("/queue?show=signed").text
    assert "Nobody has asked for a second mark" in assessor.get("/queue?show=second").text
    assert assessor.get("/queue?show=%3Cscript%3E").status_code == 200


def test_nobody_reviews_a_call_of_their_own(site: Room, assessor: httpx.Client) -> None:
    store_call(site.web, "assessor", OTHER)
    assert OTHER not in assessor.get("/queue?show=all").text
    answer = assessor.get(f"/review/{OTHER}")
    assert answer.status_code == 403
    assert "somebody else has to review it" in answer.text


def test_a_trainer_may_look_at_the_agreement_but_not_review(trainer: httpx.Client) -> None:
    assert trainer.get(f"/review/{FIRST}").status_code == 403
    assert "No review was signed" in trainer.get("/agreement").text


# --- deciding -------------------------------------------------------------------------------------------------------


def test_every_verdict_stands_with_its_evidence_and_what_is_unsure_first(site: Room, assessor: httpx.Client) -> None:
    page = assessor.get(f"/review/{FIRST}").text
    order = re.findall(r'data-criterion="([^"]+)"', page)
    assert len(order) == len(sheet(site.web.files).verdicts)
    assert set(order[:4]) == {"location", "decision", CONFRONTED, "respect"}
    assert "Nothing decided yet" in page
    assert re.search(r'data-who="trainee"', page)


def test_a_decision_is_kept_and_can_be_taken_back_until_it_is_signed(assessor: httpx.Client) -> None:
    assert post(assessor, "decisions", criterion="number", kind="agree").status_code == 303
    page = assessor.get(f"/review/{FIRST}").text
    assert "<strong>1 of 18</strong> decided" in page
    assert re.search(r"Saved \d\d:\d\d:\d\d", page)
    assert post(assessor, "undo").status_code == 303
    assert "<strong>0 of 18</strong> decided" in assessor.get(f"/review/{FIRST}").text
    assert post(assessor, "undo").status_code == 409


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"criterion": "number", "kind": "change", "result": "met"}, "needs a reason"),
        ({"criterion": "number", "kind": "change", "result": "unsure", "reason": "x"}, "Choose one of"),
        ({"criterion": "location", "kind": "agree"}, "nothing to agree with"),
        ({"criterion": "no-such", "kind": "agree"}, "no such verdict"),
        ({"criterion": "number", "kind": "undo"}, "no such decision"),
    ],
)
def test_what_cannot_be_decided_so_is_explained(form: dict[str, str], said: str, assessor: httpx.Client) -> None:
    answer = post(assessor, "decisions", **form)
    assert answer.status_code == 409
    assert said in answer.text


def test_signing_waits_until_all_is_decided_and_then_makes_the_score_of_record(
    site: Room, assessor: httpx.Client
) -> None:
    rules = sheet(site.web.files)
    assert post(assessor, "rest").status_code == 303
    waits = post(assessor, "sign")
    assert waits.status_code == 409
    assert "4 still to decide" in waits.text
    for criterion in ("location", "decision", "respect"):
        post(assessor, "decisions", criterion=criterion, kind="change", result="met", reason="I heard it")
    post(assessor, "decisions", criterion=CONFRONTED, kind="not_applicable")
    done = post(assessor, "sign")
    assert done.headers["location"] == "/queue"
    record = site.web.records.call(FIRST)
    assert record is not None
    assert record.score is not None
    assert record.score > rules.score
    assert record.outcome == "failed"
    assert sheet(site.web.files) == rules
    page = assessor.get(f"/review/{FIRST}").text
    for word in ("rules", "assessor", "final", "I heard it", "Score of record"):
        assert word in page
    assert post(assessor, "decisions", criterion="number", kind="agree").status_code == 409


def test_the_trainee_reads_the_assessors_mark_reasons_and_remarks(
    opened: Room, site: Room, assessor: httpx.Client
) -> None:
    trainee = opened.signed_in("trainee")
    post(assessor, "comments", moment="3.5", text="Breathe first")
    decide_all(assessor, site, "met")
    assert "heard so" not in trainee.get(f"/calls/{FIRST}").text
    post(assessor, "sign")
    page = trainee.get(f"/calls/{FIRST}").text
    assert "assessor reviewed this call on" in page
    assert "The rules had given 6" in page
    assert "heard so" in page
    assert "Breathe first" in page
    assert '<span class="big figures">100</span>' in page
    assert "Critical failure" not in page


def test_marking_again_leaves_the_assessors_score_of_record(site: Room, assessor: httpx.Client) -> None:
    from scripts.force import default_force
    from server.remarking import remark

    decide_all(assessor, site, "met")
    post(assessor, "sign")
    remark(site.web.files, site.web.records, FIRST, site.web.files.sheet(FIRST).script(), default_force())
    record = site.web.records.call(FIRST)
    assert record is not None
    assert (record.score, record.outcome) == (100.0, "passed")


# --- turns and comments ---------------------------------------------------------------------------------------------


def test_a_corrected_turn_marks_again_at_once_and_keeps_the_original(assessor: httpx.Client) -> None:
    page = assessor.get(f"/review/{FIRST}").text
    moment, heard = re.findall(r'name="moment" value="([^"]+)"><label>.*?<textarea[^>]*>(.*?)</textarea>', page)[0]
    said = "Police emergency, is anybody hurt? Does he have any weapons?"
    assert post(assessor, "turns", moment=moment, text=said).status_code == 303
    page = assessor.get(f"/review/{FIRST}").text
    assert "The corrected turn changed" in page
    assert "weapons: " in page
    assert "heard as:" in page
    assert heard[:20] in page
    assert said in page
    assert post(assessor, "turns", moment="3599", text="x").status_code == 409


def test_a_comment_stands_at_its_moment_and_is_escaped(assessor: httpx.Client) -> None:
    assert post(assessor, "comments", moment="3.5", text="<script>alert(1)</script> 🚓 \u202e").status_code == 303
    page = assessor.get(f"/review/{FIRST}").text
    assert "&lt;script&gt;alert(1)" in page
    assert post(assessor, "comments", moment="3.5", text="  ").status_code == 409
    assert post(assessor, "comments", moment="-1", text="x").status_code == 422
    assert post(assessor, "comments", moment="nan", text="x").status_code == 422


# --- two assessors --------------------------------------------------------------------------------------------------


def test_a_call_under_review_is_only_to_be_read_by_others(assessor: httpx.Client, other: httpx.Client) -> None:
    post(assessor, "decisions", criterion="number", kind="agree")
    page = other.get(f"/review/{FIRST}").text
    assert "assessor is reviewing this call" in page
    assert "data-act" not in page
    assert post(other, "decisions", criterion="number", kind="agree").status_code == 409


def test_a_blind_mark_holds_no_verdict_of_anybody_until_it_is_signed(
    site: Room, assessor: httpx.Client, other: httpx.Client, trainer: httpx.Client
) -> None:
    signed(assessor, site)
    assert post(assessor, "second").status_code == 303
    queue = other.get("/queue?show=second").text
    assert "second mark" in queue
    assert "not passed</span>" not in queue
    assert other.get(f"/calls/{FIRST}").headers["location"] == f"/review/{FIRST}"
    page = other.get(f"/review/{FIRST}").text
    shown = page[page.index('id="work"') :]
    for verdict in sheet(site.web.files).verdicts:
        assert verdict.why not in shown
        assert f'tag {verdict.result}"' not in shown
    assert "heard so" not in page
    assert "Score of record" not in page
    assert "data-who" not in page
    assert post(other, "decisions", criterion="number", kind="agree").status_code == 409
    assert post(other, "rest").status_code == 409
    decide_all(other, site, "met")
    assert 'tag failed"' not in other.get(f"/review/{FIRST}").text
    assert post(other, "sign").status_code == 303
    page = other.get(f"/review/{FIRST}").text
    assert "heard so" in page
    assert "second (blind)" in page
    record = site.web.records.call(FIRST)
    assert record is not None
    assert record.outcome == "failed", "the first mark stays the record"
    between = trainer.get("/agreement?between=assessors").text
    assert "All criteria" in between
    assert ">0 %<" in between


def test_the_agreement_is_told_per_criterion_and_as_csv(site: Room, assessor: httpx.Client) -> None:
    signed(assessor, site)
    assert "All criteria" in assessor.get("/agreement").text
    answer = assessor.get("/agreement.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = answer.text.splitlines()
    assert rows[0].startswith("script,criterion,title,n,agreement,kappa")
    assert len(rows) == 2 + len(sheet(site.web.files).verdicts)
    assert re.match(r",all,All criteria,14,", rows[1]), "what the rules left unsure counts apart"
    assert assessor.get("/agreement?days=0").status_code == 422
