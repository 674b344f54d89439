"""What calls share: the load they put on recognition, and the site's force."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.parsing import ScriptError
from server.engines import Busy, Load, read_force
from server.settings import load


def test_a_machine_that_cannot_keep_up_refuses_further_calls_and_keeps_those_it_has() -> None:
    busy = Load(most=0.3)
    with busy.admitted():
        for _ in range(10):
            busy.note(0.5)
        with pytest.raises(Busy, match=r"1 calls are in progress and recognition lags 0\.5 s"), busy.admitted():
            pass
        assert busy.calls == 1


def test_a_machine_without_calls_takes_one_whatever_was_before() -> None:
    load = Load(most=0.3)
    with load.admitted():
        for _ in range(10):
            load.note(0.5)
    with load.admitted():
        assert load.lag == 0.0


def test_a_few_slow_decodings_refuse_nobody() -> None:
    load = Load(most=0.3)
    load.note(2.0)
    assert load.lag == 0.0


def test_a_sites_own_force_is_read_from_its_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_FORCE", "ours")
    (tmp_path / "forces").mkdir()
    (tmp_path / "forces" / "ours.toml").write_text('name = "Ours"\n')
    assert read_force(load(tmp_path)).name == "Ours"


def test_a_force_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_FORCE", "theirs")
    with pytest.raises(ScriptError, match=r"theirs: there is no such force: .*theirs\.toml"):
        read_force(load(tmp_path))
