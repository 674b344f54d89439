from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed

from scripts.shift_plan import News, Right
from server.call_scripts import call_script
from server.log_keeping import LogKeeper
from server.remarking import marked_now, stored_marksheet
from server.shift_files import ShiftFiles
from server.shift_room import coming_again
from shifting import SHIFT, contact, going, on_duty, path_of, store_shift
from training_room import Room, csrf, room, store_call

if TYPE_CHECKING:
    import httpx
    from websockets.sync.client import ClientConnection

NOISE, BURGLED = "noise-complaint", "back-from-nights"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("site"), "administrator", "ann", "ben", "assessor") as made:
        yield made


def test_a_chat_and_a_report_at_once_from_going_on_duty_to_the_debrief(site: Room) -> None:
    ann = site.signed_in("ann")
    run = going(site.web, "ann", contact("c1", "chat", NOISE), contact("c2", "report", BURGLED))
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        duty.state(lambda contacts: len(contacts) == 2)
        assert duty.shift["waiting"] == ["c1", "c2"]
        duty.tell(type="take", contact="c2")
        report = duty.told("c2", "row")
        assert "Where did it happen? " in report["text"]
        duty.tell(type="take", contact="c1")
        both = duty.state(lambda contacts: contacts["c1"]["state"] == "open")
        assert both["c2"]["state"] == "open"
        duty.tell(type="form", contact="c2", field="location", value="somewhere", n=4)
        assert duty.told("c2", "saved")["n"] == 4
        assert "somewhere" in site.web.files.log(both["c2"]["call"]).read_text()
        duty.tell(type="write", contact="c1", text="Has anybody been threatened?")
        while duty.told("c1", "row")["who"] != "trainee":
            pass  # the other side was quicker
        duty.tell(type="decide", contact="c1", decision="refer", agency="council")
        assert duty.told("c1", "decided")["text"] == "refer (the council)"
        for id_ in ("c1", "c2"):
            duty.tell(type="end", contact=id_)
        done = duty.state(lambda contacts: {one["state"] for one in contacts.values()} == {"done"})
        assert done["c1"]["grades"] == ["Refer, the council"]
        duty.leave()
    page = ann.get(path_of(run))
    assert page.status_code == 200
    assert "ended early" in page.text
    assert "Karaoke through the wall" in page.text
    sheet = stored_marksheet(site.web.files, done["c1"]["call"])
    assert sheet is not None
    assert sheet.verdict("threats").result == "met"
    assert sheet.disposition.rating == "right"
    record = site.web.records.call(done["c1"]["call"])
    assert record is not None
    assert (record.handset, record.state, record.trainee) == ("chat", "finished", "ann")
    assert ann.get(f"/calls/{record.call_id}").status_code == 200
    again = site.web.files.sheet(record.call_id).script()
    assert marked_now(site.web.files, record.call_id, again, run.site.force) == sheet
    marks = site.web.shifts.files.marks(run.sheet.shift_id)
    assert marks is not None
    assert {verdict.section for verdict in marks.verdicts} >= {"answering", "contacts", "priority"}


def test_a_page_that_comes_again_has_everything(site: Room) -> None:
    ann = site.signed_in("ann")
    run = going(site.web, "ann", contact("c1", "chat", NOISE))
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        duty.state(lambda contacts: "c1" in contacts)
        duty.tell(type="take", contact="c1")
        duty.tell(type="form", contact="c1", field="name", value="Moira 🚓", n=1)
        duty.told("c1", "saved")
    with on_duty(site, ann, path_of(run)) as duty:
        assert duty.told("c1", "state")["form"] == {"name": "Moira 🚓"}
        duty.tell(type="end", contact="c1")
        duty.state(lambda contacts: contacts["c1"]["state"] == "done")
    with on_duty(site, ann, path_of(run)) as duty:
        assert duty.told("c1", "state")["form"] == {"name": "Moira 🚓"}
        duty.leave()


