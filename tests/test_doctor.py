"""What the doctor says of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from server import doctor
from server.settings import load


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_sound_machine_is_good_from_python_to_mouth(own_home: Path) -> None:
    findings = {finding.name: finding for finding in doctor.examine()}
    needed = ("python", "packages", "settings", "home", "database", "ear", "models", "mouth")
    assert {name: findings[name].state for name in needed} == dict.fromkeys(needed, "good")
    assert str(own_home) in findings["home"].what
    assert "voices" in findings["mouth"].what


def test_whatever_is_not_good_says_how_to_mend_it(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(own_home))
    settings = load()
    for finding in (doctor.sound(settings), doctor.trainee_voices(settings)):
        assert (finding.state == "good") != bool(finding.mend)


def test_a_home_that_cannot_be_written_is_bad(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    finding = doctor.home(load(home=tmp_path).model_copy(update={"home": tmp_path / "file" / "home"}))
    assert finding.state == "bad"
    assert "RIGHTCALL_HOME" in finding.mend


def test_a_missing_model_is_a_finding_and_no_crash(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not own_home.exists()
    monkeypatch.setenv("RIGHTCALL_EAR", "vosk")
    monkeypatch.setenv("RIGHTCALL_EAR_MODEL", str(tmp_path / "no-model"))
    findings = {finding.name: finding for finding in doctor.examine()}
    assert findings["ear"].state == "bad"
    assert "no-model" in findings["ear"].what
    assert findings["mouth"].state == "good"


def test_a_setting_that_is_wrong_ends_the_examination_with_its_name(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIGHTCALL_EAR", "trumpet")
    last = list(doctor.examine())[-1]
    assert (last.name, last.state) == ("settings", "bad")
    assert "RIGHTCALL_EAR" in last.what
    assert not own_home.exists()
