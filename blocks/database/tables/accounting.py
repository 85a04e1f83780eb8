"""What approved invoices mean for the books, what ties them to the supply, and how long what must be kept."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import amount as money
from blocks.database.tables.columns import identity, moment, optional_words, reference, salt, words


class AccountingPosting(SQLModel, table=True):
    """One posting of an approved invoice; append-only but for ``export_id``, which is set once.

    ``amount`` is positive and in ``currency``; ``side`` says on which side of ``account`` it stands: S (debit) or
    H (credit). It includes the tax that ``tax_key`` takes out of it, unless the recipient owes that tax.
    ``reverses`` is the posting that this one takes back, on the other side and with the same amount.
    """

    __tablename__ = "accounting_posting"
    __table_args__ = (
        UniqueConstraint("invoice_id", "entry", name="accounting_posting_once"),
        Index("accounting_posting_open", "posted_on", "id", postgresql_where=text("export_id IS NULL")),
        Index("accounting_posting_export", "export_id"),
        Index("accounting_posting_reversed_once", "reverses", unique=True),
        CheckConstraint("side IN ('S', 'H')", name="accounting_posting_side"),
        CheckConstraint("amount >= 0", name="accounting_posting_positive"),
    )

    id: int = Field(sa_column=identity())
    invoice_id: int = Field(sa_column=reference())
    entry: int = Field(sa_column=Column(Integer, nullable=False))
    account: str = Field(sa_column=words())
    contra_account: str = Field(sa_column=words())
    side: str = Field(sa_column=words())
    amount: Decimal = Field(sa_column=money())
    currency: str = Field(sa_column=words())
    exchange_rate: Decimal | None = Field(sa_column=money(nullable=True))
    tax_key: str = Field(sa_column=words(default=""))
    vat_category: str = Field(sa_column=words(default=""))
    vat_rate: Decimal | None = Field(sa_column=money(nullable=True))
    number: str = Field(sa_column=words())
    supplier: str = Field(sa_column=words())
    supplier_vat_id: str = Field(sa_column=words(default=""))
    posted_on: date = Field(sa_column=Column(Date, nullable=False))
    supplied_on: date | None = Field(sa_column=Column(Date, nullable=True))
    due_on: date | None = Field(sa_column=Column(Date, nullable=True))
    said: str = Field(sa_column=words(default=""))
    plan_version: int = Field(sa_column=Column(Integer, nullable=False))
    export_id: int | None = Field(sa_column=reference(nullable=True))
    reverses: int | None = Field(sa_column=reference(nullable=True))
    made_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class ErpBill(SQLModel, table=True):
    """An approved invoice as the ERP holds it. ``state`` is the ERP's own word; ``paid_on`` the day it was settled.

    ``reference`` is ours, by which it is looked up; ``number`` what people there find it by. ``reversal_of`` is the
    bill that this one takes back: an invoice that was corrected has two.
    """

    __tablename__ = "erp_bill"
    __table_args__ = (
        Index("erp_bill_once", "invoice_id", unique=True, postgresql_where=text("reversal_of IS NULL")),
        Index("erp_bill_reversed_once", "reversal_of", unique=True),
        Index("erp_bill_unpaid", "system", "id", postgresql_where=text("paid_on IS NULL")),
    )

    id: int = Field(sa_column=identity())
    reversal_of: int | None = Field(sa_column=reference(nullable=True))
    invoice_id: int = Field(sa_column=reference())
    system: str = Field(sa_column=words())
    reference: str = Field(sa_column=words())
    erp_id: str = Field(sa_column=words())
    number: str = Field(sa_column=words(default=""))
    state: str = Field(sa_column=words())
    total: Decimal = Field(sa_column=money())
    rounding: Decimal = Field(sa_column=money(default="0"))
    paid_on: date | None = Field(sa_column=Column(Date, nullable=True))
    booked_at: datetime = Field(sa_column=moment(default_now=True))
    heard_at: datetime | None = Field(sa_column=moment(nullable=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class AccountingExport(SQLModel, table=True):
    """One batch of postings as it was handed to the accountants, byte by byte; append-only."""

    __tablename__ = "accounting_export"

    id: int = Field(sa_column=identity())
    first_day: date = Field(sa_column=Column(Date, nullable=False))
    last_day: date = Field(sa_column=Column(Date, nullable=False))
    postings: int = Field(sa_column=Column(Integer, nullable=False))
    totals: str = Field(sa_column=words())
    datev: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    listed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    content_hash: str = Field(sa_column=words())
    by: str = Field(sa_column=words())
    made_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class InvoiceEvidence(SQLModel, table=True):
    """One edge of the reliable audit trail, with its proof as it stood when the edge came to be; append-only.

    ``source`` and ``target`` are rows ('received_invoice/17') or numbers of the ERP ('erp.order/ERP-BLOCK:PO7').
    ``proof`` is JSON: digests of the rows, sequence and hash of the audit events, numbers of the ERP.
    """

    __tablename__ = "invoice_evidence"
    __table_args__ = (
        UniqueConstraint("invoice_id", "kind", "source", "target", name="invoice_evidence_once"),
        Index("invoice_evidence_target", "target"),
        Index("invoice_evidence_source", "source"),
    )

    id: int = Field(sa_column=identity())
    invoice_id: int = Field(sa_column=reference())
    kind: str = Field(sa_column=words())
    source: str = Field(sa_column=words())
    target: str = Field(sa_column=words())
    proof: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class Retention(SQLModel, table=True):
    """How long a record must be kept and by which law; append-only, the newest row of a record counts."""

    __tablename__ = "retention"
    __table_args__ = (
        UniqueConstraint("record", "kept_as", "ends_on", name="retention_once"),
        Index("retention_end", "ends_on"),
        CheckConstraint("kept_as IN ('voucher', 'book', 'letter')", name="retention_class"),
    )

    id: int = Field(sa_column=identity())
    record: str = Field(sa_column=words())
    kept_as: str = Field(sa_column=words())
    dated: date = Field(sa_column=Column(Date, nullable=False))
    ends_on: date = Field(sa_column=Column(Date, nullable=False))
    law: str = Field(sa_column=words())
    supplier_id: int | None = Field(sa_column=reference(nullable=True))
    at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class LegalHold(SQLModel, table=True):
    """What must not be deleted though its time is over; lifted once, with a reason.

    ``scope``: everything | year (``value``: 2018) | supplier (``value``: its id) | record (``value``: 'inbox/17').
    """

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index("legal_hold_standing", "scope", "value", unique=True, postgresql_where=text("lifted_at IS NULL")),
        CheckConstraint("scope IN ('everything', 'year', 'supplier', 'record')", name="legal_hold_scope"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="legal_hold_lifted_by_somebody"),
    )

    id: int = Field(sa_column=identity())
    scope: str = Field(sa_column=words())
    value: str = Field(sa_column=words(default=""))
    reason: str = Field(sa_column=words())
    placed_by: str = Field(sa_column=words())
    placed_at: datetime = Field(sa_column=moment(default_now=True))
    lifted_by: str | None = Field(sa_column=optional_words())
    lifted_at: datetime | None = Field(sa_column=moment(nullable=True))
    lifted_reason: str | None = Field(sa_column=optional_words())
    salt: UUID = Field(sa_column=salt())
