"""Softer words for callers who swear, and calls that a trainer switches off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from command_line import RunCommand, runner
from scripts.cast import draw
from scripts.lexicons import lexicon, reverse
from scripts.lines import LineBook
from scripts.rehearsal import TypedCall
from scripts.shelf import NOTED, Shelf
from scripts.softening import soften, softened
from server.settings import SettingsError, load
from server.shelving import Catalogue
from small_script import TEXT
from small_script import small_script as script


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "home"))
    return runner(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("hard", "soft"),
    [
        ("Bloody hell, what the hell was that?", "Blimey, what on earth was that?"),
        ("He's a bloody wanker.", "He's a blooming fool."),
        ("I'm pissed off with it.", "I'm fed up with it."),
        ("He's PISSED again.", "He's Drunk again."),
        ("Arsenal won at Scunthorpe, in Sodbury.", "Arsenal won at Scunthorpe, in Sodbury."),
        ("{sod} and {shit:first}", "{sod} and {shit:first}"),
        ("Nothing of the kind.", "Nothing of the kind."),
    ],
)
def test_swearing_is_softened_and_all_else_stays(hard: str, soft: str) -> None:
    assert soften(hard) == soft


@pytest.mark.parametrize("swearing", reverse("softening", "words"))
def test_no_softer_word_is_swearing_itself(swearing: str) -> None:
    assert soften(soften(swearing)) == soften(swearing) != swearing


def test_the_stock_of_ordinary_lines_needs_no_softening() -> None:
    lines = [line for manner in lexicon("stock").values() for ways in manner.values() for line in ways]
    assert [line for line in lines if soften(line) != line] == []


def test_every_line_of_a_softened_script_is_soft_written_and_spoken() -> None:
    swearing = script()
    swearing = swearing.model_copy(
        update={
            "lines": swearing.lines.model_copy(
                update={"opening": {"calm": "Oh, sod it.", "upset": ["Bugger!", "Shit!"]}}
            ),
            "facts": [fact.model_copy(update={"say": f"Bloody hell. {fact.say}"}) for fact in swearing.facts],
        }
    )
    hard = [line for _, line in LineBook(draw(swearing, 1)).all()]
    soft = [line for _, line in LineBook(draw(softened(swearing), 1)).all()]
    assert any(soften(line.text) != line.text for line in hard)
    assert [line for line in soft if soften(line.text) != line.text or soften(line.spoken) != line.spoken] == []
    assert [line.key for line in soft] == [line.key for line in hard]


def test_what_is_marked_is_not_softened() -> None:
    plain = script()
    assert softened(plain).criteria == plain.criteria
    assert [fact.value for fact in softened(plain).facts] == [fact.value for fact in plain.facts]
    assert TypedCall(softened(plain), 1).log == TypedCall(plain, 1).log, "nothing to soften, the same call"


def test_the_setting_softens_a_typed_call(
    command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = script().lines.opening
    path = tmp_path / "lost-dog.toml"
    path.write_text(TEXT.replace(f'"{opening}"', '"The bloody dog has gone."'), encoding="utf-8")
    assert "The bloody dog has gone." in command("rehearse", str(path), typed="Bye.\n").out
    monkeypatch.setenv("RIGHTCALL_SOFTEN_SWEARING", "yes")
    assert "The blooming dog has gone." in command("rehearse", str(path), typed="Bye.\n").out


def test_a_shelf_without_noted_calls_has_those_without_a_note() -> None:
    noted = {script.id for script in Shelf().scripts() if script.content_note}
    assert noted
    assert Shelf(hide=[NOTED]).paths().keys() == Shelf().paths().keys() - noted
    assert set(Catalogue(hide=[NOTED]).offered()) == Shelf().paths().keys() - noted


def test_a_call_switched_off_by_name_is_offered_nowhere(command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_HIDE", "silent-call, child-caller")
    listed = command("scripts").out
    assert "silent-call" not in listed
    assert "gnome-on-the-roof" in listed
    done = command("rehearse", "silent-call")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "switched off here (the setting RIGHTCALL_HIDE)" in done.err
    assert "silent-call.toml: good" in command("check", "silent-call").out, "an author can still work on it"


def test_a_misspelt_name_hides_nothing_and_is_refused(command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_HIDE", "silent-cal")
    with pytest.raises(SettingsError, match=r"hide: .*no call 'silent-cal'.*RIGHTCALL_HIDE"):
        load()
    assert command("scripts").code == 1


def test_the_content_note_comes_before_the_first_word(command: RunCommand) -> None:
    script = Shelf().script("tablets-in-the-van")
    out = command("rehearse", "tablets-in-the-van", typed="").out
    assert out.index(f"Content note: {script.content_note}") < out.index("caller")
