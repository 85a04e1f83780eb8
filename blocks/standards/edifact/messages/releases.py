"""The releases of the directory that our messages are written in: what fits into which element, as data.

Lengths are those of UN/EDIFACT D.96A and D.01B as EANCOM 1997 and EANCOM 2002 use them.
"""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from blocks.errors import WrongUse

ReleaseName = Literal["96A", "01B"]


@dataclass(frozen=True, slots=True)
class Release:
    """Lengths of data elements in one release.

    Attributes:
        name: Release number as in UNH 0054.
        associations: EANCOM's version of each message in this release (UNH 0057).
        gtin: What 7143 calls a GTIN.
        streets: How many lines of 35 characters C059 has.
        region: Width of 3229; in D.01B the name (3228) is used instead.
        account: Width of an account number (3194). The 17 places of D.96A are older than the IBAN; what is in use
            there is the 35 of later releases.
    """

    name: ReleaseName
    associations: MappingProxyType[str, str]
    gtin: str
    streets: int
    region: int
    region_by_name: bool
    party: int
    postcode: int
    text: int
    text_code: int
    code_list: int
    reference: int
    item_text: int
    communication: int
    amount: int
    price: int
    quantity: int
    number: int = 35
    name_width: int = 35
    name_parts: int = 5
    city: int = 35
    contact: int = 35
    account: int = 35
    line_number: int = 6
    percentage: int = 10
    organisations: MappingProxyType[str, str] = field(
        default_factory=lambda: MappingProxyType({"0088": "9", "0060": "16"})
    )

    @property
    def title(self) -> str:
        """Return the name people use, e.g. ``D.96A``."""
        return f"D.{self.name}"


def _versions(**versions: str) -> MappingProxyType[str, str]:
    return MappingProxyType(versions)


D96A = Release(
    name="96A",
    associations=_versions(
        INVOIC="EAN008", ORDERS="EAN008", ORDRSP="EAN005", DESADV="EAN005", INVRPT="EAN004", PRICAT="EAN007",
        SLSRPT="EAN004", APERAK="EAN002", CONTRL="EAN002",
    ),
    gtin="EN", streets=3, region=9, region_by_name=False, party=17, postcode=9, text=70, text_code=3, code_list=3,
    reference=35, item_text=35, communication=25, amount=18, price=15, quantity=15,
)  # fmt: skip
D01B = Release(
    name="01B",
    associations=_versions(
        INVOIC="EAN010", ORDERS="EAN010", ORDRSP="EAN009", DESADV="EAN007", INVRPT="EAN006", PRICAT="EAN009",
        SLSRPT="EAN006", APERAK="EAN004", CONTRL="EAN002",
    ),
    gtin="SRV", streets=4, region=35, region_by_name=True, party=35, postcode=17, text=512, text_code=17, code_list=17,
    reference=70, item_text=256, communication=512, amount=35, price=15, quantity=35,
)  # fmt: skip

RELEASES: MappingProxyType[str, Release] = MappingProxyType({"96A": D96A, "01B": D01B})


def release_named(name: str) -> Release:
    """Return a release by its number.

    Raises:
        WrongUse: It is not one we write; the text names those that are.
    """
    try:
        return RELEASES[name.removeprefix("D.").removeprefix("D")]
    except KeyError:
        message = f"The release {name!r} is not written here; choose one of {', '.join(RELEASES)}."
        raise WrongUse(message) from None
