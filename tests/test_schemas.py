"""The published schemas of scripts and rehearsals say what the models say, and fit every file that there is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from scripts import schemas
from scripts.shelf import OWN_CALLS
from server.new_script import TEMPLATE

FOLDER = Path(schemas.__file__).parent
CALLS = sorted(OWN_CALLS.glob("*.toml"))
REHEARSALS = sorted((FOLDER / "rehearsals").glob("*.toml"))


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_a_published_schema_is_current(name: str) -> None:
    published = (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    assert published == schemas.text(name), f"run: python -m scripts.schemas {name} > scripts/{name}.schema.json"


@pytest.mark.parametrize("name", schemas.SCHEMAS)
def test_a_published_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.SCHEMAS[name]())


def test_every_script_and_rehearsal_fits_its_schema() -> None:
    for name, paths in (("script", CALLS), ("rehearsal", REHEARSALS)):
        validator = jsonschema.Draft202012Validator(schemas.SCHEMAS[name]())
        for path in [*paths, TEMPLATE / f"{name}.toml"]:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            assert [error.message for error in validator.iter_errors(data)] == [], path.name


def test_a_misspelt_key_and_an_unknown_topic_do_not_fit() -> None:
    data = tomllib.loads((TEMPLATE / "script.toml").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schemas.script_schema())
    assert not validator.is_valid({**data, "tittle": "x"})
    data["facts"][0]["topic"] = "weather"
    assert not validator.is_valid(data)


def test_every_key_of_a_script_is_explained_in_the_editor() -> None:
    schema = json.loads(schemas.text("script"))
    parts = {
        "Script": schema,
        **{name: schema["$defs"][name] for name in ("Caller", "Fact", "Needs", "TimelineEvent")},
    }
    plain = {"sex", "accent"}  # their names say it all
    for name, part in parts.items():
        unexplained = {key for key, value in part["properties"].items() if not {"description", "$ref"} & value.keys()}
        assert unexplained <= plain, name


def test_the_template_points_editors_at_the_schemas_that_come_with_it() -> None:
    first = [(TEMPLATE / f"{name}.toml").read_text(encoding="utf-8").splitlines()[0] for name in schemas.SCHEMAS]
    assert first == ["#:schema ./script.schema.json", "#:schema ../rehearsal.schema.json"]
