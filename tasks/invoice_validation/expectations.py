"""What a batch of incoming invoices must look like as a whole, before any of it is approved by rule. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from blocks.documents.invoice_verdicts import Gravity, InvoiceVerdict, Judged
from blocks.quality import FATAL, Expect, Suite

ENOUGH = 20
"""Below this many invoices a share says nothing: two bad ones of three are no broken source."""

INVOICES = Suite(
    name="invoice_validation.invoices",
    key="invoice",
    expectations=(
        Expect(
            "INV-DQ-01",
            "At least half of the invoices could be judged (else a source delivers something else).",
            "ExpectColumnValuesToBeInSet",
            {"column": "judged", "value_set": [True], "mostly": 0.5},
            FATAL,
            least_rows=ENOUGH,
        ),
        Expect(
            "INV-DQ-02",
            "At least half of the invoices have no fatal finding (else a rule or a conversion has changed).",
            "ExpectColumnValuesToBeInSet",
            {"column": "fatal", "value_set": [False], "mostly": 0.5},
            FATAL,
            least_rows=ENOUGH,
        ),
        Expect(
            "INV-DQ-03",
            "At least 90 % of the invoices pay an amount below 1,000,000.",
            "ExpectColumnValuesToBeBetween",
            {"column": "payable", "min_value": -1_000_000, "max_value": 1_000_000, "mostly": 0.9},
            FATAL,
            least_rows=ENOUGH,
        ),
        Expect(
            "INV-DQ-04",
            "At least 80 % of the invoices come from a supplier that can be told.",
            "ExpectColumnValuesToNotBeNull",
            {"column": "supplier", "mostly": 0.8},
            FATAL,
            least_rows=ENOUGH,
        ),
        Expect(
            "INV-DQ-05",
            "No supplier sends more than 90 % of the invoices of a batch.",
            "ExpectColumnProportionOfUniqueValuesToBeBetween",
            {"column": "supplier", "min_value": 0.01, "max_value": 1.0},
            least_rows=200,
        ),
        Expect(
            "INV-DQ-06",
            "All invoices are in one currency.",
            "ExpectColumnUniqueValueCountToBeBetween",
            {"column": "currency", "min_value": 1, "max_value": 1},
            least_rows=ENOUGH,
        ),
    ),
)


def rows(invoices: Sequence[Mapping[str, Any]], verdicts: Mapping[int, InvoiceVerdict]) -> list[dict[str, Any]]:
    """Flatten invoices that were judged just now into the rows the suite judges; no personal data."""
    return [
        {
            "invoice": each["id"],
            "supplier": each["supplier_id"],
            "currency": each["currency"] or "(none)",
            "payable": None
            if (due := each["payable"] if each["payable"] is not None else each["gross"]) is None
            else float(due),
            "judged": verdicts[each["id"]].content is not Judged.NOT_CHECKED,
            "fatal": any(one.gravity is Gravity.FATAL for one in verdicts[each["id"]].findings),
        }
        for each in invoices
        if each["id"] in verdicts
    ]
