"""The commands of those who write calls."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from command_line import RunCommand, runner


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "home"))
    return runner(monkeypatch, capsys)


def test_coverage_of_one_script_names_what_is_untried(command: RunCommand) -> None:
    done = command("cover", "burglary-in-progress")
    assert (done.code, done.err) == (0, "")
    first = done.out.splitlines()[0]
    assert first.startswith("burglary-in-progress ")
    assert all(area in first for area in ("facts", "lines", "conditions", "events", "criteria"))


def test_coverage_in_json_holds_every_target(command: RunCommand) -> None:
    (found,) = json.loads(command("cover", "burglary-in-progress", "--json").out)
    assert found["id"] == "burglary-in-progress"
    assert len(found["targets"]) == sum(area["all"] for area in found["areas"].values())
    assert found["share"] == round(sum(target["reached"] for target in found["targets"]) / len(found["targets"]), 3)


def test_a_script_without_rehearsal_is_named_and_the_others_are_covered(command: RunCommand, tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "scripts/calls/burglary-in-progress.toml").read_text(encoding="utf-8")
    (tmp_path / "alone.toml").write_text(text, encoding="utf-8")
    done = command("cover", str(tmp_path / "alone.toml"), "gnome-on-the-roof")
    assert done.code == 1
    assert done.err.startswith("alone: it has no rehearsal")
    assert done.out.startswith("gnome-on-the-roof ")


def test_suggested_trainees_reach_more_and_pass_check(command: RunCommand, tmp_path: Path) -> None:
    assert command("new", "noises", "--folder", str(tmp_path)).code == 0
    path, rehearsal = tmp_path / "noises.toml", tmp_path / "rehearsals" / "noises.toml"
    text = rehearsal.read_text(encoding="utf-8").partition("# More trainees")[0]
    rehearsal.write_text(text, encoding="utf-8")
    (before,) = json.loads(command("cover", str(path), "--json").out)
    suggested = command("cover", str(path), "--suggest")
    assert suggested.out.startswith("[also.")
    rehearsal.write_text(f"{text}\n{suggested.out}", encoding="utf-8")
    assert command("check", str(path)).out == "noises.toml: good\n"
    (after,) = json.loads(command("cover", str(path), "--json").out)
    assert after["share"] >= 0.95 > before["share"]


def test_a_new_call_passes_check_at_once_and_its_rehearsal_reaches_everything(
    command: RunCommand, tmp_path: Path
) -> None:
    written = command("new", "noises-next-door", "--folder", str(tmp_path / "ours"))
    assert (written.code, written.err) == (0, "")
    path = tmp_path / "ours" / "noises-next-door.toml"
    checked = command("check", str(path))
    assert (checked.code, checked.out) == (0, "noises-next-door.toml: good\n")
    (covered,) = json.loads(command("cover", str(path), "--json").out)
    assert [target for target in covered["targets"] if not target["reached"]] == []
    assert 'title = "Noises next door"' in path.read_text(encoding="utf-8")


def test_a_new_call_joins_the_shelf_of_the_sites_own_folder(
    command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("RIGHTCALL_SCRIPTS", str(tmp_path / "own"))
    assert command("new", "noises-next-door").code == 0
    assert "noises-next-door" in command("scripts").out


def test_a_new_call_never_overwrites_nor_hides_another(command: RunCommand, tmp_path: Path) -> None:
    assert command("new", "first-one", "--folder", str(tmp_path)).code == 0
    path = tmp_path / "first-one.toml"
    path.write_text("mine", encoding="utf-8")
    again = command("new", "first-one", "--folder", str(tmp_path))
    assert (again.code, again.err.count("\n")) == (1, 1)
    assert "is there already" in again.err
    assert path.read_text(encoding="utf-8") == "mine"
    path.unlink()
    assert command("new", "first-one", "--folder", str(tmp_path)).code == 1, "its rehearsal is there already"
    assert "on the shelf already" in command("new", "silent-call", "--folder", str(tmp_path)).err
    assert not (tmp_path / "silent-call.toml").exists()


@pytest.mark.parametrize("name", ["../outside", "Capital", "a b", "x", "-x", ""])
def test_a_new_call_has_a_plain_name(command: RunCommand, tmp_path: Path, name: str) -> None:
    done = command("new", "--folder", str(tmp_path), "--", name)
    assert done.code == 1
    assert "is no name for a call" in done.err
    assert list(tmp_path.iterdir()) == []
