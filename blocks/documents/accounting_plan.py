"""The accounting plan as a document: on which accounts, under which tax keys, suppliers' invoices are posted.

Read from YAML by ``load`` and activated with `soms accounting plan activate`; each version is kept. What it comes with
are usual accounts of DATEV's charts SKR03 and SKR04: have your tax adviser look at them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.errors import Refused, Unreadable, WrongUse

KIND, NAME = "accounting_plan", "default"

Account = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,9}$")]
TaxKey = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,4}$")]
CaseName = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}(:[0-9]{1,2}([.][0-9]{1,2})?)?$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Rate = Annotated[Decimal, Field(gt=0, max_digits=18, allow_inf_nan=False)]

LAST_CREDITOR, SHORTEST = 99999, 4


class Treatment(Document):
    """How one case of VAT is posted."""

    account: Account = Field(description="Account of the expense or of the goods.")
    key: TaxKey = Field(default="", description="DATEV's tax key (BU-Schlüssel); none where no tax is taken out.")


class OfSupplier(Document):
    """What is different with one supplier."""

    creditor: Account | None = Field(default=None, description="Its own account; else it is numbered by SOMS.")
    account: Account | None = Field(default=None, description="Account of the expense, whatever the VAT case says.")


_GOODS = {"SKR03": "3200", "SKR04": "5200"}
_FREIGHT = {"SKR03": "3800", "SKR04": "5800"}
_ROUNDING = {"SKR03": "4900", "SKR04": "6300"}
_KEYS = {"S:19": "9", "S:7": "8", "K": "19", "AE": "94", "E": "", "Z": "", "G": "", "O": ""}
"""Keys by VAT category and rate: input tax of 19 % and 7 %; acquisition within the Union and §13b UStG, of 19 %."""


class AccountingPlan(Document):
    """On which accounts invoices are posted; ``version`` says which edition of the rulebook it is."""

    version: int = Field(default=0, ge=0)
    chart: Literal["SKR03", "SKR04"] = Field(default="SKR03", description="DATEV's chart of accounts.")
    account_length: int = Field(default=SHORTEST, ge=SHORTEST, le=8, description="Digits of the general accounts.")
    consultant: int = Field(default=1001, ge=1001, le=9_999_999, description="DATEV's number of the tax adviser.")
    client: int = Field(default=1, ge=1, le=99_999, description="The tax adviser's number of the merchant.")
    year_begins_in: int = Field(default=1, ge=1, le=12, description="Month in which the fiscal year begins.")
    currency: CurrencyCode = Field(default="EUR", description="The books' currency.")
    cases: dict[CaseName, Treatment] = Field(
        default_factory=dict,
        description="By VAT category (UNTDID 5305) and rate, e.g. S:19 or K; those not named are posted as usual.",
    )
    freight: Account | None = Field(default=None, description="Account of freight and packing charged on the document.")
    rounding: Account | None = Field(default=None, description="Account of declared rounding (BT-114).")
    first_creditor: int = Field(
        default=70000, ge=10000, le=LAST_CREDITOR, description="Suppliers are numbered from here."
    )
    suppliers: dict[str, OfSupplier] = Field(default_factory=dict, description="By their codes in the ERP.")
    exchange_rates: dict[CurrencyCode, Rate] = Field(
        default_factory=dict, description="Units of a foreign currency for one of the books'."
    )

    def treatment(self, category: str, rate: Decimal, supplier: str = "") -> Treatment:
        """Return how a case of VAT is posted.

        Raises:
            Refused: The plan says nothing of it.
        """
        case = f"{category}:{rate.normalize():f}"
        found = self.cases.get(case) or self.cases.get(category)
        if found is None:
            key = _KEYS.get(case, _KEYS.get(category))
            if key is None:
                raise Refused(
                    f"The accounting plan says nothing of VAT category {category or '(none)'} at"
                    f" {rate.normalize():f} %: name account and key under cases: '{case}', and activate it"
                    " (`soms accounting plan activate`)."
                )
            found = Treatment(account=self._usual(_GOODS), key=key)
        own = self.suppliers.get(supplier)
        return found.model_copy(update={"account": own.account}) if own and own.account else found

    def creditor(self, supplier_id: int, supplier: str = "") -> str:
        """Return the account of a supplier.

        Raises:
            Refused: There is no number left for it.
        """
        own = self.suppliers.get(supplier)
        if own and own.creditor:
            return own.creditor
        number = self.first_creditor + supplier_id
        if number > LAST_CREDITOR:
            raise Refused(
                f"No creditor number is left for supplier {supplier_id}: name one under suppliers in the accounting"
                " plan, or begin with a lower first_creditor."
            )
        return str(number) + "0" * (self.account_length - SHORTEST)

    def freight_account(self) -> str:
        """Return the account of freight and packing."""
        return self.freight or self._usual(_FREIGHT)

    def rounding_account(self) -> str:
        """Return the account of declared rounding."""
        return self.rounding or self._usual(_ROUNDING)

    def _usual(self, accounts: Mapping[str, str]) -> str:
        return accounts[self.chart].ljust(self.account_length, "0")


DEFAULTS = AccountingPlan()


def load(text: str, version: int = 0) -> AccountingPlan:
    """Return the plan a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or has an impossible value; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The accounting plan")
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    content = {} if content is None else content
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse("The accounting plan must be a YAML mapping such as 'chart: SKR04', without 'version'.")
    try:
        return AccountingPlan.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "accounting plan"
        raise WrongUse(f"{place}: {_said(first)}") from None


def _said(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such setting; `soms accounting plan fields` prints all of them."
    return f"{fault['msg']}."
