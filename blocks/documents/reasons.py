"""Why a person did something, as it is kept: said in words, and without card numbers. Pure."""

from blocks.documents.card_numbers import mask_card_numbers
from blocks.errors import WrongUse

LONGEST = 2000


def kept_reason(text: str) -> str:
    """Return a reason as the audit trail keeps it, which nobody can change afterwards: card numbers are masked.

    What Postgres cannot hold, NUL and half characters, is left out or shown as a question mark.

    Raises:
        WrongUse: Nothing was said, or a whole letter.
    """
    plain = text.replace("\0", "").encode("utf-8", "replace").decode().strip()
    if not plain:
        raise WrongUse("Say why: the reason goes into the audit trail.")
    if len(plain) > LONGEST:
        raise WrongUse(f"Say why in at most {LONGEST} characters, not in {len(plain)}.")
    return mask_card_numbers(plain)
