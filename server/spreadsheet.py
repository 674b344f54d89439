"""Comma separated values that a spreadsheet opens as they are meant: letters right, nothing taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"
"""By it Excel knows UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What begins a formula; the wide ones are folded to the narrow by some (OWASP, CSV Injection)."""
AT_ONCE = 200
"""Rows written together."""

DESCRIBED: dict[int | str, dict[str, object]] = {200: {"description": "A table", "content": {"text/csv": {}}}}
"""What a route declares that answers so."""

Cell = str | int | float | None


def lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The table in pieces, for sending as it is made. Text that looks like a formula is led by an apostrophe."""
    text = io.StringIO()
    text.write(MARK)
    writer = csv.writer(text)
    writer.writerow(header)
    for number, row in enumerate(rows):
        writer.writerow([plain(cell) for cell in row])
        if number % AT_ONCE == AT_ONCE - 1:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def plain(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers, to four places."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
    return round(cell, 4) if isinstance(cell, float) else cell
