"""A call as paper: the page and the PDF hold the same official result, and every name can be set."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from command_line import runner
from reviewing import BEGAN, FIRST, rehearsed_log, store_rehearsed
from scripts.force import default_force
from scripts.marking import mark
from scripts.marksheet import Marksheet
from server.accounts import Account
from server.call_scripts import call_script
from server.pdf import as_pdf
from server.printed_call import PrintedCall, printed_call
from server.records import CallRecord
from server.review_records import Comment, Review
from server.reviews import Decision
from training_room import CALL, PASSWORD, SCRIPT, Room, csrf, room, store_call

if TYPE_CHECKING:
    import httpx

NAME = "Siân Łukasz O’Ŵŷn-Żółć Đorđević Ștefan ẞ"


def text_of(pdf: bytes) -> str:
    """The words of a PDF, each run of white space as one blank."""
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def sheet_and_record(trainee: str = "sian") -> tuple[Marksheet, CallRecord]:
    script = call_script(SCRIPT).script
    sheet = mark(script, rehearsed_log(role="dangerous", confidence=0.2), default_force())
    record = CallRecord(
        FIRST, SCRIPT, script.version, script.title, 1, "browser", trainee, BEGAN, seconds=93.0, state="finished",
        score=sheet.score, outcome=sheet.outcome,
    )  # fmt: skip
    return sheet, record


def paper(*reviews: Review, trainee: str = "sian", name: str = NAME) -> PrintedCall:
    sheet, record = sheet_and_record(trainee)
    names = [
        Account(1, "sian", name, frozenset({"trainee"})),
        Account(2, "ann", "Ann Other", frozenset({"assessor"})),
    ]
    log = rehearsed_log(role="dangerous", confidence=0.2)
    return printed_call(record, sheet, log, reviews, default_force(), names=names, seal="ab" * 32, by="ann")


def signed_review() -> Review:
    sheet, _ = sheet_and_record()
    reason = "She gave it twice; I heard it"
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    return Review(
        1, FIRST, "ann", blind=False, began=at, signed=at, score=61.5, outcome="failed", rule_score=sheet.score,
        decisions=((at, Decision("change", "location", "met", 15.0, "", reason)),),
        comments=(Comment(at, 32.0, "Calm in spite of it"),),
        verdicts={one.criterion: one.result for one in sheet.verdicts} | {"location": "met"},
    )  # fmt: skip


def test_letters_of_many_names_come_out_of_the_pdf_as_they_went_in() -> None:
    words = text_of(as_pdf(paper()))
    assert NAME in words
    assert "NOT PASSED" in words


def test_markup_in_a_name_is_only_letters() -> None:
    words = text_of(as_pdf(paper(name='#strong[x] $1$ \\ "q" <b> *no* @ref')))
    assert '#strong[x] $1$ \\ "q" <b> *no* @ref' in words


@pytest.mark.parametrize("name", ["محمد", "王小明", "🙂", "\u0000\u0007", "a" * 500, "שלום"])
def test_no_name_keeps_a_call_from_being_printed(name: str) -> None:
    assert as_pdf(paper(name=name)).startswith(b"%PDF-")


def test_the_paper_shows_the_assessors_word_beside_the_rules_with_who_when_and_why() -> None:
    made = paper(signed_review())
    location = next(one for one in made.criteria if one.title == "Location captured")
    assert location.result == "met"
    assert [(mark.who, mark.result) for mark in location.marks] == [("rules", "unsure"), ("Ann Other (ann)", "met")]
    words = text_of(as_pdf(made))
    assert "Score of record, signed by Ann Other (ann) on 22 November 2026" in words
    assert "She gave it twice; I heard it" in words
    assert "Calm in spite of it" in words
    assert made.score == "62"


def test_what_no_assessor_has_signed_says_so() -> None:
    words = text_of(as_pdf(paper()))
    assert "No assessor has signed this call" in words
    assert "00:36 caller Tomorrow? He's in the house now! He's downstairs!" in words
    assert "ab" * 32 in words


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), "assessor", "other") as made:
        made.web.accounts.add("trainee", "Siân ap Gwyn", PASSWORD, ["trainee"])
        made.web.accounts.add("second", "Second Assessor", PASSWORD, ["assessor"])
        store_rehearsed(made.web, "trainee", role="dangerous")
        store_call(made.web, "trainee", CALL)
        yield made


@pytest.fixture(scope="module")
def trainee(site: Room) -> httpx.Client:
    return site.signed_in("trainee")


def test_page_and_pdf_hold_the_same_result(trainee: httpx.Client) -> None:
    page = trainee.get(f"/calls/{FIRST}/print").text
    answer = trainee.get(f"/calls/{FIRST}/marksheet.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == f'attachment; filename="{FIRST}.pdf"'
    words = text_of(answer.content)
    for said in ("Siân ap Gwyn (trainee)", "Critical failure", "Word for word", FIRST):
        assert said in page
        assert said in words
    assert f'href="/calls/{FIRST}/print"' in trainee.get(f"/calls/{FIRST}").text


def test_taking_a_pdf_away_is_noted(site: Room, trainee: httpx.Client) -> None:
    from sqlalchemy import select

    from server.schema import audit

    trainee.get(f"/calls/{FIRST}/marksheet.pdf")
    with site.web.records.reading() as connection:
        rows = connection.execute(select(audit.c.who, audit.c.what).where(audit.c.did == "took a call as PDF")).all()
    assert ("trainee", FIRST) in [tuple(row) for row in rows]


def test_a_call_that_was_never_marked_has_nothing_to_print(site: Room, trainee: httpx.Client) -> None:
    site.web.files.marksheet(CALL).unlink()
    for way in ("print", "marksheet.pdf"):
        answer = trainee.get(f"/calls/{CALL}/{way}")
        assert answer.status_code == 404
        assert "open its debrief first" in answer.text


def test_whoever_marks_blind_gets_no_paper(site: Room) -> None:
    first, second = site.signed_in("assessor"), site.signed_in("second")
    token = {"csrf": csrf(first.get("/queue").text)}
    base = f"/review/{FIRST}"
    first.post(f"{base}/rest", data=token)
    assert first.post(f"{base}/sign", data=token).status_code == 303, "a call without unsure verdicts"
    first.post(f"{base}/second", data=token)
    for way in ("print", "marksheet.pdf"):
        assert second.get(f"/calls/{FIRST}/{way}").headers["location"] == base
    assert second.get(f"/calls/{FIRST}/timeline").json()["facts"] == []
    assert "Score of record, signed by Assessor (assessor)" in first.get(f"/calls/{FIRST}/print").text


def test_the_command_line_writes_the_same_paper(
    site: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RIGHTCALL_HOME", str(site.web.settings.home))
    done = runner(monkeypatch, capsys)("marksheet", FIRST, "--pdf", str(tmp_path / "call.pdf"))
    assert done.code == 0, done.err
    assert "Siân ap Gwyn (trainee)" in text_of((tmp_path / "call.pdf").read_bytes())
