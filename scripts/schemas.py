"""The published JSON Schemas of scripts and rehearsals, so that an editor completes and checks the TOML.

The files `script.schema.json` and `rehearsal.schema.json` beside this one are made from the models by

    python -m scripts.schemas script > scripts/script.schema.json
    python -m scripts.schemas rehearsal > scripts/rehearsal.schema.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from scripts.rehearsal import Rehearsal
from scripts.script import Script

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, JsonValue]


def script_schema() -> Schema:
    """The shape of a script's file. Its id is the name of the file, so no key gives it."""
    schema = _published(Script.model_json_schema(), "Script")
    properties, required = schema["properties"], schema["required"]
    if isinstance(properties, dict) and isinstance(required, list):
        del properties["id"]
        required.remove("id")
    return schema


def rehearsal_schema() -> Schema:
    """The shape of a rehearsal's file. A turn may be a plain sentence."""
    schema = _published(Rehearsal.model_json_schema(), "Rehearsal")
    parts = schema["$defs"]
    if isinstance(parts, dict):
        parts["TrainedTurn"] = {"anyOf": [{"type": "string"}, parts["TrainedTurn"]]}
    return schema


SCHEMAS: Mapping[str, Callable[[], Schema]] = {"script": script_schema, "rehearsal": rehearsal_schema}


def text(name: str) -> str:
    """The schema of that name as its file has it. Raises KeyError."""
    return json.dumps(SCHEMAS[name](), ensure_ascii=False, indent=1) + "\n"


def _published(schema: Schema, title: str) -> Schema:
    return {"$schema": DIALECT, **schema, "title": f"Right Call: {title.lower()}"}


if __name__ == "__main__":
    sys.stdout.write(text(sys.argv[1]))
