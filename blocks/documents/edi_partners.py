"""EDI partners as a document: who they are, what is agreed with each, and where their messages belong.

Read from YAML by ``load`` and activated with `soms edi partners activate`; each version is kept.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.errors import Unreadable, WrongUse

KIND, NAME = "edi_partners", "default"

PartnerName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Connection = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
MessageType = Annotated[str, StringConstraints(pattern=r"^[A-Z]{6}$")]


class Identity(Document):
    """How somebody is named in UNB."""

    id: str = Field(min_length=1, max_length=35, description="Identification (0004, 0010), e.g. a GLN.")
    qualifier: str = Field(default="14", max_length=4, description="What kind it is (0007): 14 is a GLN.")


class Acknowledge(StrEnum):
    """When a CONTRL is sent for what came in."""

    REQUESTED = "requested"
    ALWAYS = "always"
    NEVER = "never"


class Partner(Document):
    """What is agreed with one partner."""

    identities: tuple[Identity, ...] = Field(min_length=1, description="How the partner is named in UNB.")
    own: Identity = Field(description="How we are named towards this partner.")
    connection: Connection = Field(description="Folder the interchanges come from and go to, e.g. edi-folder/partner.")
    charset: Literal["UNOA", "UNOB", "UNOC", "UNOY", "UNOW"] = Field(
        default="UNOC", description="Character set of what is sent."
    )
    una: bool = Field(default=True, description="Whether UNA stands in front of what is sent.")
    test: bool = Field(default=False, description="The partner is being tried out: only test interchanges are taken.")
    releases: dict[MessageType, Literal["96A", "01B"]] = Field(
        default_factory=dict, description="Release of each message that is sent; without it, 96A."
    )
    acknowledge: Acknowledge = Field(
        default=Acknowledge.REQUESTED, description="When a CONTRL is sent: as requested in UNB, always, never."
    )
    wants_acknowledgement: bool = Field(
        default=False, description="Whether a CONTRL is asked for, and waited for, for what is sent."
    )
    numbered: bool = Field(
        default=True, description="The partner numbers interchanges without gaps: a gap becomes a finding."
    )
    answers_orders: bool = Field(
        default=False, description="Whether each of its orders is answered by ORDRSP once it is booked or rejected."
    )
    invoices_to: str = Field(
        default="", pattern=r"^([a-z0-9-]+/[a-z0-9-]+)?$", description="Whose conversions its INVOIC join."
    )


class EdiPartners(Document):
    """All partners; ``version`` says which edition of the rulebook it is."""

    version: int = Field(default=0, ge=0)
    partners: dict[PartnerName, Partner] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_each_once(self) -> "EdiPartners":
        seen: dict[tuple[str, str, str], str] = {}
        for name, partner in self.partners.items():
            for identity in partner.identities:
                other = seen.setdefault((identity.id, identity.qualifier, partner.own.id), name)
                if other != name:
                    raise ValueError(f"{name} and {other} are both named {identity.id} in UNB")
        return self

    def sending(self, sender: str, qualifier: str, receiver: str = "") -> str:
        """Return the name of the partner who sends so; empty for nobody we know. A missing qualifier fits any."""
        fits = [
            (name, partner)
            for name, partner in self.partners.items()
            if any(each.id == sender and qualifier in {"", each.qualifier} for each in partner.identities)
        ]
        named = [name for name, partner in fits if partner.own.id == receiver]
        return (named or [name for name, _ in fits] or [""])[0]


DEFAULTS = EdiPartners()


def load(text: str, version: int = 0) -> EdiPartners:
    """Return the partners a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or has an impossible value; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The EDI partners")
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    content = {} if content is None else content
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse("The EDI partners must be a YAML mapping 'partners: {name: {...}}', without 'version'.")
    try:
        return EdiPartners.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "partners"
        raise WrongUse(f"{place}: {_said(first)}") from None


def _said(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such setting; `soms edi partners fields` prints all of them."
    return f"{fault['msg'].removeprefix('Value error, ')}."
