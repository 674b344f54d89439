"""Twilio's side of one call, as its "TwiML" and "Security" pages tell it: signed webhooks, their answers obeyed.

Nothing here uses what the server uses to write and check these.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.line_measures import LineMeasures
from server.line_media import MediaStream
from server.line_network import LineError, Place, Weather
from server.line_person import Person

if TYPE_CHECKING:
    import httpx

WORDS_A_SECOND = 2.8
GATHER_SECONDS = 5.0
"""Without a key, where the instructions name no time: Twilio's own."""
ANSWER_SECONDS = 15.0
"""After which Twilio gives a webhook up."""


def signature(token: str, address: str, fields: Mapping[str, str]) -> str:
    """Twilio's signature: HMAC-SHA1 of the address and the fields by name, in base64 (its "Security" page)."""
    text = address + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True, slots=True)
class Visit:
    """How the call begins: the first webhook, its fields, and the keys for each menu that follows."""

    path: str
    fields: Mapping[str, str]
    keys: Sequence[str]


@dataclass
class TwilioCall:
    """One call; `run` it once. `http` serves many calls: to make one takes longer than a frame."""

    http: httpx.AsyncClient
    place: Place
    sid: str
    visit: Visit
    person: Person
    weather: Weather = field(default_factory=Weather)
    seed: int = 1
    measures: LineMeasures = field(default_factory=LineMeasures)

    def __post_init__(self) -> None:
        self._keys = deque(self.visit.keys)
        self._began = 0.0
        self._hung_up = False
        self._said = ""

    async def run(self) -> LineMeasures:
        """The whole call. Raises LineError where the server cannot be reached or breaks the rules."""
        import httpx

        self._began = time.monotonic()
        try:
            document: ET.Element | None = await self._post(self.visit.path)
            while document is not None and not self._hung_up:
                document = await self._obey(document)
            await self._post("/phone/status", CallStatus="completed")
        except httpx.HTTPError as error:
            raise LineError(f"{self.place.base} does not answer ({error or type(error).__name__})") from error
        self.measures.ended = "the trainee hung up" if self._hung_up else self._said or "the server ended the call"
        return self.measures

    # --- webhooks and what they answer -----------------------------------------------------------------------

    async def _post(self, path: str, **fields: str) -> ET.Element:
        form = {
            "CallSid": self.sid, "AccountSid": self.place.account, "ApiVersion": "2010-04-01",
            "CallStatus": "in-progress", **self.visit.fields, **fields,
        }  # fmt: skip
        signed = signature(self.place.token, f"{self.place.origin}{path}", form)
        began = time.monotonic()
        answer = await self.http.post(f"{self.place.base}{path}", data=form, headers={"X-Twilio-Signature": signed})
        self.measures.webhooks.append(time.monotonic() - began)
        if answer.status_code == 403:
            raise LineError("the server says that the signature is wrong: it has another auth token or public origin")
        if answer.status_code != 200:
            raise LineError(f"{path} was answered with {answer.status_code}: {answer.text[:200]}")
        try:
            return ET.fromstring(answer.text)  # noqa: S314 - the answer of our own server
        except ET.ParseError as error:
            raise LineError(f"{path} was answered with what is no TwiML: {error}") from error

    async def _obey(self, document: ET.Element) -> ET.Element | None:
        """Each verb in order; the next document, or None at the end of the call."""
        for verb in document:
            match verb.tag:
                case "Say":
                    await self._hear_announcement(verb)
                case "Pause":
                    await asyncio.sleep(float(verb.get("length", "1")))
                case "Gather":
                    keys = await self._key_in(verb)
                    if keys or verb.get("actionOnEmptyResult") == "true":
                        return await self._post(self._path(verb.get("action", "")), Digits=keys)
                case "Connect":
                    await self._stream(verb)
                    if self._hung_up:
                        return None
                case "Redirect":
                    return await self._post(self._path(verb.text or ""))
                case "Hangup" | "Reject":
                    return None
                case _:
                    raise LineError(f"the server's instructions hold <{verb.tag}>, which is not played here")
        return None

    def _path(self, address: str) -> str:
        return self.place.here(address).removeprefix(self.place.base)

    async def _hear_announcement(self, verb: ET.Element) -> None:
        self._said = verb.text or ""
        await asyncio.sleep(len(self._said.split()) / WORDS_A_SECOND)

    async def _key_in(self, verb: ET.Element) -> str:
        """The keys that the trainee presses at once, or none when the time is over."""
        if not self._keys:
            said = " ".join(say.text or "" for say in verb.iter("Say"))
            await asyncio.sleep(len(said.split()) / WORDS_A_SECOND + float(verb.get("timeout", GATHER_SECONDS)))
            return ""
        keys = self._keys.popleft()
        if "numDigits" in verb.attrib:
            return keys[: int(verb.attrib["numDigits"])]
        return keys.partition(verb.get("finishOnKey", "#") or "\0")[0]

    # --- the media socket ------------------------------------------------------------------------------------

    async def _stream(self, verb: ET.Element) -> None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException

        stream = verb.find("Stream")
        if stream is None:
            raise LineError("<Connect> without a <Stream>")
        address = stream.get("url", "")
        parameters = {part.get("name", ""): part.get("value", "") for part in stream.iter("Parameter")}
        headers = {"X-Twilio-Signature": signature(self.place.token, address, {})}
        try:
            async with connect(self.place.here(address), additional_headers=headers, compression=None) as socket:
                media = MediaStream(
                    socket, self.sid, self.place.account, self.person, self.measures, self.weather, self.seed
                )
                self._hung_up = await media.run(parameters, self._began)
        except (WebSocketException, OSError) as error:
            raise LineError(f"the media socket failed: {error}") from error