def test_whoever_is_left_by_the_other_side_can_still_finish_the_form(site: Room) -> None:
    ann = site.signed_in("ann")
    run = going(site.web, "ann", contact("c1", "chat", NOISE))
    run.site = replace(run.site, settings=run.site.settings.model_copy(update={"wrap_up": 60}))
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        duty.state(lambda contacts: "c1" in contacts)
        duty.tell(type="take", contact="c1")
        duty.told("c1", "answered")
        duty.tell(type="write", contact="c1", text="Thank you for getting in touch. Goodbye.")
        duty.told("c1", "wrap_up")
        assert duty.shift["contacts"][0]["state"] == "done"
        duty.tell(type="form", contact="c1", field="location", value="next door", n=1)
        duty.told("c1", "saved")
        duty.tell(type="end", contact="c1")
        duty.told("c1", "over")
        duty.leave()
    log = site.web.files.log(duty.shift["contacts"][0]["call"]).read_text().splitlines()
    assert '"ended"' in log[-2]
    assert "next door" in log[-1]


def test_two_pages_of_one_shift_see_the_same(site: Room) -> None:
    ann = site.signed_in("ann")
    run = going(site.web, "ann", contact("c1", "report", NOISE))
    with on_duty(site, ann, path_of(run)) as one, on_duty(site, ann, path_of(run)) as other:
        one.tell(type="begin")
        other.state(lambda contacts: "c1" in contacts)
        other.tell(type="take", contact="c1")
        assert one.told("c1", "row")["text"] == other.told("c1", "row")["text"]
        one.tell(type="take", contact="c1")  # it waits no more: nothing comes of it
        other.leave()
        one.until(lambda message: message["type"] == "marked")
    assert len(site.web.shifts.files.calls(run.sheet.shift_id)) == 1


def test_late_news_comes_of_a_graded_incident_which_can_be_graded_afresh(site: Room) -> None:
    ann = site.signed_in("ann")
    right = Right(decision="deploy", grade="emergency")
    news = News(id="n1", about="c1", after=0.1, sender="PC 1", text="They fight.", right=right, why="It changed.")
    run = going(site.web, "ann", contact("c1", "report", NOISE), news=(news,))
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        duty.state(lambda contacts: "c1" in contacts)
        duty.tell(type="take", contact="c1")
        duty.state(lambda contacts: contacts["c1"]["state"] == "open")
        duty.tell(type="decide", contact="c1", decision="resolve")
        duty.told("c1", "decided")
        duty.tell(type="end", contact="c1")
        came = duty.until(lambda message: message["type"] == "shift" and bool(message["news"]))
        assert (came["news"][0]["text"], came["news"][0]["read"]) == ("They fight.", False)
        duty.tell(type="read", news="n1")
        duty.tell(type="decide", contact="c1", decision="deploy", grade="emergency")
        duty.state(lambda contacts: contacts["c1"]["grades"] == ["Resolve", "Deploy, Immediate"])
        duty.leave()
    page = ann.get(path_of(run)).text
    assert "Acted upon news of online report 1" in page
    assert "It was graded afresh" in page


def test_a_shift_left_alone_ends_by_itself_and_is_marked(site: Room) -> None:
    ann = site.signed_in("ann")
    run = going(site.web, "ann", contact("c1", "chat", NOISE))
    run.alone_after = 0.1
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        duty.state(lambda contacts: "c1" in contacts)
        duty.tell(type="take", contact="c1")
        duty.state(lambda contacts: contacts["c1"]["state"] == "open")
    page = wait_for_debrief(ann, path_of(run))
    assert "left alone" in page


def wait_for_debrief(browser: httpx.Client, where: str) -> str:
    """Ask until the page is the debrief: the socket is gone, so that nothing else tells."""
    while "How it was marked" not in (text := browser.get(where).text):
        pass
    return text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here to play a full disk")
def test_a_full_disk_is_told_and_a_shift_that_cannot_be_stored_does_not_begin(site: Room) -> None:
    ann = site.signed_in("ann")
    run = going(site.web, "ann", contact("c1", "chat", NOISE))
    folder = site.web.shifts.files.folder(run.sheet.shift_id)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        told = duty.until(lambda message: message["type"] == "failed")
    assert "no shift can be stored" in told["why"]
    folder.unlink()
    run = going(site.web, "ann", contact("c1", "chat", NOISE))
    run._keeper = LogKeeper(Path("/dev/full"))
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        duty.state(lambda contacts: len(contacts) == 1)
        while not duty.shift["trouble"]:
            duty.tell(type="read", news="n9")  # anything that brings the next state
            duty.until(lambda message: message["type"] == "shift")
        assert "No space left on device" in duty.shift["trouble"]
        duty.leave()


