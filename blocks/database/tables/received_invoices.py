"""Invoices that suppliers sent, what rules found of them, what people decided, and the accounts to be paid to."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import amount, identity, moment, optional_words, reference, salt, words


class SupplierRow(SQLModel, table=True):
    """Who sends invoices. ``key``: VAT id, else tax number, else 'erp:CODE', else the name. ``state``: new → known.

    ``small_business``, ``turnover_above_limit`` and ``domestic`` are what people noted; null: nobody has.
    ``answer_to`` is where answers go: personal data, kept out of logs.
    """

    __tablename__ = "supplier"
    __table_args__ = (
        UniqueConstraint("key", name="supplier_once"),
        Index("supplier_erp_code", "erp_code", postgresql_where=text("erp_code <> ''")),
        CheckConstraint("state IN ('new', 'known', 'blocked')", name="supplier_state"),
    )

    id: int = Field(sa_column=identity())
    key: str = Field(sa_column=words())
    name: str = Field(sa_column=words(default=""))
    erp_code: str = Field(sa_column=words(default=""))
    small_business: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    turnover_above_limit: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    domestic: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    answer_to: str = Field(sa_column=words(default=""))
    state: str = Field(sa_column=words(default="new"))
    first_seen_at: datetime = Field(sa_column=moment(default_now=True))
    noted_by: str | None = Field(sa_column=optional_words())
    noted_at: datetime | None = Field(sa_column=moment(nullable=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class SupplierAccount(SQLModel, table=True):
    """An account a supplier wants to be paid to. ``state``: proposed → confirmed | declined, by a second person.

    ``by`` is 'soms' until a person vouches for it; another one confirms it.
    """

    __tablename__ = "supplier_account"
    __table_args__ = (
        UniqueConstraint("supplier_id", "iban", name="supplier_account_once"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'declined')", name="supplier_account_state"),
        CheckConstraint(
            "state <> 'confirmed' OR (decided_by IS NOT NULL AND decided_by <> by)", name="supplier_account_four_eyes"
        ),
    )

    id: int = Field(sa_column=identity())
    supplier_id: int = Field(sa_column=reference())
    iban: str = Field(sa_column=words())
    state: str = Field(sa_column=words(default="proposed"))
    by: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment(default_now=True))
    decided_by: str | None = Field(sa_column=optional_words())
    decided_at: datetime | None = Field(sa_column=moment(nullable=True))
    reason: str = Field(sa_column=words(default=""))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class ReceivedInvoice(SQLModel, table=True):
    """One invoice that came. ``state``: received → waiting → approved | rejected; approved → posted → paid.

    What it says is read from its conversion and its approved corrections; ``facts_hash`` is over all of that,
    ``content_hash`` over what is billed without number and date, so that the same bill under another number is seen.
    ``erp`` is the connection it is billed in once approved, ``answers`` the one its sender is answered by.
    ``corrects_id`` is the invoice that this one replaces: once this one is approved, that one counts no more.
    ``came_as`` and ``came_from`` say whence it came: 'folder', 'mailbox' or 'edi', and the connection or the partner.
    """

    __tablename__ = "received_invoice"
    __table_args__ = (
        UniqueConstraint("conversion_id", name="received_invoice_once"),
        Index("received_invoice_number", "supplier_id", "number"),
        Index(
            "received_invoice_number_key",
            "supplier_id",
            text("ltrim(upper(regexp_replace(number, '[\\W_]+'::text, ''::text, 'g'::text)), '0'::text)"),
        ),
        Index("received_invoice_gross", "gross", "currency", "supplier_id"),
        Index("received_invoice_corrects", "corrects_id"),
        Index(
            "received_invoice_corrected_once",
            "corrects_id",
            unique=True,
            postgresql_where=text("corrects_id IS NOT NULL AND state IN ('approved', 'posted', 'paid')"),
        ),
        Index("received_invoice_content", "content_hash", postgresql_where=text("content_hash <> ''")),
        Index("received_invoice_open", "decide_by", "id", postgresql_where=text("state IN ('received', 'waiting')")),
        Index("received_invoice_run", "run_id"),
        CheckConstraint(
            "state IN ('received', 'waiting', 'approved', 'rejected', 'posted', 'paid')", name="received_invoice_state"
        ),
    )

    id: int = Field(sa_column=identity())
    conversion_id: int = Field(sa_column=reference())
    source: str = Field(sa_column=words())
    supplier_id: int | None = Field(sa_column=reference(nullable=True))
    number: str = Field(sa_column=words(default=""))
    type_code: str = Field(sa_column=words(default=""))
    issued_on: date | None = Field(sa_column=Column(Date, nullable=True))
    due_on: date | None = Field(sa_column=Column(Date, nullable=True))
    currency: str = Field(sa_column=words(default=""))
    net: Decimal | None = Field(sa_column=amount(nullable=True))
    vat: Decimal | None = Field(sa_column=amount(nullable=True))
    gross: Decimal | None = Field(sa_column=amount(nullable=True))
    payable: Decimal | None = Field(sa_column=amount(nullable=True))
    iban: str = Field(sa_column=words(default=""))
    content_hash: str = Field(sa_column=words(default=""))
    facts_hash: str = Field(sa_column=words(default=""))
    erp: str = Field(sa_column=words(default=""))
    answers: str = Field(sa_column=words(default=""))
    state: str = Field(sa_column=words(default="received"))
    verdict_version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    received_at: datetime = Field(sa_column=moment())
    decide_by: date = Field(sa_column=Column(Date, nullable=False))
    asked_at: datetime | None = Field(sa_column=moment(nullable=True))
    settled_at: datetime | None = Field(sa_column=moment(nullable=True))
    settled_by: str | None = Field(sa_column=optional_words())
    settled_reason: str | None = Field(sa_column=optional_words())
    corrects_id: int | None = Field(sa_column=reference(nullable=True))
    came_as: str | None = Field(sa_column=optional_words())
    came_from: str | None = Field(sa_column=optional_words())
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class InvoiceVerdictRow(SQLModel, table=True):
    """What was judged of an invoice, append-only; the newest version counts. ``verdict`` is the document as JSON.

    ``view_hash`` names what a person who decides looks at: facts, findings and the match with the supply.
    """

    __tablename__ = "invoice_verdict"
    __table_args__ = (
        UniqueConstraint("invoice_id", "version", name="invoice_verdict_version"),
        Index("invoice_verdict_run", "run_id"),
    )

    id: int = Field(sa_column=identity())
    invoice_id: int = Field(sa_column=reference())
    version: int = Field(sa_column=Column(Integer, nullable=False))
    verdict: str = Field(sa_column=words())
    format: str = Field(sa_column=words())
    business_rules: str = Field(sa_column=words())
    content: str = Field(sa_column=words())
    supply: str = Field(sa_column=words())
    input_tax: str = Field(sa_column=words())
    is_e_invoice: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    fatal: int = Field(sa_column=Column(Integer, nullable=False))
    facts_hash: str = Field(sa_column=words())
    view_hash: str = Field(sa_column=words())
    judged_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())


class InvoiceDecision(SQLModel, table=True):
    """What somebody decided on an invoice, on which view of the facts; append-only.

    ``final`` is false for the first of two approvals; the second names in ``first_by`` whose it follows. ``limits``
    names the version of the limits that were in force.
    """

    __tablename__ = "invoice_decision"
    __table_args__ = (
        Index("invoice_decision_of", "invoice_id"),
        CheckConstraint("first_by IS NULL OR first_by <> by", name="invoice_decision_four_eyes"),
    )

    id: int = Field(sa_column=identity())
    invoice_id: int = Field(sa_column=reference())
    action: str = Field(sa_column=words())
    by: str = Field(sa_column=words())
    reason: str = Field(sa_column=words(default=""))
    at: datetime = Field(sa_column=moment(default_now=True))
    verdict_version: int = Field(sa_column=Column(Integer, nullable=False))
    view_hash: str = Field(sa_column=words())
    final: bool = Field(sa_column=Column(Boolean, nullable=False))
    first_by: str | None = Field(sa_column=optional_words())
    limits: str = Field(sa_column=words(default=""))
    run_id: str = Field(sa_column=words(default=""))
    salt: UUID = Field(sa_column=salt())
