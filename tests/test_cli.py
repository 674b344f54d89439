"""The commands, as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import RunCommand, runner
from server.cli import COMMANDS, explain
from server.settings import SettingsError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def command(
    home: Path,  # noqa: ARG001 - every command has a home of its own
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> RunCommand:
    return runner(monkeypatch, capsys)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(command: RunCommand, name: str) -> None:
    done = command(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"rightcall {name}" in done.out
    assert len(done.out.splitlines()) > 5


def test_a_mistyped_command_is_answered_with_the_nearest(command: RunCommand) -> None:
    done = command("reherse")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'rehearse'?" in done.err


def test_an_unknown_option_is_a_usage_error(command: RunCommand) -> None:
    assert command("scripts", "--jsn").code == 2


def test_the_shelf_is_listed_without_giving_answers_away(command: RunCommand) -> None:
    done = command("scripts", "--json")
    rows = json.loads(done.out)
    assert done.code == 0
    assert {"id", "title", "summary", "line", "difficulty"} <= rows[0].keys()
    assert "burglary-in-progress" in [row["id"] for row in rows]
    assert not {"facts", "outcomes", "criteria", "model_answer"} & rows[0].keys()


def test_a_sites_own_script_joins_the_shelf_and_a_broken_one_is_named(
    command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    text = (ROOT / "scripts/calls/burglary-in-progress.toml").read_text(encoding="utf-8")
    (own / "our-burglary.toml").write_text(text, encoding="utf-8")
    (own / "broken.toml").write_text("title = 'x'\n", encoding="utf-8")
    monkeypatch.setenv("RIGHTCALL_SCRIPTS", str(own))
    done = command("scripts")
    assert done.code == 1
    assert "our-burglary" in done.out
    assert "broken.toml: title: " in done.err


def test_an_unknown_script_is_answered_with_the_nearest(command: RunCommand) -> None:
    done = command("rehearse", "burglary-in-progres")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "did you mean 'burglary-in-progress'?" in done.err


def test_utterances_are_understood_line_by_line(command: RunCommand) -> None:
    done = command("understand", typed="whats the address\n\n")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert (done.code, len(rows)) == (0, 2)
    assert [list(row) for row in rows] == [["asks", "acts", "decision", "agency", "grade"]] * 2
    assert rows[0]["asks"] == ["location"]
    assert rows[1] == {"asks": [], "acts": [], "decision": None, "agency": None, "grade": None}


def test_each_understanding_is_written_before_the_next_line_is_read() -> None:
    command = [sys.executable, "-c", "from server.cli import main; main()", "understand"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin
        assert program.stdout
        for _ in range(2):
            program.stdin.write("is anybody hurt\n")
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["asks"] == ["injuries"]
        program.stdin.close()
        assert program.wait() == 0


def test_captured_details_are_told_with_what_was_heard(command: RunCommand) -> None:
    rows = [
        {"kind": "time", "truth": "22:30", "utterance": "so half past ten"},
        {"kind": "quantity", "truth": "14", "utterance": "forty of them"},
    ]
    done = command("captured", typed="".join(f"{json.dumps(row)}\n" for row in rows))
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert [answer["captured"] for answer in answers] == [True, False]
    assert answers[1]["heard"] == "40"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not readable as JSON"),
        ("[1]", "expected an object"),
        ('{"kind": "time", "truth": 1, "utterance": "x"}', "'truth' must be there and be text"),
        ('{"kind": "colour", "truth": "red", "utterance": "x"}', "there is no kind 'colour'"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_answered(command: RunCommand, line: str, complaint: str) -> None:
    good = '{"kind": "time", "truth": "22:30", "utterance": "half past ten"}'
    done = command("captured", typed=f"{good}\n{line}\n{good}\n")
    answers = [json.loads(row) for row in done.out.splitlines()]
    assert done.code == 1
    assert [answer["captured"] for answer in answers] == [True, False, True]
    assert done.err.startswith("rightcall: line 2: ")
    assert complaint in done.err


def test_no_model_installed_says_that_none_is_needed(command: RunCommand) -> None:
    assert "needs none" in command("models", "list").out
    assert json.loads(command("models", "list", "--json").out) == []


def test_a_model_that_is_not_there_is_one_line_and_no_traceback(command: RunCommand) -> None:
    done = command("models", "install", "no/such/model.zip")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("rightcall: there is no file or folder no/such/model.zip")
    assert "Traceback" not in done.err


def test_a_spoken_sample_is_written(command: RunCommand, tmp_path: Path) -> None:
    done = command("voices", "--say", "Can you hear me?", "--out", str(tmp_path / "sample.wav"))
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "sample.wav").read_bytes()[:4] == b"RIFF"


def test_without_calls_one_is_told_how_to_take_one(command: RunCommand) -> None:
    assert "rightcall call" in command("calls").out
    assert json.loads(command("calls", "--json").out) == []
    for name in ("marksheet", "play", "mark"):
        done = command(name, "last")
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert "no call is stored yet" in done.err


def test_a_setting_that_is_wrong_is_one_clear_line(command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_EAR", "trumpet")
    done = command("calls")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "RIGHTCALL_EAR" in done.err


def test_debugging_shows_where_an_error_arose(command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_EAR", "trumpet")
    monkeypatch.setenv("RIGHTCALL_DEBUG", "1")
    with pytest.raises(SettingsError):
        command("calls")


def test_a_reader_that_leaves_is_no_trouble() -> None:
    command = f"{sys.executable} -c 'from server.cli import main; main()' scripts --json | head -c 1"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[", "")


def test_an_unforeseen_error_names_its_kind_and_ours_say_how_to_mend_them() -> None:
    from audio.device import DeviceError

    assert explain(DeviceError("no microphone: plug one in")) == "no microphone: plug one in"
    assert "ZeroDivisionError" in explain(ZeroDivisionError("division by zero"))
    assert explain(FileNotFoundError(2, "Not there", "x.toml")).startswith("the system refused x.toml: Not there")
