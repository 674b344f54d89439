"""Calls on the command line: one typed, and one heard by the real recogniser, then stored, marked and played."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from command_line import Done, RunCommand, runner
from scripts.marksheet import json_schema

ROOT = Path(__file__).parent.parent
GOOD = """Police emergency, what's the address of the emergency?
So that's {address}, is that right?
Is he still in the house, and can he hear you?
Officers are on their way to you as an emergency. Stay on the line with me.
Have you seen any weapons?
/form phone 07700 900123

/over 1 Stay where you are and lock the door.
/wait 5
You've done really well. Bye for now.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
            patch.delenv(name)
        patch.setenv("RIGHTCALL_HOME", str(folder))
        yield folder


@pytest.fixture
def command(
    home: Path,  # noqa: ARG001 - its settings
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> RunCommand:
    return runner(monkeypatch, capsys)


def one_object(done: Done) -> dict[str, Any]:
    """The one JSON document of standard output."""
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert isinstance(found, dict)
    return found


# --- typed ---------------------------------------------------------------------------------------------------


def test_a_typed_call_is_shown_as_it_goes_and_marked(command: RunCommand) -> None:
    done = command("rehearse", "burglary-in-progress", "--seed", "1", typed=GOOD)
    assert (done.code, done.err) == (0, "")
    assert "trainee  Police emergency" in done.out
    assert "decided: deploy (emergency), by voice" in done.out
    assert "PASSED" in done.out


def test_a_typed_call_in_json_is_one_object_that_fits_the_published_schema(command: RunCommand) -> None:
    found = one_object(command("rehearse", "burglary-in-progress", "--seed", "1", "--json", typed=GOOD))
    assert (found["script"], found["seed"]) == ("burglary-in-progress", 1)
    assert {"caller", "trainee", "call"} == {row["who"] for row in found["transcript"]}
    jsonschema.validate(found["marksheet"], json_schema())
    assert found["marksheet"]["outcome"] == "passed"


def test_the_same_seed_and_lines_give_the_same_call(command: RunCommand) -> None:
    first, second, other = (
        command("rehearse", "burglary-in-progress", "--seed", seed, "--json", typed=GOOD).out
        for seed in ("7", "7", "8")
    )
    assert first == second
    assert first != other


def test_the_end_of_the_input_hangs_up(command: RunCommand) -> None:
    found = one_object(command("rehearse", "noise-complaint", "--seed", "1", "--json", typed="Hello, police.\n"))
    assert found["transcript"][-1]["text"].startswith("ended by the trainee")


@pytest.mark.parametrize(
    ("line", "complaint"), [("/hangup", "/hang-up"), ("Is it {adress}?", "nothing called 'adress'")]
)
def test_a_wrong_line_of_a_file_is_named(command: RunCommand, line: str, complaint: str) -> None:
    done = command("rehearse", "burglary-in-progress", "--json", typed=f"Police.\n{line}\n")
    assert (done.code, done.out) == (1, "")
    assert "line 2 of the input" in done.err
    assert complaint in done.err


# --- spoken --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(home: Path) -> dict[str, Any]:
    """One call by the synthetic trainee, heard by the real recogniser; strace, where it is, watches the network."""
    program = [sys.executable, "-c", "from server.cli import main; main()"]
    arguments = ["demo", "past-online-fraud", "--trainee", "poor", "--fast", "--json"]
    environment = os.environ | {"RIGHTCALL_HOME": str(home)}
    done = subprocess.run(
        [*_watch(home), *program, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def _watch(home: Path) -> list[str]:
    if shutil.which("strace") is None:
        return []
    return ["strace", "-f", "-qq", "-e", "trace=connect", "-o", str(home / "connections")]


def test_a_call_opens_no_network_connection(demo: dict[str, Any], home: Path) -> None:
    assert demo["transcript"]
    if not (home / "connections").exists():
        pytest.skip("strace is not installed")
    made = [row for row in (home / "connections").read_text().splitlines() if "AF_INET" in row]
    assert made == []


def test_a_demo_in_json_tells_the_call_its_words_and_its_marks(demo: dict[str, Any]) -> None:
    assert {"call_id", "transcript", "marksheet"} <= demo.keys()
    assert [row for row in demo["transcript"] if row["who"] == "trainee"]
    jsonschema.validate(demo["marksheet"], json_schema())
    assert demo["marksheet"]["outcome"] == "failed"


def test_the_call_is_listed_and_its_marksheet_is_kept(command: RunCommand, demo: dict[str, Any]) -> None:
    rows = json.loads(command("calls", "--json").out)
    assert [(row["call_id"], row["state"], row["trainee"]) for row in rows] == [
        (demo["call_id"], "finished", "demo: poor")
    ]
    assert demo["call_id"] in command("calls").out
    assert one_object(command("marksheet", demo["call_id"], "--json")) == demo["marksheet"]
    assert "NOT PASSED" in command("marksheet", "last").out


def test_a_mistyped_call_is_answered_with_the_nearest(command: RunCommand, demo: dict[str, Any]) -> None:
    done = command("marksheet", demo["call_id"][:-1] + "x")
    assert done.code == 1
    assert f"did you mean '{demo['call_id']}'?" in done.err


def test_marking_again_changes_nothing_until_the_script_is_corrected(
    command: RunCommand, demo: dict[str, Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "as before" in command("mark", demo["call_id"]).out
    sheet = json.loads((home / "calls" / demo["call_id"] / "call.json").read_text(encoding="utf-8"))
    corrected = home / "corrected"
    corrected.mkdir()
    text = sheet["script_text"] + '\n[[criteria]]\nid = "new-one"\nkind = "reassured"\npoints = 9\n'
    (corrected / "past-online-fraud.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("RIGHTCALL_SCRIPTS", str(corrected))
    done = command("mark", "--all")
    assert "new-one: is new" in done.out
    assert "1 marked, 1 changed" in done.out
    assert "new-one: is marked no more" in command("mark", "last", "--as-it-was").out


def test_a_recording_is_saved_in_stereo(command: RunCommand, demo: dict[str, Any], tmp_path: Path) -> None:
    from audio.wav import read_wav_channels

    done = command("play", "last", "--out", str(tmp_path / "call.wav"))
    assert done.code == 0
    trainee, caller = read_wav_channels(tmp_path / "call.wav")
    assert trainee.seconds == caller.seconds >= demo["transcript"][-1]["at"]


def test_a_call_that_was_never_marked_is_marked_when_it_is_looked_at(
    command: RunCommand, demo: dict[str, Any], home: Path
) -> None:
    (home / "calls" / demo["call_id"] / "marksheet.json").unlink()
    assert one_object(command("marksheet", "last", "--json"))["outcome"] == "failed"
    assert "was not marked before" in command("mark", "last").out


# --- Ctrl-C --------------------------------------------------------------------------------------------------


def started(home: Path, *arguments: str) -> subprocess.Popen[str]:
    program = [sys.executable, "-c", "from server.cli import main; main()", *arguments]
    return subprocess.Popen(
        program,
        cwd=ROOT,
        env=os.environ | {"RIGHTCALL_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_a_typed_call_quietly(home: Path) -> None:
    with started(home, "rehearse", "noise-complaint") as program:
        assert program.stdout
        assert program.stdout.readline().startswith("101 call")
        program.send_signal(signal.SIGINT)
        _, complaint = program.communicate()
    assert (program.returncode, complaint.strip()) == (130, "")


def test_ctrl_c_in_a_spoken_call_leaves_it_stored_and_marked(home: Path) -> None:
    with started(home, "demo", "noise-complaint", "--quiet") as program:
        assert program.stdout
        while "caller" not in (line := program.stdout.readline()):
            assert line, "the demo ended before the caller spoke"
        program.send_signal(signal.SIGINT)
        rest, complaint = program.communicate()
    assert program.returncode == 130
    assert "Traceback" not in complaint
    call_id = rest.split("Stored as ")[1].split(".")[0]
    assert (home / "calls" / call_id / "marksheet.json").is_file()
