"""Every setting, typed: from HRWATCH_* environment variables, then one optional TOML file, then the defaults here.

Reads the environment so that nothing else does. Does not know Scrapy's names (settings.py) nor any source's facts.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from crawler.errors import ConfigError

# feeds.example.org, *.example.org, archive
_HOST_NAME = re.compile(r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


class Config(BaseSettings):
    """The settings of one process. Units stand in the names; sizes are bytes, `_s` is seconds."""

    model_config = SettingsConfigDict(
        env_prefix="HRWATCH_", frozen=True, extra="forbid", env_ignore_empty=True, allow_inf_nan=False
    )

    data: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("hrwatch", appauthor=False)),
        description="The archive, its WARC files and the feeds live here.",
    )
    database_url: str | None = Field(
        default=None,
        repr=False,  # holds a password
        description="PostgreSQL database of the archive (postgresql://…) instead of a SQLite file among the data.",
    )
    lang: str = Field("zh", description="Language of tables, errors, feeds and web pages: zh or en.")
    sources: tuple[Path, ...] = Field((), description="Folders of source files that replace the shipped registry.")
    taxonomy: Path | None = Field(
        default=None, description="Folder of data files (regions, zones, words) that stand in for the shipped ones."
    )
    base_url: str = Field(
        "http://127.0.0.1:8080",
        description="Where subscribers reach the feeds; written into feeds as their own address.",
    )
    host: str = Field("127.0.0.1", description="Address the web side listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port the web side listens on.")
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Further host names that the web side answers to; *.example.org: all below; *: any."
    )
    contact: str | None = Field(default=None, description="Contact in the user agent: a URL or a mail address.")
    delay_s: float = Field(2.0, gt=0, description="Pause between two requests to one host; a source may ask for more.")
    timeout_s: float = Field(30.0, gt=0, description="How long one request may take.")
    max_page_bytes: int = Field(8 * 2**20, gt=0, description="Answers larger than this are refused.")
    max_redirects: int = Field(5, ge=0, description="Redirects followed for one request.")
    max_rows: int = Field(2000, gt=0, description="Rows read from one list; the rest is left and said.")
    browser: str | None = Field(
        default=None, description="Chromium's program, for sources with browser = true; else found on the PATH."
    )
    browser_timeout_s: float = Field(
        60.0, gt=0, description="How long the scripts of one page may take, what they ask for included."
    )
    poll_timeout_s: float = Field(1800.0, gt=0, description="How long one poll of one source may take in all.")
    poll_floor_min: int = Field(
        10, ge=1, le=24 * 60, description="Minutes between two polls of a source at the least, however lively it is."
    )
    poll_ceiling_min: int = Field(
        24 * 60, ge=5, le=31 * 24 * 60, description="Minutes between two polls of a source at the most, however silent."
    )
    host_requests_per_day: int = Field(
        24 * 60, ge=1, description="Requests a day, for lists and articles, that sources of one host may make together."
    )
    lease_ttl_s: float = Field(60.0, ge=5, description="How long a host's lease lasts without a heartbeat.")
    concurrent_hosts: int = Field(16, ge=1, description="Hosts asked at the same time.")
    robots_ttl_s: float = Field(24 * 3600.0, ge=0, description="How long an answer to robots.txt is believed.")
    allow_private: tuple[str, ...] = Field(
        (), description="Address ranges (CIDR) that may be reached although they are private or loopback."
    )
    resolve: dict[str, str] = Field(
        default_factory=dict, description="Host names given an address by hand, as {host: address}."
    )
    feeds: Path | None = Field(default=None, description="TOML file of custom feeds: queries with a name.")
    feed_length: int = Field(
        100, ge=100, le=1000, description="Entries in a feed's document; older ones are in its archive pages."
    )
    feed_opening: int = Field(50, ge=1, le=1000, description="Newest stories, of any date, that a new feed opens with.")
    feed_max_age_days: int = Field(
        30, ge=0, description="A story older than this when it comes in does not enter a feed that is open."
    )
    feed_per_source: int = Field(
        20, ge=0, description="Stories of one source's first crawl and backfills that enter a feed that is open."
    )
    websub_hub: str | None = Field(
        default=None, description="WebSub hub that the feeds name, and that is told when they change."
    )
    notify: Path | None = Field(
        default=None, description="TOML file of notifications: who is told of which stories, and when."
    )
    log: Literal["text", "json"] = Field(
        "text", description="The log on standard error: text, or json: one object a line."
    )
    warc: bool = Field(True, description="Keep what was fetched as WARC files.")
    warc_max_bytes: int = Field(2**30, gt=0, description="A WARC file larger than this is closed and a new one begun.")
    keep_pages_days: int | None = Field(
        default=None, ge=1, description="Days that the bytes of fetched pages are kept; not set: for ever."
    )
    keep_irrelevant_pages_days: int | None = Field(
        default=None, ge=1, description="The same for pages that no relevant item was read from, and for lists."
    )

    @field_validator("websub_hub")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not value.isascii():
                raise ValueError(f"{value}: not the address of a hub, such as https://hub.example/")
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _are_host_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name != "*" and not _HOST_NAME.fullmatch(name):
                raise ValueError(f"{name}: not a host name, such as feeds.example.org or *.example.org; without a port")
        return tuple(name.lower() for name in value)

    @field_validator("taxonomy")
    @classmethod
    def _is_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"{value}: no such folder")
        return value

    @field_validator("allow_private")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network)
        return value

    @field_validator("resolve")
    @classmethod
    def _are_addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for address in value.values():
            ipaddress.ip_address(address)
        return {host.lower(): address for host, address in value.items()}

    @property
    def database(self) -> Path:
        """The archive's SQLite file."""
        return self.data / "hrwatch.sqlite3"

    @property
    def has_archive(self) -> bool:
        """False where nothing was ever kept yet; a server can only tell when it is asked."""
        return self.database_url is not None or self.database.exists()

    @property
    def feeds_dir(self) -> Path:
        """Folder of the published feeds."""
        return self.data / "feeds"

    @property
    def warc_dir(self) -> Path:
        """Folder of the WARC files."""
        return self.data / "warc"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=_ConfigFile().config)


class _ConfigFile(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HRWATCH_", extra="ignore", env_ignore_empty=True)

    config: Path | None = Field(default=None, validation_alias=AliasChoices("HRWATCH_CONFIG"))


def load_config(**given: Any) -> Config:
    """Return the settings; `given` (command-line options) come first, and None means not given.

    Raises ConfigError naming the setting. HRWATCH_CONFIG names the optional TOML file.
    """
    file = _ConfigFile().config
    if file is not None and not file.is_file():
        raise ConfigError(f"HRWATCH_CONFIG: {file}: no such file")
    try:
        return Config(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        raise ConfigError(f"settings: {faults}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"HRWATCH_CONFIG: {file}: {error}") from error
    except (SettingsError, OSError, ValueError) as error:
        raise ConfigError(f"settings: {error}") from error
