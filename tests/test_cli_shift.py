from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from command_line import RunCommand, runner
from scripts.shift_plan import Plan


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCommand:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "home"))
    return runner(monkeypatch, capsys)


def test_a_plan_is_printed_with_every_contact_and_is_the_same_again(command: RunCommand) -> None:
    first, again = (command("shift", "--plan", "--seed", "7", "--length", "short") for _ in range(2))
    assert first.out == again.out
    assert first.out.startswith("Shift 7, 10 minutes, 6 contacts")
    assert first.out.count(" call ") >= 4
    assert "message" in first.out


def test_a_plan_in_json_is_a_plan(command: RunCommand) -> None:
    done = command("shift", "--json", "--seed", "7")
    assert len(Plan.model_validate(json.loads(done.out)).contacts) == 14


def test_without_a_wish_it_says_where_shifts_are_worked(command: RunCommand) -> None:
    assert "rightcall serve" in command("shift").out
