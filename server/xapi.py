"""Results as statements of the Experience API, version 1.0.3: pure shapes, nothing is sent here.

Shapes: the specification's part two, sections 2.3 (voiding), 2.4 (statements) and 4.6 (ISO 8601 durations). What is
sent of a person is the account's name alone. A call that ended is *completed*, without success or score; the mark of
record follows as *passed* or *failed* and refers to it. Another mark of record voids the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import JsonValue

from server.records import CallRecord

VERSION = "1.0.3"
VERBS = {name: f"http://adlnet.gov/expapi/verbs/{name}" for name in ("completed", "passed", "failed", "voided")}
SIMULATION = "http://adlnet.gov/expapi/activities/simulation"
LANGUAGE = "en-GB"

About = Literal["completed", "review", "dispute", "void review", "void dispute"]
Statement = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of record: whose, when, and what the rules had given."""

    about: Literal["review", "dispute"]
    score: float
    outcome: str
    assessor: str
    at: datetime
    rule_score: float | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes the statements. `home` is the IRL that the names of accounts belong to."""

    home: str

    def statement_id(self, call_id: str, about: About) -> UUID:
        """Always the same for the same thing: sending it twice does no harm."""
        return uuid5(NAMESPACE_URL, f"{self.home}/calls/{call_id}#{about.replace(' ', '-')}")

    def completed(self, call: CallRecord) -> Statement:
        """That a trainee took the call to its end."""
        return {
            **self._head(call.call_id, "completed", "completed", call.ended or call.started),
            "actor": self._agent(call.trainee),
            "object": self._activity(call),
            "result": {"completion": True, "duration": duration(call.seconds or 0.0)},
            "context": self._context(call),
        }

    def marked(self, call: CallRecord, mark: Mark) -> Statement:
        """The mark of record of a call that is told as completed."""
        passed = mark.outcome == "passed"
        result: dict[str, JsonValue] = {
            "success": passed,
            "score": {"scaled": round(mark.score / 100, 4), "raw": mark.score, "min": 0, "max": 100},
        }
        if mark.rule_score is not None:
            result["extensions"] = {f"{self.home}/xapi/rule-score": mark.rule_score}
        return {
            **self._head(call.call_id, mark.about, "passed" if passed else "failed", mark.at),
            "actor": self._agent(call.trainee),
            "object": self._activity(call),
            "result": result,
            "context": {
                **self._context(call),
                "instructor": self._agent(mark.assessor),
                "statement": self._reference(call.call_id, "completed"),
            },
        }

    def voided(self, call_id: str, mark: Literal["review", "dispute"], who: str, at: datetime) -> Statement:
        """That the mark sent before is no longer the record."""
        return {
            **self._head(call_id, "void review" if mark == "review" else "void dispute", "voided", at),
            "actor": self._agent(who),
            "object": self._reference(call_id, mark),
        }

    def _head(self, call_id: str, about: About, verb: str, at: datetime) -> Statement:
        display: JsonValue = {LANGUAGE: verb}
        return {
            "id": str(self.statement_id(call_id, about)),
            "verb": {"id": VERBS[verb], "display": display},
            "timestamp": (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat(timespec="milliseconds"),
        }

    def _reference(self, call_id: str, about: About) -> JsonValue:
        return {"objectType": "StatementRef", "id": str(self.statement_id(call_id, about))}

    def _agent(self, name: str) -> JsonValue:
        return {"objectType": "Agent", "account": {"homePage": self.home, "name": name}}

    def _activity(self, call: CallRecord) -> JsonValue:
        definition: JsonValue = {"type": SIMULATION, "name": {LANGUAGE: call.title}}
        return {"objectType": "Activity", "id": f"{self.home}/xapi/calls/{call.script_id}", "definition": definition}

    def _context(self, call: CallRecord) -> dict[str, JsonValue]:
        return {
            "registration": str(uuid5(NAMESPACE_URL, f"{self.home}/calls/{call.call_id}")),
            "platform": "Right Call",
            "revision": str(call.script_version),
            "language": LANGUAGE,
        }


def duration(seconds: float) -> str:
    """`PT1M33.5S`, to a hundredth as the specification has it."""
    minutes, rest = divmod(round(max(0.0, seconds), 2), 60)
    return f"PT{int(minutes)}M{round(rest, 2):g}S" if minutes else f"PT{round(rest, 2):g}S"
