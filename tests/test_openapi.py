"""Every route behaves as it is described, whatever it is sent: no failures, and no status that nobody was told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err, Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from reviewing import FIRST, OTHER, store_rehearsed
from server.access import RULES
from server.accounts import ROLES
from server.calibration import Calibrations
from server.openapi import describe
from training_room import CALL, PASSWORD, SCRIPT, Room, csrf, room, store_call

if TYPE_CHECKING:
    from schemathesis import APIOperation, BaseSchema, Case

    Operation = APIOperation[Any, Any, Any, Any]
    AnyCase = Case[Any]

ENDLESS = {"GET /board/events": "a stream that ends with the page; tests/test_live_board.py reads it"}
LAST = "POST /sign-out"
EXAMPLES = 3
"""For each operation and each kind of data, fitting and not."""
CHECKS = [
    status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance,
]  # fmt: skip
AWAY = {"POST /phone/calls", "POST /shift"}
"""Without a telephone line and without engines these say 503, as described."""


@dataclass(frozen=True, slots=True)
class Described:
    """A site, its description, and somebody signed in who may do everything."""

    site: Room
    schema: BaseSchema
    headers: dict[str, str]

    def send(self, case: AnyCase, *, real: bool) -> None:
        """One request, and what the description says of its answer; with `real`, about things that there are."""
        for name in case.path_parameters if real else ():
            case.path_parameters[name] = REAL.get(name, case.path_parameters[name])
        checks = CHECKS if case.operation.label in AWAY else [*CHECKS, not_a_server_error]
        case.call_and_validate(
            base_url=self.site.base, headers=self.headers, checks=checks, allow_redirects=False, timeout=30
        )


REAL = {
    "call_id": FIRST, "calibration_id": 1, "name": SCRIPT, "assignment_id": 1, "group_id": 1, "seed": 7, "place": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    with room(tmp_path_factory.mktemp("site"), "trainee", "assessor", "administrator") as site:
        site.web.accounts.add("boss", "Boss", PASSWORD, ROLES)
        store_call(site.web, "boss", CALL)
        for call_id in (FIRST, OTHER):
            store_rehearsed(site.web, "trainee", call_id, role="dangerous", confidence=0.2)
        Calibrations(site.web.records).open("One", "boss", [FIRST], ["boss", "assessor"])
        browser = site.signed_in("boss")
        headers = {
            "cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
            "x-csrf-token": csrf(browser.get("/").text),
        }
        yield Described(site, openapi.from_dict(describe(site.app)), headers)


def test_the_description_has_every_route_of_the_table(described: Described) -> None:
    told = {operation.label for operation in operations(described.schema)}
    assert told == {name for name in RULES if not name.startswith("WEBSOCKET")} | {"GET /health"}


def test_the_description_is_served_to_whoever_is_signed_in_and_fits_its_own_format(described: Described) -> None:
    answer = described.site.signed_in("trainee").get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told == describe(described.site.app)
    assert "HTTPValidationError" not in answer.text, "errors are told as text"
    timeline = told["paths"]["/calls/{call_id}/timeline"]["get"]["responses"]["200"]["content"]["application/json"]
    shown = described.site.signed_in("trainee").get(f"/calls/{FIRST}/timeline").json()
    jsonschema.validate(shown, {**timeline["schema"], "components": told["components"]})
    assert described.site.browser().get("/openapi.json").status_code == 303


def operations(schema: BaseSchema) -> list[Operation]:
    found = list(schema.get_all_operations())
    assert not [one for one in found if isinstance(one, Err)]
    return [one.ok() for one in found if isinstance(one, Ok)]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfitting"])
def test_no_route_fails_or_answers_what_is_not_described(described: Described, mode: GenerationMode) -> None:
    wrong = [
        said
        for operation in operations(described.schema)
        if operation.label not in ENDLESS and operation.label != LAST
        for said in explore(described, operation, mode)
    ]
    assert not wrong, "\n\n".join(wrong)


def explore(described: Described, operation: Operation, mode: GenerationMode) -> list[str]:
    """A few requests, the same each time that this test runs; what is wrong with their answers."""

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def send(case: AnyCase, real: bool) -> None:
        described.send(case, real=real)

    try:
        send()
    except Unsatisfiable:
        return []  # there is nothing that such an operation could be sent wrongly
    except FailureGroup as failures:
        return [f"{operation.label}: {failure} {failure.message}" for failure in failures.exceptions]
    return []


def test_signing_out_is_described_too(described: Described) -> None:
    operation = next(one for one in operations(described.schema) if one.label == LAST)
    assert explore(described, operation, GenerationMode.POSITIVE) == []
