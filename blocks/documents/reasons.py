"""Why a person did something, as it is kept: said in words, and without card numbers. Pure."""

from blocks.documents.card_numbers import mask_card_numbers
from blocks.errors import WrongUse


def kept_reason(text: str) -> str:
    """Return a reason as the audit trail keeps it, which nobody can change afterwards: card numbers are masked.

    Raises:
        WrongUse: Nothing was said.
    """
    if not text.strip():
        raise WrongUse("Say why: the reason goes into the audit trail.")
    return mask_card_numbers(text)
