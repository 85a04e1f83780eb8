"""Who acts at a desk: a name that two spellings cannot make two persons of."""

import os
import pwd
import unicodedata

from blocks.database.audit import Actor
from blocks.errors import WrongUse
from blocks.settings import settings

LONGEST = 80


def person(name: str) -> str:
    """Return a person's name as it is kept and compared: one spelling, lower case, single blanks.

    Raises:
        WrongUse: The text is no name.
    """
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise WrongUse("Say who you are: a name of at most 80 letters, the same each time, e.g. anna.berg.")
    if plain == "soms":
        raise WrongUse("'soms' is the name that SOMS itself acts under: give a person's.")
    return plain


def at_this_terminal() -> str:
    """Return who works at this terminal: SOMS_USER where it is set, else the account of the operating system.

    The account is asked of the system by its number: what the environment says of it is anybody's to set.
    """
    return person(settings().user or _account())


def desk_actor() -> Actor:
    """Return who acts at this terminal, with the account beside a name that is not the account's own."""
    name, account = at_this_terminal(), person(_account())
    return Actor(process="desk", name=name if name == account else f"{name} (account {account})")


def _account() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number without a name
        return f"uid-{os.getuid()}"
