"""What an invoice corrects and whence it came, postings and bills that reverse others, why an order line was chosen."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ADDED: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "received_invoice": {"corrects_id": sa.BigInteger(), "came_as": sa.Text(), "came_from": sa.Text()},
    "accounting_posting": {"reverses": sa.BigInteger()},
    "erp_bill": {"reversal_of": sa.BigInteger()},
    "invoice_match": {"why": sa.Text()},
}
"""Columns without which the rows that are there stay as they are: nulls are left out of digests."""
NUMBER_KEY = "ltrim(upper(regexp_replace(number, '[\\W_]+'::text, ''::text, 'g'::text)), '0'::text)"
"""A number as it is compared."""
IN_FORCE = "state IN ('approved', 'posted', 'paid')"


def upgrade() -> None:
    """Add the columns, what must be there once, and indexes by which doubles are looked up."""
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute("GRANT UPDATE (corrects_id) ON received_invoice TO soms_app")
    op.create_index("received_invoice_number_key", "received_invoice", ["supplier_id", sa.text(NUMBER_KEY)])
    op.create_index("received_invoice_gross", "received_invoice", ["gross", "currency", "supplier_id"])
    op.create_index("received_invoice_corrects", "received_invoice", ["corrects_id"])
    op.create_index(
        "received_invoice_corrected_once",
        "received_invoice",
        ["corrects_id"],
        unique=True,
        postgresql_where=sa.text(f"corrects_id IS NOT NULL AND {IN_FORCE}"),
    )
    op.create_index("accounting_posting_reversed_once", "accounting_posting", ["reverses"], unique=True)
    op.drop_constraint("erp_bill_once", "erp_bill", type_="unique")
    op.create_index(
        "erp_bill_once", "erp_bill", ["invoice_id"], unique=True, postgresql_where=sa.text("reversal_of IS NULL")
    )
    op.create_index("erp_bill_reversed_once", "erp_bill", ["reversal_of"], unique=True)


def downgrade() -> None:
    """Drop the columns with their indexes."""
    op.drop_index("erp_bill_reversed_once", "erp_bill")
    op.drop_index("erp_bill_once", "erp_bill")
    op.drop_index("accounting_posting_reversed_once", "accounting_posting")
    for name in ("corrected_once", "corrects", "gross", "number_key"):
        op.drop_index(f"received_invoice_{name}", "received_invoice")
    for table, columns in ADDED.items():
        for name in columns:
            op.drop_column(table, name)
    op.create_unique_constraint("erp_bill_once", "erp_bill", ["invoice_id"])
