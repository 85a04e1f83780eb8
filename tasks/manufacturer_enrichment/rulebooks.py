"""The data that a run works by: product schemas, matching rules and golden rules, each in one version."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database import rulebooks
from blocks.documents import golden_rules, product_matching, product_schemas
from blocks.documents.golden_rules import GoldenRules
from blocks.documents.product_matching import MatchingRules
from blocks.documents.product_schemas import Schemas
from tasks.manufacturer_enrichment.understanding import VERSION

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Books:
    """What is in force."""

    schemas: Schemas
    matching: MatchingRules
    golden: GoldenRules

    @property
    def read_by(self) -> str:
        """Return by which versions of reading, schemas and matching bytes are read."""
        return f"{VERSION}.{self.schemas.version}.{self.matching.version}"


def in_force(connection: "Connection") -> Books:
    """Return the rulebooks in force; what SOMS brings along where nobody has activated one."""
    schemas = rulebooks.in_force(connection, kind=product_schemas.KIND, name=product_schemas.NAME)
    matching = rulebooks.in_force(connection, kind=product_matching.KIND, name=product_matching.NAME)
    golden = rulebooks.in_force(connection, kind=golden_rules.KIND, name=golden_rules.NAME)
    return Books(
        product_schemas.load(schemas.content, schemas.version) if schemas else product_schemas.defaults(),
        product_matching.load(matching.content, matching.version) if matching else product_matching.DEFAULTS,
        golden_rules.load(golden.content, golden.version) if golden else golden_rules.DEFAULTS,
    )
