"""What an operator sets, from the environment."""

import re
import secrets
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.addresses import AllowedHosts
from domain.prices import Price, prices_of
from persistence.files.store_address import Address, Folder, address_of
from persistence.redis.provider_limits import Limit
from persistence.terms import AiProvider


class Settings(BaseSettings):
    """IGNY8_* variables; `secret_key` signs tokens and encrypts secrets at rest, older keys follow after commas."""

    model_config = SettingsConfigDict(env_prefix="IGNY8_", env_ignore_empty=True, extra="ignore", populate_by_name=True)

    database_url: str | None = None
    redis_url: str | None = None
    data: Path = Path(".igny8")
    blobs_url: str | None = None
    environment: Literal["development", "production"] = "development"
    secret_key: SecretStr | None = None
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    allowed_hosts: str = ""
    trusted_proxies: str = "127.0.0.1"
    database_connections: int = Field(default=16, ge=2, le=500)
    worker_threads: int = Field(default=8, ge=1, le=64)
    metrics_token: SecretStr | None = None
    public_url: str | None = None
    smtp_url: SecretStr | None = None
    mail_from: str = "IGNY8 <igny8@localhost>"
    disk_reserve: int = Field(default=64, ge=0, le=1_000_000_000)
    folders: str = ""
    lookup_seconds: str = "5,30,300"
    query_budget: int = Field(default=20_000, ge=100, le=1_000_000_000)
    ai_base_url: str | None = None
    ai_model: str | None = None
    image_model: str | None = None
    provider_limits: str = ""
    model_prices: str = ""
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    runware_api_key: SecretStr | None = Field(default=None, validation_alias="RUNWARE_API_KEY")

    @model_validator(mode="before")
    @classmethod
    def _split_origins(cls, values: dict[str, object]) -> dict[str, object]:
        origins = values.get("allowed_origins")
        if isinstance(origins, str):
            values = {**values, "allowed_origins": tuple(o.strip() for o in origins.split(",") if o.strip())}
        return values

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return value
        try:
            parts = urlsplit(value.get_secret_value())
            found = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
        except ValueError:  # it would show the URL, with its password
            found = False
        if not found or parts.path not in ("", "/") or parts.query not in ("", "insecure=1") or parts.fragment:
            raise ValueError("must be like smtp://user:password@host:587 or smtps://host, and no more but ?insecure=1")
        return value

    @field_validator("public_url")
    @classmethod
    def _has_no_end(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else None

    @field_validator("ai_base_url", "public_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("blobs_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None:
            address_of(value)
        return value

    @field_validator("provider_limits")
    @classmethod
    def _are_limits(cls, value: str) -> str:
        _limits(value)
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        AllowedHosts.of(value)
        return value

    @field_validator("folders")
    @classmethod
    def _are_folders(cls, value: str) -> str:
        _folders(value)
        return value

    @field_validator("lookup_seconds")
    @classmethod
    def _are_seconds(cls, value: str) -> str:
        _seconds(value)
        return value

    @field_validator("model_prices")
    @classmethod
    def _are_prices(cls, value: str) -> str:
        prices_of(value)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.environment == "production":
            missing = [n for n in ("database_url", "redis_url", "secret_key") if not getattr(self, n)]
            if missing:
                names = ", ".join(f"IGNY8_{n.upper()}" for n in missing)
                raise ValueError(f"production needs {names}")
        if self.secret_key and any(len(s) < 32 for s in self.secrets()):
            raise ValueError("IGNY8_SECRET_KEY needs at least 32 characters")
        return self

    @property
    def reserve(self) -> int:
        """In bytes."""
        return self.disk_reserve * 1_000_000

    @property
    def files(self) -> Address:
        """Where uploads and pictures are kept."""
        return address_of(self.blobs_url) if self.blobs_url else Folder(self.data / "blobs")

    @property
    def limits(self) -> dict[str, Limit]:
        """By provider."""
        return _limits(self.provider_limits)

    @property
    def inside(self) -> AllowedHosts:
        """Hosts that tenants may name though they are not public."""
        return AllowedHosts.of(self.allowed_hosts)

    @property
    def published(self) -> Path:
        """Where pages are published that go to no other folder: one of each integration within its account's."""
        return self.data / "published"

    @property
    def roots(self) -> dict[str, Path]:
        """Folders beside our own in which pages are published, by name."""
        return _folders(self.folders)

    @property
    def lookups(self) -> tuple[float, ...]:
        """How many seconds after something was sent, of which no answer came, it is looked for."""
        return _seconds(self.lookup_seconds)

    @property
    def prices(self) -> dict[str, Price]:
        """By model."""
        return prices_of(self.model_prices)

    @classmethod
    def variables(cls) -> list[str]:
        """The names of all environment variables that are read."""
        fields = cls.model_fields.items()
        return [str(field.validation_alias or f"IGNY8_{name.upper()}") for name, field in fields]

    @property
    def embedded(self) -> bool:
        """Whether a server has to come from the wheels."""
        return not (self.database_url and self.redis_url)

    def secrets(self) -> list[str]:
        """The application's secrets, newest first; outside production one is made in `data` when none is set."""
        if self.secret_key:
            return [secret.strip() for secret in self.secret_key.get_secret_value().split(",")]
        return [_own_secret(self.data / "secret_key")]


def _limits(text: str) -> dict[str, Limit]:
    """`openai=32/500, runware=8`: so many at once, so many a minute; an empty number is no limit."""
    found: dict[str, Limit] = {}
    names = [provider.value.lower() for provider in AiProvider if provider is not AiProvider.OFFLINE]
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(rf"({'|'.join(names)})=(\d{{0,6}})(?:/(\d{{0,6}}))?", part)
        if match is None:
            raise ValueError(
                f"“{part}” is no limit: write {names[0]}=AT_ONCE/PER_MINUTE, such as {names[0]}=32/500, for "
                f"{' or '.join(names)}"
            )
        found[match[1]] = Limit(int(match[2] or 0) or None, int(match[3] or 0) or None)
    return found


def _folders(text: str) -> dict[str, Path]:
    """`blog=/var/www/blog, docs=/srv/docs`: names that tenants choose from, and absolute paths that they never see."""
    found: dict[str, Path] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9_-]{0,62})=(/.*)", part)
        if match is None or match[1] in found:
            raise ValueError(f"“{part}” is no folder of a new name: write blog=/var/www/blog, with an absolute path")
        found[match[1]] = Path(match[2])
    return found


def _seconds(text: str) -> tuple[float, ...]:
    """`5,30,300`: one to six numbers, each above the one before."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    rising = all(one < two for one, two in pairwise(found))
    if not 1 <= len(found) <= 6 or not rising or not 0 < found[0] <= found[-1] <= 3600:
        raise ValueError("write from one to six rising numbers of seconds up to 3600, such as 5,30,300")
    return found


def _own_secret(path: Path) -> str:
    """Two processes may start at once: the one that creates the file decides."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    new.touch(mode=0o600)
    new.write_text(secrets.token_urlsafe(48))
    try:
        path.hardlink_to(new)
    except FileExistsError:
        pass
    finally:
        new.unlink()
    return path.read_text()
