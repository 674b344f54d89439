"""What the documents say is true: commands, kinds, the guide's own call, licences; and build files stay clean."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import click
import pytest

from scripts.criteria import KINDS
from scripts.shelf import Shelf
from scripts.understanding import as_json, understand
from scripts.vocabulary import TOPICS
from server.cli import COMMANDS, rightcall
from server.proving import problems_of
from server.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LICENCES = (ROOT / "LICENCES.md").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "LICENCES.md", "CHANGELOG.md", "SECURITY.md")
BUILD_FILES = ("constraints.txt", "Makefile", "pyproject.toml", ".ci/run", "tests/system-packages.sh")
TEXTS = sorted(
    path
    for folder in ("audio", "voice", "scripts", "server", "tests", "bench", ".")
    for pattern in ("*.py", "*.md", "*.toml", "*.sh", "Makefile")
    for path in (ROOT / folder).glob(pattern)
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`rightcall {name}" in README


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_no_option_that_a_command_has_not(name: str) -> None:
    command = rightcall.get_command(click.Context(rightcall), name)
    assert isinstance(command, click.Command)
    commands = [command, *command.commands.values()] if isinstance(command, click.Group) else [command]
    known = {option for each in commands for parameter in each.params for option in parameter.opts}
    named = re.findall(rf"`rightcall {name}\b([^`]*)`", README)
    assert set(re.findall(r"--[a-z0-9-]+", " ".join(named))) <= known | {"--help"}


def test_the_readmes_example_is_what_the_command_answers() -> None:
    found = re.search(r'\$ echo "(.*)" \| rightcall understand\n(.*)\n', README)
    assert found is not None
    assert json.dumps(as_json(understand(found[1]))) == found[2]


def test_every_call_that_the_readme_names_is_on_the_shelf() -> None:
    named = re.findall(r"^\| `([a-z-]+)` \|", README.split("## The calls")[1].split("## ")[0], re.MULTILINE)
    assert len(named) >= 8
    assert set(named) <= Shelf().paths().keys()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`RIGHTCALL_{name.upper()}`" in README


@pytest.mark.parametrize("kind", KINDS)
def test_every_criterion_kind_is_explained_to_writers(kind: str) -> None:
    assert f"| `{kind}` |" in CONTRIBUTING


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_named_to_writers(topic: str) -> None:
    assert f"`{topic}`" in CONTRIBUTING


def test_the_call_of_the_guide_is_good_and_its_rehearsal_proves_it(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", CONTRIBUTING, flags=re.DOTALL)
    *script, rehearsal = blocks
    (tmp_path / "rehearsals").mkdir()
    (tmp_path / "stolen-bicycle.toml").write_text("\n".join(script), encoding="utf-8")
    (tmp_path / "rehearsals" / "stolen-bicycle.toml").write_text(rehearsal, encoding="utf-8")
    assert list(map(str, problems_of(tmp_path / "stolen-bicycle.toml"))) == []


def test_every_package_that_is_used_has_its_licence_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[^A-Za-z0-9_.-]", row, maxsplit=1)[0] for row in asked}
    assert {name for name in names if not re.search(rf"\b{re.escape(name)}\b", LICENCES)} == set()


@pytest.mark.parametrize("name", BUILD_FILES)
def test_build_files_name_no_place_to_download_from(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--extra-index|--find-links|@ git", text)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_names_a_place_on_one_machine(path: Path) -> None:
    places = re.compile(
        "|".join(["/" + "work/", "/" + "root/", "/" + r"home/\w", r"C:" + r"\\Users", "/" + "Users/"])
    )
    assert not places.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_documents_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w -]", "", row).strip().lower().replace(" ", "-")
        for row in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors
        elif not target.startswith("http"):
            assert (ROOT / target.partition("#")[0]).exists()
