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
