"""The sandbox ERP: a real Tryton with the sandbox merchant in it, as its own program in its own environment."""

from pathlib import Path
from typing import Any

DATABASE = "soms"
"""Name of the database; its calls go to ``/soms/rpc/``."""

USER = "soms"
PASSWORD = "sandbox-soms-2026"  # noqa: S105 - a sandbox that only listens on this machine
"""What SOMS logs in with."""

ADMIN = "admin"
ADMIN_PASSWORD = "sandbox-admin-2026"  # noqa: S105 - as above
"""For a person who wants to look around with Tryton's own client."""

SERVICES = {"SHIPPING": "Shipping", "PAYMENT-FEE": "Payment fee", "DISCOUNT": "Discount", "ROUNDING": "Rounding"}
"""Codes and names of the service articles that everything but goods is booked on."""

SUPPLIERS = {
    "HANSE": {
        "name": "Hanse Großhandel GmbH", "street_name": "Am Sandtorkai", "building_number": "5", "postal_code": "20457",
        "city": "Hamburg", "country": "DE", "vat_id": "DE273180941", "iban": "DE34200505501234567890",
        "bank": "Sparkasse an der Elbe", "mail": "rechnung@hanse-grosshandel.example",
    },
    "ELBTAL": {
        "name": "Elbtal Manufaktur KG", "street_name": "Königstraße", "building_number": "17", "postal_code": "01097",
        "city": "Dresden", "country": "DE", "vat_id": "DE305147268", "iban": "DE46850503003120456781",
        "bank": "Sparkasse im Elbtal", "mail": "buchhaltung@elbtal-manufaktur.example",
    },
    "ALPEN": {
        "name": "Alpenglück Handels GmbH", "street_name": "Mariahilfer Straße", "building_number": "88",
        "postal_code": "1070", "city": "Wien", "country": "AT", "vat_id": "ATU18239403", "iban": "AT611904300234573201",
        "bank": "Bank am Graben", "mail": "faktura@alpenglueck.example",
    },
    "KIEZ": {
        "name": "Kiezkurier Şahin", "street_name": "Weserstraße", "building_number": "40", "postal_code": "12045",
        "city": "Berlin", "country": "DE", "vat_id": "", "iban": "DE24100500000190234567",
        "bank": "Sparkasse an der Spree", "mail": "post@kiezkurier.example",
    },
}  # fmt: skip
"""Parties that goods are bought from, by their codes."""

PURCHASES: list[dict[str, Any]] = [
    {
        "supplier": "HANSE", "reference": "HG-2611-0417", "warehouse": "BER", "days_ago": 20,
        "invoice_method": "manual",
        "lines": [
            {"sku": "HOME-002", "quantity": 40, "price": "41.20"},
            {"sku": "HOME-003", "quantity": 25, "price": "48.75"},
        ],
        "receipts": [{"HOME-002": 40, "HOME-003": 25}], "returned": {},
    },
    {
        "supplier": "HANSE", "reference": "HG-2611-0431", "warehouse": "HAM", "days_ago": 16, "invoice_method": "order",
        "lines": [{"sku": "HOME-005", "quantity": 30, "price": "76.40"}],
        "receipts": [{"HOME-005": 18}, {"HOME-005": 12}], "returned": {},
    },
    {
        "supplier": "ELBTAL", "reference": "EM-88-2026", "warehouse": "BER", "days_ago": 14, "invoice_method": "manual",
        "lines": [
            {"sku": "HOME-004", "quantity": 12, "price": "93.50"}, {"sku": "FREIGHT", "quantity": 1, "price": "18.90"},
        ],
        "receipts": [{"HOME-004": 12}], "returned": {},
    },
    {
        "supplier": "ELBTAL", "reference": "EM-91-2026", "warehouse": "BER", "days_ago": 12, "invoice_method": "manual",
        "lines": [{"sku": "HOME-007", "quantity": 20, "price": "49.10"}],
        "receipts": [{"HOME-007": 20}], "returned": {"HOME-007": 2},
    },
    {
        "supplier": "ALPEN", "reference": "AG-5521", "warehouse": "BER", "days_ago": 10,
        "invoice_method": "fulfillment", "lines": [{"sku": "HOME-009", "quantity": 15, "price": "71.80"}],
        "receipts": [{"HOME-009": 15}], "returned": {},
    },
]  # fmt: skip
"""What was bought of them and came before the opening stock was counted: orders in one and in several deliveries, with
freight, with a return, with a bill that Tryton drafts at the order, at the receipt or not at all."""

DEFAULT_HOME = Path(".soms/cache/erp")
"""Where the prepared environment and database are kept, below the working directory."""


def server_url(port: int) -> str:
    """Return the address of a sandbox ERP, as the connector wants it."""
    return f"http://127.0.0.1:{port}"


def rpc_url(port: int) -> str:
    """Return the address that the calls on the sandbox database are posted to."""
    return f"{server_url(port)}/{DATABASE}/rpc/"
