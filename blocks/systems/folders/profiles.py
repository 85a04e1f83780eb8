"""Finds mapping profiles: the version that was activated, or the one SOMS brings along (version 0)."""

from importlib.resources import files
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from blocks.database import rulebooks
from blocks.errors import Refused, WrongUse

if TYPE_CHECKING:
    from blocks.database.engine import Database

KIND = "mapping_profile"
Form = TypeVar("Form")
Form_co = TypeVar("Form_co", covariant=True)


class Load(Protocol[Form_co]):
    """Makes a profile of its YAML. Raises WrongUse when it is none of this kind."""

    def __call__(self, text: str, *, name: str | None = None, version: int = 0) -> Form_co:
        """Return the profile that a text states, under a name and version."""


class Profiles(Generic[Form]):
    """The profiles of one database, each read once.

    Args:
        database: Where they were activated.
        load: Makes a profile of its YAML.
        brought: The package whose folder ``profiles`` holds those that SOMS brings along.
    """

    def __init__(self, database: "Database", load: Load[Form], brought: str) -> None:
        """Read nothing yet."""
        self._database, self._load, self._brought = database, load, brought
        self._known: dict[tuple[str, int], Form] = {}

    def in_force(self, name: str) -> Form:
        """Return the profile that is in force under a name.

        Raises:
            Refused: There is none, or it is of another kind.
        """
        with self._database.connect() as connection:
            edition = rulebooks.in_force(connection, kind=KIND, name=name)
        return self._kept(name, edition.version, edition.content) if edition else self.version(name, 0)

    def version(self, name: str, version: int) -> Form:
        """Return one version of a profile, as it stood when a file was read by it.

        Raises:
            Refused: There is no such version, or it is of another kind.
        """
        if (name, version) in self._known:
            return self._known[name, version]
        if version == 0:
            return self._kept(name, 0, self._shipped(name))
        with self._database.connect() as connection:
            edition = rulebooks.edition(connection, kind=KIND, name=name, version=version)
        if edition is None:
            raise Refused(f"There is no version {version} of the mapping profile '{name}' in this database.")
        return self._kept(name, version, edition.content)

    def _kept(self, name: str, version: int, text: str) -> Form:
        if (name, version) not in self._known:
            try:
                self._known[name, version] = self._load(text, name=name, version=version)
            except WrongUse as error:
                raise Refused(f"The mapping profile '{name}' cannot be used for this folder. {error}") from error
        return self._known[name, version]

    def _shipped(self, name: str) -> str:
        folder = files(self._brought) / "profiles"
        place = next((each for each in folder.iterdir() if each.name == f"{name}.yaml"), None)
        if place is None:
            raise Refused(
                f"There is no mapping profile '{name}': activate one under this name, or correct the folder's"
                " connection."
            )
        return place.read_text(encoding="utf-8")
