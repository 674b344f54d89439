"""Who may not yet know what others found in a call: one place that every page asks which shows verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.calibration import Calibrations
from server.review_records import ReviewRecords

if TYPE_CHECKING:
    from server.access import Visitor
    from server.records import CallRecord
    from server.web_base import Web


def blind_place(web: Web, record: CallRecord, visitor: Visitor) -> str | None:
    """Where that visitor has to mark the call before they may see its verdicts; None where nothing is hidden."""
    if not visitor.roles & {"assessor", "trainer"}:
        return None
    session = Calibrations(web.records).hidden_from(visitor.name).get(record.call_id)
    if session is not None:
        return f"/calibrations/{session}/calls/{record.call_id}"
    if "assessor" in visitor.roles and ReviewRecords(web.records).is_blind(record, visitor.name):
        return f"/review/{record.call_id}"
    return None


def hidden_calls(web: Web, visitor: Visitor) -> frozenset[str]:
    """The calls whose marks no list may show that visitor: to be marked blind in a calibration."""
    if not visitor.roles & {"assessor", "trainer"}:
        return frozenset()
    return frozenset(Calibrations(web.records).hidden_from(visitor.name))
