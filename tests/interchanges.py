"""EDIFACT interchanges of our own for tests: whole ones of each type, and ways to break them."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal

GUIDES = {
    "ORDERS": ("EAN008", "EAN010"), "ORDRSP": ("EAN005", "EAN009"), "DESADV": ("EAN005", "EAN007"),
    "INVOIC": ("EAN008", "EAN011"), "INVRPT": ("EAN004", "EAN006"), "PRICAT": ("EAN007", "EAN009"),
    "SLSRPT": ("EAN004", "EAN006"),
}  # fmt: skip
BUYER, SUPPLIER, STORE = "4300000000007", "4300000000014", "4300000000021"
CENT = Decimal("0.01")


def gs1(body: str) -> str:
    """Append the check digit."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def gtin(number: int) -> str:
    return gs1(f"4300001{number:05}")


def body(kind: str, lines: int = 3) -> list[str]:
    """Return a message's segments between UNH and UNT, as text."""
    code = {"ORDERS": "220", "ORDRSP": "231", "DESADV": "351", "INVOIC": "380", "INVRPT": "35", "PRICAT": "9",
            "SLSRPT": "73E"}[kind]  # fmt: skip
    head = [f"BGM+{code}+D-4711+9", "DTM+137:20260310:102"]
    parties = [f"NAD+BY+{BUYER}::9", f"NAD+SU+{SUPPLIER}::9++Müller?'s Handel"]
    rest: list[str] = getattr(_Bodies, kind.lower())(parties, lines)
    return head + rest


class _Bodies:
    """What each type has behind BGM and DTM 137."""

    @staticmethod
    def _lines(kind: str, count: int, quantity: str, *, priced: bool, amount: str = "") -> list[str]:
        made = []
        for n in range(1, count + 1):
            each, price = 2 + 3 * n, Decimal("7.25") + n
            made += [f"LIN+{n}+{'5' if kind == 'ORDRSP' else ''}+{gtin(n)}:EN", f"IMD+F++:::Käse ?+ Wurst {n}?: jung"]
            made += [f"QTY+{quantity}:{each}"] if quantity else []
            made += [f"MOA+{amount}:{each * price}"] if amount else []
            made += [f"PRI+AAA:{price}"] if priced else []
            made += ["TAX+7+VAT+++:::19+S"] if kind == "INVOIC" else []
        return made

    @classmethod
    def orders(cls, parties: list[str], lines: int) -> list[str]:
        made = ["DTM+2:20260315:102", *parties, f"NAD+DP+{STORE}::9", "CUX+2:EUR:9"]
        return [*made, *cls._lines("ORDERS", lines, "21", priced=True), "UNS+S", f"CNT+2:{lines}"]

    @classmethod
    def ordrsp(cls, parties: list[str], lines: int) -> list[str]:
        made = ["RFF+ON:PO-1", *parties, *cls._lines("ORDRSP", lines, "113", priced=False)]
        return [*made, "UNS+S", f"CNT+2:{lines}"]

    @classmethod
    def desadv(cls, parties: list[str], lines: int) -> list[str]:
        made = ["DTM+11:20260311:102", "DTM+17:20260312:102", "RFF+ON:PO-1", *parties, f"NAD+DP+{STORE}::9", "CPS+1"]
        packs = ["PAC+2++201", "PCI+33E", f"GIN+BJ+{gs1('34300000000000001')}"]
        return [*made, *packs, *cls._lines("DESADV", lines, "12", priced=False), f"CNT+2:{lines}"]

    @classmethod
    def invrpt(cls, parties: list[str], lines: int) -> list[str]:
        return [*parties, f"LOC+18+{STORE}::9", *cls._lines("INVRPT", lines, "145", priced=False)]

    @classmethod
    def slsrpt(cls, parties: list[str], lines: int) -> list[str]:
        made = [*parties, "CUX+2:EUR:10", f"LOC+162+{STORE}::9"]
        return [*made, *cls._lines("SLSRPT", lines, "153", priced=False, amount="5")]

    @classmethod
    def pricat(cls, parties: list[str], lines: int) -> list[str]:
        made = [*parties, "CUX+2:EUR:8", "PGI+11", *cls._lines("PRICAT", lines, "", priced=True)]
        return [each.replace("PRI+AAA", "PRI+AAB") for each in made]

    @classmethod
    def invoic(cls, parties: list[str], lines: int) -> list[str]:
        """An invoice with a discount and a freight charge on the whole."""
        net = sum(((2 + 3 * n) * (Decimal("7.25") + n) for n in range(1, lines + 1)), Decimal(0))
        taxable = net - 10 + 5
        tax = (taxable * Decimal("0.19")).quantize(CENT, ROUND_HALF_UP)
        head = ["DTM+35:20260309:102", "RFF+ON:PO-1", "DTM+171:20260301:102", *parties, "RFF+VA:DE136695976"]
        head += ["CUX+2:EUR:4", "PAT+1", "DTM+13:20260409:102"]
        head += [
            "ALC+A++++DI",
            "MOA+8:10.00",
            "TAX+7+VAT+++:::19+S",
            "ALC+C++++FC",
            "MOA+8:5.00",
            "TAX+7+VAT+++:::19+S",
        ]
        totals = ["UNS+S", f"CNT+2:{lines}", f"MOA+77:{taxable + tax}", f"MOA+79:{net}", f"MOA+125:{taxable}"]
        totals += [f"MOA+124:{tax}", "TAX+7+VAT+++:::19+S", f"MOA+125:{taxable}", f"MOA+124:{tax}"]
        return [*head, *cls._lines("INVOIC", lines, "47", priced=True, amount="203"), *totals]


def message(kind: str, segments: list[str], reference: str = "1", release: str = "96A") -> list[str]:
    """Put UNH and UNT around segments."""
    guide = GUIDES[kind][release == "01B"]
    return [f"UNH+{reference}+{kind}:D:{release}:UN:{guide}", *segments, f"UNT+{len(segments) + 2}+{reference}"]


def interchange(*messages: list[str], reference: str = "77", syntax: str = "UNOC:3") -> list[str]:
    """Put UNB and UNZ around messages."""
    date = "20260310" if syntax.endswith("4") else "260310"
    head = f"UNB+{syntax}+{SUPPLIER}:14+{BUYER}:14+{date}:1200+{reference}"
    return [head, *(segment for each in messages for segment in each), f"UNZ+{len(messages)}+{reference}"]


def octets(segments: list[str], *, una: str = "UNA:+.? '", codec: str = "iso8859-1", between: str = "") -> bytes:
    """Write segments with their terminators."""
    return (una + between + "".join(f"{segment}'{between}" for segment in segments)).encode(codec)


def whole(kind: str, release: str = "96A", lines: int = 3) -> bytes:
    """Return an interchange with one message in which nothing is wrong."""
    return octets(interchange(message(kind, body(kind, lines), release=release)))


def broken(kind: str, change: Callable[[list[str]], list[str]]) -> bytes:
    """Return an interchange whose message was changed, with counts that fit what is left."""
    return octets(interchange(message(kind, change(body(kind)))))


def replaced(segments: list[str], place: int, *others: str) -> list[str]:
    """Put other segments in the place of one."""
    return [*segments[:place], *others, *segments[place + 1 :]]


def places(segments: list[str], start: str) -> Iterator[int]:
    """Yield where segments begin so."""
    return (place for place, segment in enumerate(segments) if segment.startswith(start))
