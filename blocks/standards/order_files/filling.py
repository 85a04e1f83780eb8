"""Documents filled with values that have been checked already."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from blocks.documents.base import Document

_set = object.__setattr__
Kind = TypeVar("Kind", bound=Document)


class Filling(Generic[Kind]):
    """Makes documents of one kind without validating them, the way pydantic restores pickled ones."""

    def __init__(self, kind: type[Kind]) -> None:
        """Note the defaults."""
        self._kind = kind
        self._defaults = {name: field.default for name, field in kind.model_fields.items() if not field.is_required()}
        self._names = set(kind.model_fields)

    def of(self, fields: Mapping[str, Any]) -> Kind:
        """Return a document; the caller has checked every field and left out none that has no default."""
        document = self._kind.__new__(self._kind)
        _set(document, "__dict__", {**self._defaults, **fields})
        _set(document, "__pydantic_fields_set__", self._names)
        _set(document, "__pydantic_extra__", None)
        _set(document, "__pydantic_private__", None)
        return document
