"""A double of Twilio's REST interface on this machine: the published shapes of requests and of errors.

Paths, parameters and errors are those of the API reference (Calls, IncomingPhoneNumbers, Accounts) and of the error
dictionary. It knows one account with one number; on trial, it rings verified numbers only.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-that-signs"  # noqa: S105 - for the tests alone
NUMBER = "+441632960123"
NUMBER_SID = "PN" + "2" * 32
STATUSES = ("queued", "ringing", "in-progress", "completed")
E164 = re.compile(r"\+[1-9]\d{7,14}")
CALL_PARAMETERS = {
    "To", "From", "Url", "Method", "Timeout", "StatusCallback", "StatusCallbackEvent", "MachineDetection", "AsyncAmd",
    "AsyncAmdStatusCallback",
}  # fmt: skip
NUMBER_PARAMETERS = {
    "VoiceUrl", "VoiceMethod", "VoiceFallbackUrl", "VoiceFallbackMethod", "StatusCallback", "StatusCallbackMethod",
}  # fmt: skip

Fields = dict[str, list[str]]
Answer = tuple[int, dict[str, object]]


@dataclass
class TwilioDouble:
    """What the account is and what was asked of it."""

    verified: set[str] = field(default_factory=set)
    """Numbers that a trial account may ring; empty for a full account."""
    busy: int = 0
    """So many requests are told to wait (429)."""
    hangs: bool = False
    """Whether it never answers."""
    number: dict[str, str] = field(default_factory=dict)
    placed: list[Fields] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)
    _asked: int = 0

    def answer(self, method: str, path: str, fields: Fields, login: str) -> Answer:
        """One request's status and JSON."""
        self.requests.append(f"{method} {path}")
        if login != base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode():
            return error(401, 20003, "Authenticate")
        if self.busy:
            self.busy -= 1
            return error(429, 20429, "Too Many Requests")
        base = f"/2010-04-01/Accounts/{ACCOUNT}"
        if path == f"{base}.json" and method == "GET":
            return 200, {"sid": ACCOUNT, "friendly_name": "Wyrevale training", "status": "active", "type": "Full"}
        if path == f"{base}/Calls.json" and method == "POST":
            return self._place(fields)
        if path.startswith(f"{base}/Calls/CA") and method == "GET":
            self._asked += 1
            return 200, {"sid": path[-39:-5], "status": STATUSES[min(self._asked, len(STATUSES)) - 1]}
        if path == f"{base}/IncomingPhoneNumbers.json" and method == "GET":
            wanted = fields.get("PhoneNumber", [NUMBER])[0]
            found = [self._number()] if wanted == NUMBER else []
            return 200, {"incoming_phone_numbers": found, "page": 0, "page_size": 1, "next_page_uri": None}
        if path == f"{base}/IncomingPhoneNumbers/{NUMBER_SID}.json" and method == "POST":
            assert fields.keys() <= NUMBER_PARAMETERS, fields
            self.number |= {snake(name): value[0] for name, value in fields.items()}
            return 200, self._number()
        return error(404, 20404, f"The requested resource {path} was not found")

    def _number(self) -> dict[str, object]:
        return {"sid": NUMBER_SID, "phone_number": NUMBER, "voice_url": None, "status_callback": "", **self.number}

    def _place(self, fields: Fields) -> Answer:
        assert fields.keys() <= CALL_PARAMETERS, fields
        to, sender = fields["To"][0], fields["From"][0]
        if not E164.fullmatch(to) or to.startswith("+999"):
            return error(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if sender != NUMBER:
            return error(400, 21210, f"The source phone number provided, {sender}, is not yet verified")
        if self.verified and to not in self.verified:
            return error(400, 21219, f"The number {to} is unverified. Trial accounts may only make calls to verified")
        assert fields["Url"][0].startswith("https://")
        self.placed.append(fields)
        return 201, {"sid": f"CA{len(self.placed):032x}", "status": "queued", "to": to, "from": sender}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def error(status: int, code: int, message: str) -> Answer:
    place = f"https://www.twilio.com/docs/errors/{code}"
    return status, {"code": code, "message": message, "more_info": place, "status": status}


@contextmanager
def twilio_double() -> Iterator[TwilioDouble]:
    """The double, on a port of this machine."""
    double = TwilioDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(parse_qs(body))

        def _answer(self, fields: Fields) -> None:
            if double.hangs:
                double.released.wait(60)
                self.close_connection = True
                return
            login = self.headers.get("Authorization", "").removeprefix("Basic ")
            status, told = double.answer(self.command, urlsplit(self.path).path, fields, login)
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
