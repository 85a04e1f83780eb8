"""Documents made of values that a reader has typed already, without the model looking at each of them again.

A reader gives stripped texts, decimals within the limits, days and documents, and nothing else: looking at them once
more is a tenth of the time it takes to check an invoice, nearly all of it for the lines.
"""

from functools import cache
from typing import Any, TypeVar

from blocks.documents.base import Document

Made = TypeVar("Made", bound=Document)
_put = object.__setattr__  # documents are frozen


def made(kind: type[Made], **values: Any) -> Made:
    """Return a document of such values; what is not given has its default."""
    document = kind.__new__(kind)
    _put(document, "__dict__", {**_defaults(kind), **values})
    _put(document, "__pydantic_fields_set__", set(values))
    _put(document, "__pydantic_extra__", None)
    _put(document, "__pydantic_private__", None)
    return document


@cache
def _defaults(kind: type[Document]) -> dict[str, Any]:
    """Return the defaults of a document's fields; those that must be given have none."""
    return {name: field.default for name, field in kind.model_fields.items() if not field.is_required()}
