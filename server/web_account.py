"""Pages of coming in: practise or set up, sign in and out, one's own password, and everybody's accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from server.accounts import ROLES, SHORTEST_PASSWORD, AccountError
from server.web_base import COOKIE, Asked, keep_session, local, pages_router

Text = Annotated[str, Form(max_length=300)]
Words = Annotated[list[str], Form(default_factory=list, max_length=10)]


def router() -> APIRouter:
    """The routes of this module."""
    routes = pages_router()
    routes.get("/welcome")(welcome)
    routes.post("/practise")(practise)
    routes.get("/setup")(setup)
    routes.post("/setup")(set_up)
    routes.get("/sign-in")(sign_in)
    routes.post("/sign-in")(signed_in)
    routes.post("/sign-out")(sign_out)
    routes.get("/account")(account)
    routes.post("/account/password")(change_password)
    routes.get("/accounts")(all_accounts)
    routes.post("/accounts")(add_account)
    routes.post("/accounts/{name}")(change_account)
    return routes


def welcome(asked: Asked, request: Request, next: str = "/") -> Response:  # noqa: A002 - the query's name
    if asked.web.accounts.exist():
        return RedirectResponse("/sign-in", 303)
    return asked.web.page(asked, "welcome.html", local=local(request), next=_inside(next))


def practise(asked: Asked, request: Request, next: Text = "/") -> Response:  # noqa: A002
    """Without accounts, whoever sits at this machine may practise."""
    if asked.web.accounts.exist() or not local(request):
        raise HTTPException(403, "Practising without an account is for this machine alone: sign in")
    return keep_session(RedirectResponse(_inside(next), 303), request, asked.web.accounts.open_session(None))


def setup(asked: Asked, request: Request) -> Response:
    _check_new(asked, request)
    return asked.web.page(asked, "setup.html", error="", name="", full_name="", shortest=SHORTEST_PASSWORD)


def set_up(asked: Asked, request: Request, name: Text, full_name: Text, password: Text) -> Response:
    """The first account, which may do everything."""
    _check_new(asked, request)
    accounts = asked.web.accounts
    try:
        made = accounts.add(name, full_name, password, ROLES)
    except AccountError as error:
        return asked.web.page(
            asked, "setup.html", status=422, error=str(error), name=name, full_name=full_name,
            shortest=SHORTEST_PASSWORD,
        )  # fmt: skip
    accounts.note(made.name, "set up the site")
    return keep_session(RedirectResponse("/", 303), request, accounts.open_session(made))


def _check_new(asked: Asked, request: Request) -> None:
    if asked.web.accounts.exist() or not local(request):
        raise HTTPException(403, "This site has been set up: ask an administrator for an account")


def sign_in(asked: Asked, next: str = "/") -> Response:  # noqa: A002 - the query's name
    return asked.web.page(asked, "sign_in.html", error="", name="", next=_inside(next))


def signed_in(asked: Asked, request: Request, name: Text, password: Text, next: Text = "/") -> Response:  # noqa: A002
    accounts = asked.web.accounts
    try:
        account = accounts.check(name, password)
    except AccountError as error:
        accounts.note(name, "failed to sign in")
        return asked.web.page(
            asked, "sign_in.html", status=401, error=str(error), name=name, next=_inside(next)
        )  # fmt: skip
    accounts.note(account.name, "signed in")
    return keep_session(RedirectResponse(_inside(next), 303), request, accounts.open_session(account))


def _inside(path: str) -> str:
    """A path of this site, or the first page: nobody is sent elsewhere by a link to our own door."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and path.isascii() else "/"


def sign_out(asked: Asked) -> Response:
    """End the session and the calls of its pages' sockets with it."""
    if asked.visitor.session:
        asked.web.accounts.close_session(asked.visitor.session.token)
    response = RedirectResponse("/sign-in" if asked.web.accounts.exist() else "/welcome", 303)
    response.delete_cookie(COOKIE)
    response.headers["clear-site-data"] = '"cache"'
    return response


def account(asked: Asked) -> Response:
    return asked.web.page(asked, "account.html", error="", shortest=SHORTEST_PASSWORD)


def change_password(asked: Asked, request: Request, password: Text, new_password: Text) -> Response:
    accounts, name = asked.web.accounts, asked.visitor.name
    try:
        accounts.check(name, password)
        accounts.set_password(name, new_password)
    except AccountError as error:
        return asked.web.page(
            asked, "account.html", status=422, error=str(error), shortest=SHORTEST_PASSWORD
        )  # fmt: skip
    accounts.note(name, "changed the password")
    mine = next(one for one in accounts.all() if one.name == name)
    return keep_session(RedirectResponse("/", 303), request, accounts.open_session(mine))


def all_accounts(asked: Asked) -> Response:
    return _accounts_page(asked)


def _accounts_page(asked: Asked, error: str = "") -> Response:
    return asked.web.page(
        asked, "accounts.html", status=422 if error else 200, error=error, accounts=asked.web.accounts.all(),
        roles=ROLES, shortest=SHORTEST_PASSWORD,
    )  # fmt: skip


def add_account(asked: Asked, name: Text, full_name: Text, password: Text, roles: Words) -> Response:
    try:
        made = asked.web.accounts.add(name, full_name, password, roles)
    except AccountError as error:
        return _accounts_page(asked, str(error))
    asked.web.accounts.note(asked.visitor.name, "made an account", f"{made.name}: {' '.join(sorted(made.roles))}")
    return RedirectResponse("/accounts", 303)


def change_account(
    asked: Asked,
    name: str,
    roles: Words,
    active: Text = "",
    password: Text = "",
) -> Response:
    """Roles, open or closed, and another password where one is given."""
    accounts = asked.web.accounts
    try:
        accounts.change(name, roles=roles, active=bool(active))
        if password:
            accounts.set_password(name, password)
    except AccountError as error:
        return _accounts_page(asked, str(error))
    did = f"{name}: {' '.join(roles)}{', new password' if password else ''}{'' if active else ', closed'}"
    accounts.note(asked.visitor.name, "changed an account", did)
    return RedirectResponse("/accounts", 303)
