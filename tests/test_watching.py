"""Writing a script while it is rehearsed: each save is seen, and the place in the call is kept."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.rehearsal import TypedCall
from scripts.shelf import read
from server.cli import run
from server.typed import take
from server.watching import Watch, differences, reloaded, replay
from small_script import TEXT


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("RIGHTCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "home"))
    path = tmp_path / "lost-dog.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def save(path: Path, right: str, wrong: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")


def called(path: Path, typed: list[str]) -> TypedCall:
    call = TypedCall(read(path), 1)
    for line in typed:
        take(call, line)
    return call


class Typing(io.StringIO):
    """Somebody who types, and saves the script before some lines: standard input without a terminal."""

    def __init__(self, text: str, saves: dict[int, Callable[[], None]]) -> None:
        super().__init__(text)
        self._saves, self._read = saves, 0

    def isatty(self) -> bool:  # called before each line: the moment to save
        self._saves.pop(self._read, lambda: None)()
        return False

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override] # as StringIO itself has it
        self._read += 1
        return super().readline(size)


def test_a_file_is_saved_once_and_a_missing_one_not_at_all(path: Path) -> None:
    watch = Watch(path)
    assert not watch.saved()
    save(path, "title", "# a comment\ntitle")
    assert watch.saved()
    assert not watch.saved()
    text = path.read_text(encoding="utf-8")
    path.unlink()
    assert not watch.saved(), "an editor that is replacing it"
    path.write_text(text + "\n# more\n", encoding="utf-8")
    assert watch.saved()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals here")
def test_at_a_terminal_it_waits_for_a_save_or_for_a_line(path: Path) -> None:
    keyboard, terminal = os.openpty()
    watch = Watch(path)
    with os.fdopen(terminal) as source, os.fdopen(keyboard, "wb", buffering=0) as keys:
        save(path, "title", "# a comment\ntitle")
        assert watch.saved_before_input(source)
        keys.write(b"Where are you?\n")
        assert not watch.saved_before_input(source)
        assert source.readline() == "Where are you?\n"


def test_the_same_lines_to_the_same_script_are_the_same_call(path: Path) -> None:
    typed = ["Where are you?", "/wait 3", "Officers are coming."]
    call = called(path, typed)
    again, lost = replay(read(path), 1, typed)
    assert again.log == call.log
    assert lost == []
    assert list(differences(call.log, again.log)) == []


def test_a_save_replays_what_was_typed_and_shows_what_comes_out_otherwise(path: Path) -> None:
    typed = ["Where are you?", ""]
    call, watch, said = called(path, typed), Watch(path), list[str]()
    opening = read(path).lines.opening
    save(path, f'"{opening}"', '"Hello, is that the police at last?"')
    again = reloaded(watch, typed, call, said.append)
    assert again is not call
    assert [row for row in said if row.startswith("+ ")] == ["+ caller   Hello, is that the police at last?"]
    assert [row for row in said if row.startswith("- ")] == [f"- caller   {opening}"]
    assert again.now >= 3, "the call goes on from where it was"


def test_a_save_with_a_mistake_is_named_and_the_call_goes_on_as_it_was(path: Path) -> None:
    typed = ["Where are you?"]
    call, watch, said = called(path, typed), Watch(path), list[str]()
    save(path, "title", "tittle")
    assert reloaded(watch, typed, call, said.append) is call
    assert "lost-dog.toml: tittle: " in said[0]
    assert said[-1] == "The call goes on with the script as it was."


def test_a_line_that_names_a_detail_that_is_gone_is_left_out_with_a_word(path: Path) -> None:
    typed = ["Where are you?", "So that is {address}?"]
    call, watch, said = called(path, typed), Watch(path), list[str]()
    path.write_text(
        path.read_text(encoding="utf-8").replace("address}", "home}").replace("cast.address", "cast.home")
    )
    again = reloaded(watch, typed, call, said.append)
    assert any(row.startswith("what you typed as line 2 is left out: ") for row in said)
    assert not again.over


def test_the_command_goes_on_with_the_saved_script(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saves = {1: lambda: save(path, "title = ", "# saved in mid-call\ntitle = ")}
    monkeypatch.setattr(sys, "stdin", Typing("Where are you?\nBye.\n", saves))
    assert run(["rehearse", str(path), "--seed", "1", "--watch"]) == 0
    out = capsys.readouterr().out
    assert out.count("The script was saved. Nothing that was said so far changes.") == 1
    assert out.index("Where are you?") < out.index("The script was saved.") < out.index("Bye.")


def test_the_marks_are_those_of_the_script_as_last_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    title = read(path).title
    saves = {1: lambda: save(path, title, "A dog is found")}
    monkeypatch.setattr(sys, "stdin", Typing("Where are you?\n", saves))
    assert run(["rehearse", str(path), "--seed", "1", "--watch", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A dog is found"
