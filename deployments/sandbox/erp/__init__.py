"""The sandbox ERP: a real Tryton with the sandbox merchant in it, as its own program in its own environment."""

from pathlib import Path

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

SUPPLIERS = {"HANSE": "Hanse Großhandel GmbH", "ELBTAL": "Elbtal Manufaktur KG"}
"""Codes and names of the parties that goods are bought from."""

DEFAULT_HOME = Path(".soms/cache/erp")
"""Where the prepared environment and database are kept, below the working directory."""


def server_url(port: int) -> str:
    """Return the address of a sandbox ERP, as the connector wants it."""
    return f"http://127.0.0.1:{port}"


def rpc_url(port: int) -> str:
    """Return the address that the calls on the sandbox database are posted to."""
    return f"{server_url(port)}/{DATABASE}/rpc/"
