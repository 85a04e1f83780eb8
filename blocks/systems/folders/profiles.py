"""Finds mapping profiles: the version that was activated, or the one SOMS brings along (version 0)."""

from importlib.resources import files
from typing import TYPE_CHECKING

from blocks.database import rulebooks
from blocks.errors import Refused
from blocks.standards.order_files.profile import Profile, load_profile

if TYPE_CHECKING:
    from blocks.database.engine import Database

KIND = "mapping_profile"


class Profiles:
    """The profiles of one database, each read once."""

    def __init__(self, database: "Database") -> None:
        """Read nothing yet."""
        self._database = database
        self._known: dict[tuple[str, int], Profile] = {}

    def in_force(self, name: str) -> Profile:
        """Return the profile that is in force under a name.

        Raises:
            Refused: There is none.
        """
        with self._database.connect() as connection:
            edition = rulebooks.in_force(connection, kind=KIND, name=name)
        return self._kept(name, edition.version, edition.content) if edition else self.version(name, 0)

    def version(self, name: str, version: int) -> Profile:
        """Return one version of a profile, as it stood when a file was read by it.

        Raises:
            Refused: There is no such version.
        """
        if (name, version) in self._known:
            return self._known[name, version]
        if version == 0:
            return self._kept(name, 0, _shipped(name))
        with self._database.connect() as connection:
            edition = rulebooks.edition(connection, kind=KIND, name=name, version=version)
        if edition is None:
            raise Refused(f"There is no version {version} of the mapping profile '{name}' in this database.")
        return self._kept(name, version, edition.content)

    def _kept(self, name: str, version: int, text: str) -> Profile:
        if (name, version) not in self._known:
            self._known[name, version] = load_profile(text, name=name, version=version)
        return self._known[name, version]


def _shipped(name: str) -> str:
    folder = files("blocks.standards.order_files") / "profiles"
    place = next((each for each in folder.iterdir() if each.name == f"{name}.yaml"), None)
    if place is None:
        raise Refused(
            f"There is no mapping profile '{name}': activate one under this name, or correct the folder's connection."
        )
    return place.read_text(encoding="utf-8")
