"""The trainers' shelf: switching calls off, what check says, a typed rehearsal, and new scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.force import default_force
from scripts.shelf import NOTED, OWN_CALLS, Shelf
from server.settings import load
from server.shelf_choices import ShelfChoices
from server.shelf_page import Aside, KnownChecks, mistakes, typed_call
from server.shelving import Catalogue
from training_room import SCRIPT, Room, csrf, room

if TYPE_CHECKING:
    import httpx

TEXT = (OWN_CALLS / f"{SCRIPT}.toml").read_text(encoding="utf-8")
REHEARSAL = (OWN_CALLS.parent / "rehearsals" / f"{SCRIPT}.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(tmp_path_factory.mktemp("shelf"), "trainer", "ann") as made:
        yield made


@pytest.fixture(scope="module")
def tess(served: Room) -> httpx.Client:
    return served.signed_in("trainer")


@pytest.fixture(scope="module")
def ann(served: Room) -> httpx.Client:
    return served.signed_in("ann")


@pytest.fixture
def site(served: Room) -> Iterator[Room]:
    yield served
    choices = ShelfChoices(served.web.records)
    for name in choices.off():
        choices.switch(name, "", on=True)


def post(browser: httpx.Client, path: str, data: dict[str, object], **more: object) -> httpx.Response:
    return browser.post(path, data={"csrf": csrf(browser.get("/").text), **data}, **more)  # type: ignore[arg-type]


def test_a_call_that_is_switched_off_is_offered_nowhere_and_can_be_switched_on_again(
    site: Room, tess: httpx.Client, ann: httpx.Client
) -> None:
    assert post(tess, "/shelf", {"name": SCRIPT}).status_code == 303
    assert f'value="{SCRIPT}"' not in ann.get("/").text
    assert post(ann, "/calls", {"script": SCRIPT}).status_code == 404
    assert SCRIPT not in site.web.site.catalogue.offered(), "nor by telephone"
    assert "off, by trainer" in tess.get("/shelf").text
    post(tess, "/shelf", {"name": SCRIPT, "on": "yes"})
    assert SCRIPT in site.web.site.catalogue.offered()
    assert post(tess, "/shelf", {"name": "no-such-call"}).status_code == 404


def test_all_calls_with_a_content_note_can_be_switched_off_at_once(site: Room, tess: httpx.Client) -> None:
    noted = {script.id for script in Shelf().scripts() if script.content_note}
    assert noted
    post(tess, "/shelf", {"name": NOTED})
    assert noted.isdisjoint(site.web.shelf().paths())
    post(tess, "/shelf", {"name": NOTED, "on": "yes"})
    assert noted <= site.web.shelf().paths().keys()


def test_a_catalogue_asks_each_time_what_is_off() -> None:
    catalogue = Catalogue()
    off: set[str] = set()
    catalogue.off = lambda: off
    assert SCRIPT in catalogue.offered()
    off.add(SCRIPT)
    assert SCRIPT not in catalogue.offered()


def test_a_script_is_checked_again_only_when_its_file_or_its_rehearsal_has_changed(tmp_path: Path) -> None:
    path = tmp_path / f"{SCRIPT}.toml"
    path.write_text(TEXT, encoding="utf-8")
    aside = Aside()
    checks = KnownChecks(aside)
    first = checks.of(path, default_force())
    assert first.coverage is None
    assert "has no rehearsal" in first.problems[0].message
    assert checks.of(path, default_force()) is first
    (tmp_path / "rehearsals").mkdir()
    (tmp_path / "rehearsals" / path.name).write_text(REHEARSAL, encoding="utf-8")
    second = checks.of(path, default_force())
    assert second.problems == ()
    assert second.coverage is not None
    aside.close()


def test_a_scripts_page_shows_its_check_and_its_cover(tess: httpx.Client) -> None:
    page = tess.get(f"/shelf/{SCRIPT}").text
    assert "No mistakes" in page
    answer = tess.get(f"/shelf/{SCRIPT}/check").json()
    assert answer["problems"] == []
    assert 0 < answer["tried"] <= answer["all"]
    assert tess.get("/shelf/..%2Fsecrets").status_code == 404


def test_a_typed_call_is_the_same_for_the_same_lines_and_is_marked_at_its_end(tess: httpx.Client) -> None:
    lines = [
        "Police emergency, what is the address?",
        "/form name Chloe",
        "Officers are on their way as an emergency.",
    ]
    first = post(tess, f"/shelf/{SCRIPT}/rehearsal", {"seed": 7, "lines": lines}).json()
    assert first["sheet"] is None
    assert [row["who"] for row in first["rows"]][:2] == ["caller", "trainee"]
    ended = post(tess, f"/shelf/{SCRIPT}/rehearsal", {"seed": 7, "lines": lines, "end": "yes"}).json()
    assert ended["rows"][: len(first["rows"])] == first["rows"]
    assert ended["over"]
    assert 0 <= ended["sheet"]["score"] <= 100


def test_a_line_that_cannot_be_taken_is_explained_and_changes_nothing() -> None:
    script = Shelf().script(SCRIPT)
    before = typed_call(script, 7, ["Hello"], default_force(), end=False)
    after = typed_call(script, 7, ["Hello", "/dance"], default_force(), end=False)
    assert "there is no /dance" in str(after["error"])
    assert after["rows"] == before["rows"]


def test_a_broken_script_gets_every_mistake_with_its_place_and_nothing_is_lost(
    site: Room, tess: httpx.Client
) -> None:
    broken = TEXT.replace("difficulty = ", "difficulty = 9 # ", 1).replace("[caller]", "[caller]\nfavourite = 1", 1)
    answer = post(tess, "/shelf/new", {"name": "my-call"}, files={"file": ("my-call.toml", broken.encode())})
    assert answer.status_code == 422
    for place in ("difficulty", "caller.favourite"):
        assert place in answer.text
    assert "favourite = 1" in answer.text, "the text is still there"
    assert "my-call" not in Shelf(site.web.settings.scripts).paths()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("my-call", "title = ", "not readable as TOML"),
        ("../x", TEXT, "small letters"),
        (SCRIPT, TEXT, "already"),
        ("my-call", "\x00\x01", "not readable as TOML"),
    ],
)
def test_what_is_no_script_is_explained(name: str, text: str, said: str, tess: httpx.Client) -> None:
    answer = post(tess, "/shelf/new", {"name": name, "text": text})
    assert answer.status_code == 422
    assert said in answer.text


def test_bytes_that_are_no_text_are_explained(tess: httpx.Client) -> None:
    answer = post(tess, "/shelf/new", {}, files={"file": ("my-call.toml", b"title = \xff\xfe")})
    assert answer.status_code == 422
    assert "no UTF-8" in answer.text


def test_a_good_script_goes_on_the_shelf_and_the_one_before_is_kept(
    site: Room, tess: httpx.Client, ann: httpx.Client
) -> None:
    given: dict[str, object] = {"name": "my-call", "text": TEXT, "rehearsal": REHEARSAL}
    assert post(tess, "/shelf/new", given).headers["location"] == "/shelf/my-call"
    assert "No mistakes" in tess.get("/shelf/my-call").text
    assert 'value="my-call"' in ann.get("/").text
    assert "my-call" in site.web.site.catalogue.offered()
    assert post(tess, "/shelf/new", given).status_code == 422
    assert post(tess, "/shelf/new", {**given, "replace": "yes"}).status_code == 303
    assert len(list((site.web.settings.uploads_folder / "replaced").glob("my-call-*.toml"))) == 1
    assert "my-call" in Shelf(load(site.web.settings.home).scripts).paths(), "also for the command line"


def test_the_rehearsals_mistakes_are_told_with_the_scripts() -> None:
    assert mistakes("my-call", TEXT, "", default_force()) == []
    both = mistakes("my-call", "title = 1", "good = 2", default_force())
    assert {problem.name for problem in both} == {"my-call.toml", "rehearsals/my-call.toml"}
    assert mistakes("my-call", TEXT, "nothing", default_force())[0].name == "rehearsals/my-call.toml"


def test_quick_calls_with_a_content_note_are_switched_off_with_the_others(site: Room, tess: httpx.Client) -> None:
    noted = {call.id for call in site.web.quick.calls() if call.content_note}
    assert noted
    post(tess, "/shelf", {"name": NOTED})
    assert noted.isdisjoint(call.id for call in site.web.quick.calls())
    post(tess, "/shelf", {"name": NOTED, "on": "yes"})
    assert noted <= {call.id for call in site.web.quick.calls()}
