"""Texts for cells of files that people open in a spreadsheet program: none of them is taken for a formula."""

# the last four are full-width forms, which spreadsheet programs take for the plain ones
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutral(text: str) -> str:
    """Return the text so that a spreadsheet program shows it instead of calculating it.

    A text that begins, after blanks, with ``=``, ``+``, ``-``, ``@``, a tab or a line break gets an apostrophe in front
    (OWASP, CSV injection). Write numbers as numbers: this is for texts from outside.
    """
    return f"'{text}" if text.startswith(_BEGINNINGS) or text.lstrip().startswith(_BEGINNINGS) else text
