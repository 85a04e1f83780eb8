"""What the local stack says about itself: addresses and ports, in `stack.json`, for its owner's eyes only."""

from pathlib import Path

from pydantic import BaseModel, Field

from deployments.stack.private_files import read_private, write_private


class Part(BaseModel):
    """One component as it was started: process id and address are hints, the process table is the truth."""

    name: str
    pid: int | None = None
    address: str = ""


class Stack(BaseModel):
    """Addresses of a local stack; whoever registers deployments and connections reads them here."""

    home: Path
    database_urls: dict[str, str] = Field(default_factory=dict, description="Application database, by role.")
    own_database: str | None = Field(default=None, description="The database that SOMS_DATABASE_URL named.")
    prefect_api_url: str = ""
    ui_url: str = ""
    shop_url: str | None = Field(default=None, description="The sandbox shop.")
    erp_url: str | None = Field(default=None, description="The sandbox ERP as SOMS calls it: through the fault proxy.")
    erp_direct_url: str | None = Field(default=None, description="The sandbox ERP itself, for counting what is there.")
    smtp_port: int | None = None
    manufacturer_url: str | None = Field(default=None, description="The sandbox manufacturer: API, site and files.")
    mail_store: Path | None = Field(default=None, description="Where the sandbox keeps the mails it got.")
    applied: str = Field(default="", description="Fingerprint of the code whose deployments were applied.")
    parts: list[Part] = Field(default_factory=list)

    def save(self) -> None:
        """Write `stack.json` with mode 0600, whole or not at all."""
        write_private(path_of(self.home), self.model_dump(mode="json"))


def path_of(home: Path) -> Path:
    """Return where the stack of this home writes about itself."""
    return home / "stack.json"


def load(home: Path) -> Stack | None:
    """Return what the stack of this home wrote; None when it is down."""
    content = read_private(path_of(home))
    return Stack.model_validate(content) if content else None
