"""Who buys in the sandbox: people and companies at addresses whose postal codes belong to their towns."""

from dataclasses import dataclass
from random import Random

FIRST = (
    "Anna", "Björn", "Çiğdem", "Dörte", "Emil", "François", "Greta", "Håkan", "Ines", "Jürgen", "Katharina", "Lukas",
    "Małgorzata", "Noah", "Özlem", "Paula", "Quentin", "Renée", "Søren", "Tomáš", "Ursula", "Viktor", "Wiebke", "Zoë",
)  # fmt: skip
LAST = (
    "Müller", "Schmidt", "Groß", "Weiß", "Jäger", "Krüger", "O'Brien", "von der Heide", "Şahin", "Nowak", "Dvořák",
    "Lindström", "Meyer-Lübke", "Köhler", "Schäfer", "Brandt", "Hofer", "Gruber", "Zürcher", "Bürki", "Dubois",
    "Peters",
)  # fmt: skip
COMPANIES = (
    "Brenner & Söhne",
    "Hafenkontor",
    "Tischlerei Krüger",
    "Café Morgenrot",
    "Nordlicht Handel",
    "Bürobedarf Vogt",
)
LEGAL_FORMS = ("GmbH", "GmbH & Co. KG", "AG", "e. K.", "OHG")
PLACES = {
    "DE": (
        ("10115", "Berlin"), ("10967", "Berlin"), ("20095", "Hamburg"), ("22767", "Hamburg"), ("80331", "München"),
        ("50667", "Köln"), ("60311", "Frankfurt am Main"), ("70173", "Stuttgart"), ("40213", "Düsseldorf"),
        ("04109", "Leipzig"), ("01067", "Dresden"), ("28195", "Bremen"), ("30159", "Hannover"), ("90402", "Nürnberg"),
        ("18055", "Rostock"), ("24103", "Kiel"), ("23552", "Lübeck"), ("99084", "Erfurt"), ("48143", "Münster"),
        ("79098", "Freiburg im Breisgau"), ("97070", "Würzburg"), ("93047", "Regensburg"), ("14467", "Potsdam"),
    ),
    "AT": (
        ("1010", "Wien"), ("1070", "Wien"), ("8010", "Graz"), ("4020", "Linz"), ("5020", "Salzburg"),
        ("6020", "Innsbruck"), ("6900", "Bregenz"), ("3100", "St. Pölten"),
    ),
    "CH": (
        ("8001", "Zürich"), ("3011", "Bern"), ("4051", "Basel"), ("6003", "Luzern"), ("9000", "St. Gallen"),
        ("8400", "Winterthur"), ("7000", "Chur"), ("1003", "Lausanne"),
    ),
}  # fmt: skip
STREETS = {
    "DE": (
        "Hauptstraße",
        "Bahnhofstraße",
        "Gartenweg",
        "Am Mühlenbach",
        "Straße des 17. Juni",
        "Lindenallee",
        "Schloßplatz",
    ),
    "AT": ("Mariahilfer Straße", "Kirchengasse", "Am Graben", "Landstraßer Hauptstraße", "Salzachweg"),
    "CH": ("Bahnhofstrasse", "Seestrasse", "Rue du Marché", "Marktgasse", "Im Grünen"),
}
EXTRAS = ("", "", "", "", "3. OG links", "c/o Schäfer", "Hinterhaus", "Packstation 142")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who orders. ``email`` is the login of a registered customer and the contact of a guest."""

    first_name: str
    last_name: str
    company: str
    vat_number: str
    email: str
    phone: str
    country: str
    postal_code: str
    city: str
    street: str
    street_extra: str

    @property
    def business(self) -> bool:
        """Tell whether a company buys."""
        return bool(self.company)


def happens(random: Random, share: float) -> bool:
    """Tell whether something with this probability happens."""
    return random.random() < share


def vat_number(random: Random) -> str:
    """Return a German VAT number with a right check digit (ISO 7064, MOD 11,10)."""
    digits = [random.randrange(1, 10), *(random.randrange(10) for _ in range(7))]
    product = 10
    for digit in digits:
        product = 2 * ((digit + product) % 10 or 10) % 11
    return "DE" + "".join(map(str, digits)) + str((11 - product) % 10)


def buyer(number: int) -> Buyer:
    """Return the buyer of that number, the same on every call."""
    random = Random(f"buyer {number}")
    country = random.choices(("DE", "AT", "CH"), (75, 13, 12))[0]
    business = country == "DE" and happens(random, 0.25)
    first, last = random.choice(FIRST), random.choice(LAST)
    postal_code, city = random.choice(PLACES[country])
    suffix = random.choice(("", "a", " b", "-14"))
    return Buyer(
        first_name=first,
        last_name=last,
        company=f"{random.choice(COMPANIES)} {random.choice(LEGAL_FORMS)}" if business else "",
        vat_number=vat_number(random) if business else "",
        email=f"buyer{number}@{random.choice(('example.com', 'example.org', 'example.net'))}",
        phone=f"+49 30 23125 {random.randrange(1000):03d}" if country == "DE" else "",
        country=country,
        postal_code=postal_code,
        city=city,
        street=f"{random.choice(STREETS[country])} {random.randrange(1, 180)}{suffix}",
        street_extra=random.choice(EXTRAS),
    )


def delivery_place(random: Random, country: str) -> tuple[str, str, str]:
    """Return another street, postal code and town in a country, for parcels that go elsewhere."""
    postal_code, city = random.choice(PLACES[country])
    return f"{random.choice(STREETS[country])} {random.randrange(1, 90)}", postal_code, city
