"""Tables of what comes after a mark: disputes, calibration, and what is sent to a learning record store."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Float, ForeignKey, Index, Integer, String, Table, Text

from server.schema import tables

CALL = "calls.call_id"

disputes = Table(
    "disputes",
    tables,
    Column("call_id", String(32), ForeignKey(CALL), primary_key=True),
    Column("criterion", String(60), nullable=False),
    Column("title", String(120), nullable=False),
    Column("trainee", String(120), nullable=False),
    Column("asked", DateTime, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("was", String(20), nullable=False),
    Column("assessor", String(60)),
    Column("answered", DateTime, index=True),
    Column("result", String(20)),
    Column("points", Float),
    Column("answer", Text),
    Column("score", Float),
    Column("outcome", String(20)),
)
"""A trainee's one request to look at a verdict again, and an assessor's answer. `score` is what follows from it."""

calibrations = Table(
    "calibrations",
    tables,
    Column("calibration_id", Integer, primary_key=True),
    Column("title", String(120), nullable=False),
    Column("owner", String(60), nullable=False),
    Column("opened", DateTime, nullable=False),
    Column("closed", DateTime),
)
"""Sessions in which several mark the same calls blind, and then compare."""

CALIBRATION = "calibrations.calibration_id"

calibration_calls = Table(
    "calibration_calls",
    tables,
    Column("calibration_id", Integer, ForeignKey(CALIBRATION), primary_key=True),
    Column("call_id", String(32), ForeignKey(CALL), primary_key=True, index=True),
)

calibration_markers = Table(
    "calibration_markers",
    tables,
    Column("calibration_id", Integer, ForeignKey(CALIBRATION), primary_key=True),
    Column("marker", String(60), primary_key=True, index=True),
)

calibration_decisions = Table(
    "calibration_decisions",
    tables,
    Column("decision_id", Integer, primary_key=True),
    Column("calibration_id", Integer, ForeignKey(CALIBRATION), nullable=False),
    Column("call_id", String(32), ForeignKey(CALL), nullable=False),
    Column("marker", String(60), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("criterion", String(60), nullable=False),
    Column("result", String(20), nullable=False),
    Column("points", Float, nullable=False),
    Column("seen", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_calibration_decisions_of", "calibration_id", "call_id", "marker"),
)
"""What each marker pressed, in order; rows are added, never changed."""

calibration_signatures = Table(
    "calibration_signatures",
    tables,
    Column("calibration_id", Integer, ForeignKey(CALIBRATION), primary_key=True),
    Column("call_id", String(32), ForeignKey(CALL), primary_key=True),
    Column("marker", String(60), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("score", Float, nullable=False),
    Column("outcome", String(20), nullable=False),
)

calibration_notes = Table(
    "calibration_notes",
    tables,
    Column("note_id", Integer, primary_key=True),
    Column("calibration_id", Integer, ForeignKey(CALIBRATION), nullable=False),
    Column("call_id", String(32), ForeignKey(CALL), nullable=False),
    Column("criterion", String(60), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("who", String(60), nullable=False),
    Column("result", String(20)),
    Column("text", Text, nullable=False),
    Index("ix_calibration_notes_of", "calibration_id", "call_id"),
)
"""What was said when comparing; with a `result` it is the verdict that was agreed, the last one counting."""

statements = Table(
    "xapi_statements",
    tables,
    Column("statement_id", String(36), primary_key=True),
    Column("call_id", String(32), nullable=False, index=True),
    Column("about", String(60), nullable=False),
    Column("body", Text, nullable=False),
    Column("made", DateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due", DateTime, nullable=False),
    Column("said", Text, nullable=False),
    Column("sent", DateTime),
    Index("ix_xapi_statements_state_made", "state", "made"),
)
"""xAPI statements for the learning record store: waiting, sent or refused, and what the store last said."""
