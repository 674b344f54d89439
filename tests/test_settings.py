"""A site's settings: where they come from, which wins, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.settings import SettingsError, load


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIGHTCALL_HOME", str(tmp_path))
    return tmp_path


def test_without_any_setting_everything_lies_in_the_home_folder(home: Path) -> None:
    settings = load()
    assert settings.calls_folder == home / "calls"
    assert settings.database_url == f"sqlite:///{home / 'rightcall.db'}"


def test_the_file_is_read_and_the_environment_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "rightcall.toml").write_text('ear = "vosk"\ntrainee = "Sam"\n')
    monkeypatch.setenv("RIGHTCALL_EAR", "moonshine")
    settings = load()
    assert (settings.ear, settings.trainee) == ("moonshine", "Sam")


def test_what_the_command_line_gives_wins_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_EAR", "moonshine")
    assert load(ear="vosk").ear == "vosk"


def test_folders_of_scripts_are_separated_as_in_a_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    monkeypatch.setenv("RIGHTCALL_SCRIPTS", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    assert load(tmp_path).scripts == (tmp_path / "a", tmp_path / "b", tmp_path / "scripts")


def test_a_wrong_value_names_its_key_and_where_it_came_from(home: Path) -> None:
    (home / "rightcall.toml").write_text("mouth_slots = 99\n")
    with pytest.raises(SettingsError, match=r"mouth_slots: .*rightcall\.toml"):
        load()


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_MAX_DECODE_LAG", "soon")
    with pytest.raises(SettingsError, match=r"max_decode_lag: .*RIGHTCALL_MAX_DECODE_LAG"):
        load()


def test_a_misspelt_key_is_refused_with_those_there_are(home: Path) -> None:
    (home / "rightcall.toml").write_text('eer = "vosk"\n')
    with pytest.raises(SettingsError, match=r"eer: there is no such setting; there are .*ear, ear_model"):
        load()


def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHTCALL_EER", "vosk")
    with pytest.raises(SettingsError, match="RIGHTCALL_EER: there is no such setting"):
        load()


def test_a_file_that_is_no_toml_is_named(home: Path) -> None:
    (home / "rightcall.toml").write_text("ear: vosk")
    with pytest.raises(SettingsError, match=r"rightcall\.toml cannot be read"):
        load()
