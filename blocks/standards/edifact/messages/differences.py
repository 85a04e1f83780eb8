"""What a format could not hold: a document compared field by field with what comes back of it."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

_SHOWN = 80


def not_held(sent: BaseModel, back: BaseModel, form: str) -> tuple[str, ...]:
    """Return a whole sentence for each value of ``sent`` that is another one, or none, in ``back``.

    Args:
        sent: The document as it is.
        back: What reading the written form gives.
        form: Name of the form, e.g. ``INVOIC D.96A``.
    """
    return tuple(_sentence(form, *difference) for difference in _differences(sent, back, "", ""))


def _differences(sent: Any, back: Any, path: str, term: str) -> Iterator[tuple[str, str, Any, Any]]:
    if sent == back or (_empty(sent) and _empty(back)):
        return
    if isinstance(sent, BaseModel) and (back is None or isinstance(back, BaseModel)):
        for name, field in type(sent).model_fields.items():
            place = f"{path}.{name}" if path else name
            value = None if back is None else getattr(back, name)
            yield from _differences(getattr(sent, name), value, place, field.description or term)
    elif isinstance(sent, tuple) and (back is None or isinstance(back, tuple)):
        others = back or ()
        for position, value in enumerate(sent):
            other = others[position] if position < len(others) else None
            yield from _differences(value, other, f"{path}[{position}]", term)
        for position in range(len(sent), len(others)):
            yield f"{path}[{position}]", term, None, others[position]
    else:
        yield path, term, sent, back


def _empty(value: Any) -> bool:
    if isinstance(value, BaseModel):
        return all(_empty(getattr(value, name)) for name in type(value).model_fields)
    return value is None or value in {"", ()}


def _sentence(form: str, path: str, term: str, sent: Any, back: Any) -> str:
    named = f"{path} ({term})" if term else path
    if _empty(back):
        return f"{form} does not hold {named}: {_shown(sent)} was left out."
    if _empty(sent):
        return f"{form} does not hold the absence of {named}: {_shown(back)} is read where nothing was given."
    return f"{form} does not hold {named} as it is: {_shown(sent)} is read back as {_shown(back)}."


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, bytes | BaseModel) else f'"{value}"'
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