def test_what_is_no_message_changes_nothing(site: Room) -> None:
    ann = site.signed_in("ann")
    run = going(site.web, "ann", contact("c1", "chat", NOISE))
    with site.socket(ann, f"{path_of(run)}/line") as socket:
        for rubbish in (
            "", "{", "[]", '{"type":"take"}', '{"type":"take","contact":"../x"}', b"\x00\xff", '{"type":"leave"}',
            '{"type":"write","contact":"c9","text":"x"}', '{"type":"decide","contact":"c1","decision":"fly"}',
        ):  # fmt: skip
            socket.send(rubbish)
    with on_duty(site, ann, path_of(run)) as duty:
        duty.tell(type="begin")
        duty.tell(type="take", contact="c9")
        duty.tell(type="write", contact="c1", text="too soon")
        assert duty.state(lambda contacts: "c1" in contacts)["c1"]["state"] == "waiting"
    with site.socket(ann, f"{path_of(run)}/line") as socket:
        socket.send("x" * 100_000)
        with pytest.raises(ConnectionClosed) as closed:
            drain(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    with on_duty(site, ann, path_of(run)) as duty:
        duty.leave()


def drain(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=60)


def test_a_shift_begins_at_its_page_and_whoever_is_on_one_goes_back_to_it(site: Room) -> None:
    ann = site.signed_in("ann")
    page = ann.get("/shift").text
    assert "Begin 30 minutes" in page
    data = {"csrf": csrf(page), "length": "short", "seed": "7"}
    answer = ann.post("/shift", data=data)
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert "Go on duty" in ann.get(where).text
    assert site.signed_in("ben").get(where).status_code == 404
    assert site.signed_in("assessor").get(where).status_code == 409
    with on_duty(site, ann, where) as duty:
        duty.tell(type="begin")
        duty.until(lambda message: message["type"] == "shift" and message["began"])
        assert ann.post("/shift", data=data).headers["location"] == where
        assert "Go back to it" in ann.get("/shift").text
        duty.leave()
    assert re.search(r'<td class="figures">7</td>', ann.get("/shift").text)


@pytest.mark.parametrize("field", [{"length": "endless"}, {"seed": "0"}, {"seed": "x"}])
def test_a_shift_that_there_is_not_is_refused(field: dict[str, str], site: Room) -> None:
    ann = site.signed_in("ann")
    token = csrf(ann.get("/shift").text)
    assert ann.post("/shift", data={"csrf": token, **field}).status_code == 422
    assert ann.get("/shift/20261121-101500-zzzz").status_code == 404


def test_an_interrupted_shift_is_marked_from_what_the_disk_has(site: Room) -> None:
    store_call(site.web, "ann")
    store_shift(site.web, "ann", call="20261121-101500-abcd")
    files: ShiftFiles = site.web.shifts.files
    whole = files.log(SHIFT).read_text().splitlines(keepends=True)
    files.log(SHIFT).write_text("".join(whole[:-4]) + '{"at":12,"kin')
    page = site.signed_in("ann").get(f"/shift/{SHIFT}").text
    assert "interrupted" in page
    assert "/calls/20261121-101500-abcd" in page
    assessor = site.signed_in("assessor")
    assert assessor.get(f"/shift/{SHIFT}").status_code == 200
    assert f"/shift/{SHIFT}" in assessor.get("/shift").text
    assert f"/shift/{SHIFT}" not in site.signed_in("ben").get("/shift").text


def test_a_caller_who_comes_again_is_in_a_worse_mood() -> None:
    call = call_script(NOISE)
    assert coming_again(call, 0) is call
    assert coming_again(call, 1).script.caller.mood == call.script.caller.mood - 15
    assert coming_again(call, 9).script.caller.mood == 0


def test_a_shift_whose_log_cannot_be_read_says_so(site: Room) -> None:
    other = "20261121-140000-wxyy"
    store_shift(site.web, "ann", shift_id=other)
    site.web.shifts.files.log(other).write_text('nonsense\n{"kind":"began","at":0}\n')
    answer = site.signed_in("ann").get(f"/shift/{other}")
    assert answer.status_code == 503
    assert "line 1" in answer.text
