"""Where a mapping profile is found: in a file, among those activated, among those SOMS brings along."""

from dataclasses import dataclass
from pathlib import Path

from blocks.database import rulebooks
from blocks.database.engine import Connection, Database
from blocks.errors import WrongUse
from blocks.settings import settings
from blocks.standards.mapping_profiles import all_shipped_profiles, load_any_profile
from blocks.standards.order_files.file_form import LONGEST_PROFILE
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.shipped import KIND
from blocks.standards.stock_files.profile import StockProfile

MOST_OF_A_SAMPLE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Known:
    """A profile that can be named: version 0 is what SOMS brings along."""

    name: str
    version: int
    about: str


def text_in(file: Path) -> str:
    """Return the text of a profile's file.

    Raises:
        WrongUse: It cannot be read, or is no UTF-8 text of a profile's size.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LONGEST_PROFILE * 4 + 1)
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{file} cannot be read as UTF-8 text.") from error


def sample_in(file: Path) -> bytes:
    """Return the bytes of a sample file.

    Raises:
        WrongUse: It cannot be read, or is larger than any sample need be.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_OF_A_SAMPLE + 1)
    except OSError as error:
        raise WrongUse(f"{file} cannot be read: {error.strerror or 'no such file'}.") from error
    if len(content) > MOST_OF_A_SAMPLE:
        raise WrongUse(f"{file} is larger than {MOST_OF_A_SAMPLE // 1024 // 1024} MB: take a part of it as a sample.")
    return content


def profile_named(name: str) -> Profile | StockProfile:
    """Return the profile of a file (its path), or else the one in force under a name.

    Raises:
        WrongUse: There is none, or it cannot be used.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return load_any_profile(text_in(Path(name)))
    text, version = content_of(name)
    return load_any_profile(text, name=name, version=version)


def content_of(name: str, version: int | None = None) -> tuple[str, int]:
    """Return a profile's YAML and version: the one in force, or the version asked for.

    Raises:
        WrongUse: There is none of this name and version.
    """
    with_database = bool(settings().database_url or settings().stack())
    if with_database and version != 0:
        with Database.current().connect() as connection:
            if version is None:
                found = rulebooks.in_force(connection, kind=KIND, name=name)
            else:
                found = rulebooks.edition(connection, kind=KIND, name=name, version=version)
        if found:
            return found.content, found.version
    shipped = all_shipped_profiles()
    if name not in shipped or version:
        numbered = f" in version {version}" if version else ""
        raise WrongUse(f"There is no profile '{name}'{numbered}; `soms profiles list` shows those there are.")
    return shipped[name], 0


def known_profiles(connection: Connection | None) -> list[Known]:
    """Return every profile by name, in the version in force."""
    rows = (
        connection.execute(
            "SELECT DISTINCT ON (name) name, version, content FROM rulebook"
            " WHERE kind = %s ORDER BY name, version DESC",
            (KIND,),
        ).fetchall()
        if connection
        else []
    )
    activated = {row["name"]: (row["version"], row["content"]) for row in rows}
    found = {name: (0, text) for name, text in all_shipped_profiles().items()} | activated
    return [Known(name, version, _about(name, text)) for name, (version, text) in sorted(found.items())]


def _about(name: str, text: str) -> str:
    try:
        return load_any_profile(text, name=name).about
    except WrongUse as error:
        return f"Cannot be used any more: {error}"
