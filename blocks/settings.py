"""Where SOMS finds its database, its Prefect server and its home folder: one typed class, read once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks.errors import WrongUse

NO_DATABASE = "No database: start the local stack with `soms up` or set SOMS_DATABASE_URL."


class Settings(BaseSettings):
    """Environment variables and `.env`, with what the running local stack says where they are silent.

    Example:
        >>> settings().require_database_url("soms_audit")  # doctest: +SKIP
        'postgresql://soms_audit:...@127.0.0.1:5433/soms'
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    database_url: SecretStr | None = Field(default=None, validation_alias="SOMS_DATABASE_URL")
    given_home: Path = Field(default=Path(".soms"), validation_alias="SOMS_HOME")
    given_prefect_api_url: str | None = Field(default=None, validation_alias="PREFECT_API_URL")
    given_audit_anchor: Path | None = Field(default=None, validation_alias="SOMS_AUDIT_ANCHOR")

    user: str | None = Field(
        default=None,
        validation_alias="SOMS_USER",
        description="Who works at this terminal, where several people share one account of the operating system.",
    )
    effect_lease: float = Field(
        default=60.0,
        ge=1.0,
        validation_alias="SOMS_EFFECT_LEASE",
        description="Seconds until a dead worker's calls may be looked up and made again; longer than any one call.",
    )

    @property
    def home(self) -> Path:
        """Return the folder of the local stack as an absolute path."""
        return self.given_home.expanduser().absolute()

    @property
    def audit_anchor(self) -> Path:
        """Return the file outside the database that keeps the heads of the audit chain."""
        return (self.given_audit_anchor or self.home / "anchors" / "audit.jsonl").expanduser().absolute()

    @property
    def prefect_api_url(self) -> str | None:
        """Return the address of Prefect's API: the one given, else the local stack's, else None."""
        return self.given_prefect_api_url or self.stack().get("prefect_api_url")

    def stack(self) -> dict[str, Any]:
        """Return what the local stack wrote about itself; empty when there is none."""
        try:
            content = json.loads((self.home / "stack.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def require_database_url(self, role: str = "soms_app") -> str:
        """Return the address of the application's database for one role.

        A database that was given by SOMS_DATABASE_URL and is not the local stack's is used as it is for every role.

        Args:
            role: `soms_app`, `soms_audit` or `soms_owner`.

        Raises:
            WrongUse: No database is configured and no local stack runs.
        """
        stack = self.stack()
        known: dict[str, str] = stack.get("database_urls") or {}
        if self.database_url is None:
            if role not in known:
                raise WrongUse(NO_DATABASE)
            return known[role]
        given = self.database_url.get_secret_value()
        return known.get(role, given) if given in {*known.values(), stack.get("own_database")} else given


@cache
def settings() -> Settings:
    """Return the settings of this process, read once; `settings.cache_clear()` reads them anew.

    Raises:
        WrongUse: A variable has a value that it cannot have.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise WrongUse(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
