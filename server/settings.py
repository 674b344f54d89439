"""What a site decides, read once: from the environment (`RIGHTCALL_HOME`), then `rightcall.toml` in the home folder.

The environment wins. A mistake is a SettingsError that names the key, the place it came from and what it takes.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, IPvAnyNetwork, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from scripts.force import DEFAULT_FORCE
from scripts.shelf import NOTED, Shelf
from voice.ear import Engine

PREFIX = "RIGHTCALL_"
TOML = "rightcall.toml"
FEWEST_LETTERS = 24
"""Of a token for programs."""
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
ELSEWHERE = frozenset({"RIGHTCALL_DEBUG", "RIGHTCALL_MODELS_URL"})
"""Variables that others read: the command line and `voice.models`."""


class SettingsError(Exception):
    """A setting that cannot be used; the message has one line for each."""


def default_home() -> Path:
    """The platform's folder for a program's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir("rightcall", appauthor=False))


class Settings(BaseSettings):
    """All settings with their defaults. Make them with `load`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(default_factory=default_home)
    """Where calls, the line cache, models and the database are kept."""
    database: str = ""
    """Any SQLAlchemy URL; empty for SQLite in the home folder."""
    ear: Engine | None = None
    """The recogniser; none to take the best that is installed."""
    ear_model: Path | None = None
    """A Vosk model's folder."""
    language: str = "en"
    scripts: Annotated[tuple[Path, ...], NoDecode, Field(validate_default=True)] = ()
    """Folders with a site's own call scripts, and always the home's `scripts`; in the environment, as in PATH."""
    force: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = DEFAULT_FORCE
    """The force whose grades, pass mark and words are used: a file of the home's `forces`, or the invented one."""
    soften_swearing: bool = False
    """Callers say softer words instead of swearing."""
    hide: Annotated[tuple[str, ...], NoDecode] = ()
    """Calls that are not offered: names, or `noted` for all with a content note; in the environment, with commas."""
    trainee: str = ""
    """Who trains at this desk, for the records."""
    wrap_up: Annotated[float, Field(ge=0, le=900)] = 60
    """Seconds after a call in the browser in which the trainee may finish the incident form; 0 for none."""
    mouth_slots: Annotated[int, Field(ge=1, le=16)] = 2
    """Speech processes; each renders about 100 times faster than it speaks."""
    line_cache_mb: Annotated[int, Field(ge=10)] = 1000
    max_decode_lag: Annotated[float, Field(gt=0)] = 0.3
    """Seconds that recognition may fall behind before new calls are refused."""
    max_calls: Annotated[int, Field(ge=1, le=1000)] = 16
    """Calls that the server holds at once; a further caller hears that the line is busy."""
    review_sample: Annotated[float, Field(ge=0, le=100)] = 2
    """Percent of all marked calls that assessors review whatever their result, drawn at random."""
    review_seed: int = 1
    """What the random sample is drawn from: nobody who takes calls should know it."""
    retention_days: Annotated[int, Field(ge=0, le=36500)] = 0
    """Days after which a call's recording is deleted; its log and its marks stay. 0: recordings are kept."""
    public_origin: str = ""
    """How the telephone network reaches this server: `https://` and a host, as in https://training.example.org."""
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_number: str = ""
    """The training line's own number, with its country: +441632960123."""

    api_token: SecretStr = SecretStr("")
    """With which other programs may have trainees rung; empty for accounts alone."""

    exchange_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Where the control room's exchange connects (AudioSocket); 0 for none."""
    exchange_bind: str = "127.0.0.1"
    """The address that the exchange's port listens on."""
    exchange_allow: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = LOOPBACK
    """Addresses and networks that may connect there; in the environment, separated by commas."""
    exchange_uuids: Literal["any", "pin", "once"] = "any"
    """Calls that are taken from there: all; those whose UUID holds a known PIN; each UUID once."""

    xapi_endpoint: str = ""
    """A learning record store, to which results are sent: https://lrs.example.org/xapi. Empty: nothing is sent."""
    xapi_key: str = ""
    xapi_secret: SecretStr = SecretStr("")
    xapi_home: str = ""
    """The IRL that the trainees' account names belong to, as the store knows them; the endpoint's origin if empty."""
    xapi_since: date | None = None
    """Calls before this day are not sent; by default all that are stored are."""

    @field_validator("xapi_endpoint")
    @classmethod
    def store_is_private(cls, value: str) -> str:
        """Results of people travel encrypted, save on this machine itself."""
        value = value.strip().rstrip("/")
        parts = urlsplit(value)
        if value and not parts.hostname:
            raise ValueError("give the whole address, as in https://lrs.example.org/xapi")
        if value and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("results of people go over https only, as in https://lrs.example.org/xapi")
        return value

    @field_validator("xapi_home")
    @classmethod
    def home_is_an_address(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        if value and not urlsplit(value).scheme:
            raise ValueError("give a whole address, as in https://training.example.org")
        return value

    @field_validator("exchange_allow", mode="before")
    @classmethod
    def networks_with_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("api_token")
    @classmethod
    def token_that_nobody_guesses(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < FEWEST_LETTERS:
            raise ValueError(f"a token has at least {FEWEST_LETTERS} letters, drawn at random")
        return value

    @field_validator("public_origin")
    @classmethod
    def origin_without_slash(cls, value: str) -> str:
        return value.strip().rstrip("/")

    @field_validator("scripts", mode="before")
    @classmethod
    def folders_as_in_path(cls, value: object) -> object:
        return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value

    @field_validator("scripts", mode="after")
    @classmethod
    def with_those_of_the_home(cls, value: tuple[Path, ...], others: ValidationInfo) -> tuple[Path, ...]:
        """What trainers put on the shelf in the browser lies there."""
        home: Path | None = others.data.get("home")
        return value if home is None else tuple(dict.fromkeys((*value, home.expanduser() / "scripts")))

    @field_validator("hide", mode="before")
    @classmethod
    def names_with_commas(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("hide", mode="after")
    @classmethod
    def hides_what_there_is(cls, value: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        """A misspelt name would leave a call on offer that a trainer has switched off."""
        known = {NOTED, *Shelf(others.data.get("scripts", ())).paths()} if value else set()
        for name in value:
            if name not in known:
                raise ValueError(f"there is no call {name!r}; give names from `rightcall scripts`, or {NOTED}")
        return value

    @field_validator("home", "ear_model", mode="after")
    @classmethod
    def home_is_expanded(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's own signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        home = Path(init_settings().get("home") or default_home())
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, home / TOML)

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'rightcall.db'}"

    @property
    def xapi_accounts(self) -> str:
        """The IRL that account names belong to in statements."""
        parts = urlsplit(self.xapi_endpoint)
        return self.xapi_home or f"{parts.scheme}://{parts.netloc}"

    @property
    def uploads_folder(self) -> Path:
        """Where scripts go that are put on the shelf in the browser."""
        return self.home / "scripts"

    @property
    def calls_folder(self) -> Path:
        return self.home / "calls"

    @property
    def lines_folder(self) -> Path:
        return self.home / "lines"

    @property
    def models_folder(self) -> Path:
        return self.home / "models"


def load(home: Path | None = None, *, ear: Engine | None = None) -> Settings:
    """The settings of this machine; what is given here wins. Raises SettingsError."""
    environment = os.environ
    home = Path(home or environment.get(f"{PREFIX}HOME") or default_home()).expanduser()
    path = home / TOML
    _refuse_unknown(environment)
    _readable(path)
    try:
        return Settings(home=home) if ear is None else Settings(home=home, ear=ear)
    except ValidationError as error:
        rows = error.errors(include_url=False)
        raise SettingsError("\n".join(_said(row["loc"], row["msg"], path, environment) for row in rows)) from error


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | ELSEWHERE
    unknown = sorted(key for key in environment if key.upper().startswith(PREFIX) and key.upper() not in known)
    if unknown:
        raise SettingsError(f"{unknown[0]}: there is no such setting; there are {', '.join(sorted(known))}")


def _readable(path: Path) -> None:
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _said(location: tuple[int | str, ...], message: str, path: Path, environment: Mapping[str, str]) -> str:
    key = str(location[0]) if location else "settings"
    variable = f"{PREFIX}{key}".upper()
    source = f"the environment variable {variable}" if variable in environment else f"{path}"
    if message == "Extra inputs are not permitted":
        message = f"there is no such setting; there are {', '.join(sorted(Settings.model_fields))}"
    return f"{key}: {message} (from {source})"
