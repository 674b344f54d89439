"""PINs for the telephone: given to accounts, shown once; and whose calls those of older names are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import RedirectResponse, Response

from server.accounts import SHORTEST_PASSWORD, Account
from server.handing_over import hand_over
from server.pins import PinBook, PinError
from server.web_base import Asked, Asking, Web, pages_router

Text = Annotated[str, Form(max_length=200)]
HOME_CODE = "+44"
"""What a number that begins with 0 is rung with from abroad."""


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/pins")(pins)
    routes.post("/pins")(give)
    routes.post("/pins/number")(set_number)
    routes.post("/pins/remove")(remove)
    routes.post("/pins/belongs")(belongs)
    routes.post("/account/pin")(renew_own)
    return routes


def pins(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asking, error: str = "", given: tuple[str, str] | None = None) -> Response:
    """Everybody's PINs; `given` is a name and the PIN that was just drawn for it, shown this once."""
    web = asked.web
    accounts = _trainees(web)
    with _book(web) as book:
        known = {one.name: one for one in book.trainees()}
    strangers = [one for name, one in known.items() if name not in {account.name for account in web.accounts.all()}]
    return web.page(
        asked, "pins.html", status=422 if error else 200, error=error, given=given, accounts=accounts, known=known,
        strangers=strangers, number=web.settings.twilio_number, names={one.name: one.full_name for one in accounts},
    )  # fmt: skip


def give(asked: Asked, name: Text) -> Response:
    """Draw a PIN for a trainee in place of any before; a number that is known stays."""
    _account(asked.web, name)
    try:
        drawn = _draw(asked.web, name)
    except PinError as error:
        return _page(asked, str(error))
    asked.web.accounts.note(asked.visitor.name, "gave a PIN", name)
    return _page(asked, given=(name, drawn))


def renew_own(asked: Asked) -> Response:
    """Whoever trains may draw a new PIN for themselves."""
    web, name = asked.web, asked.visitor.name
    if "trainee" not in asked.visitor.roles:
        raise HTTPException(403, "Your account may not do this: it takes no calls")
    try:
        drawn, error = _draw(web, name), ""
    except PinError as wrong:
        drawn, error = "", str(wrong)
    if drawn:
        web.accounts.note(name, "gave a PIN", name)
    return web.page(
        asked, "account.html", status=422 if error else 200, error=error, shortest=SHORTEST_PASSWORD, pin=drawn
    )


def _draw(web: Web, name: str) -> str:
    with _book(web) as book:
        before = next((one for one in book.trainees() if one.name == name), None)
        drawn = book.set(name)
        if before is not None and before.number:
            book.set_number(name, before.number)
        return drawn


def set_number(asked: Asked, name: Text, number: Text = "") -> Response:
    """The number from which a trainee is let in without a PIN; empty for none."""
    _account(asked.web, name)
    try:
        with _book(asked.web) as book:
            book.set_number(name, international(number))
    except PinError as error:
        return _page(asked, str(error))
    did = "set a telephone number" if number.strip() else "took a number away"
    asked.web.accounts.note(asked.visitor.name, did, name)
    return RedirectResponse("/pins", 303)


def remove(asked: Asked, name: Text) -> Response:
    with _book(asked.web) as book:
        there = book.remove(name)
    if there:
        asked.web.accounts.note(asked.visitor.name, "took a PIN away", name)
    return RedirectResponse("/pins", 303)


def belongs(asked: Asked, old: Text, name: Text) -> Response:
    """The PIN of an older name is that account's from now on, and the calls that were taken with it too."""
    web = asked.web
    _account(web, name)
    if old in {account.name for account in web.accounts.all()}:
        return _page(asked, f"{old} is an account of its own: its calls stay where they are")
    try:
        with _book(web) as book:
            book.rename(old, name)
    except PinError as error:
        return _page(asked, str(error))
    moved = hand_over(web.records, web.files, old, name)
    web.accounts.note(asked.visitor.name, "gave calls to an account", f"{moved} calls of {old} to {name}")
    return RedirectResponse("/pins", 303)


def international(number: str) -> str | None:
    """A number as one writes it (`07700 900123`) with its country (`+447700900123`); None for nothing."""
    plain = re.sub(r"[\s()\-]", "", number)
    if plain.startswith("00"):
        return f"+{plain[2:]}"
    return f"{HOME_CODE}{plain[1:]}" if plain.startswith("0") else plain or None


def _trainees(web: Web) -> list[Account]:
    return [one for one in web.accounts.all() if one.active and "trainee" in one.roles]


def _account(web: Web, name: str) -> None:
    if name not in {one.name for one in _trainees(web)}:
        raise HTTPException(404, "There is no such trainee")


@contextmanager
def _book(web: Web) -> Iterator[PinBook]:
    book = PinBook(web.settings.database_url, web.settings.home)
    try:
        yield book
    finally:
        book.close()
