"""YAML that people write by hand, read with its traps refused: keys that stand twice, references, absurd length."""

from typing import Any

from blocks.errors import Unreadable

LONGEST_TEXT = 200_000


def parse(text: str, *, what: str, longest: int = LONGEST_TEXT) -> Any:
    """Return what a YAML text says.

    Args:
        text: The text.
        what: What it is, in the plural and as a sentence begins, e.g. 'The statuses'.
        longest: Characters that are taken at most.

    Raises:
        Unreadable: It is no YAML, too long or too deep, or has what YAML would swallow in silence.
    """
    import yaml  # noqa: PLC0415 - an idle poll reads no YAML

    if len(text) > longest:
        raise Unreadable(f"{what} are longer than {longest} characters.")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _refuse_traps(node)
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise Unreadable(f"{what} are no readable YAML{line}.") from None
    except (RecursionError, ValueError):
        raise Unreadable(f"{what} are no readable YAML: too deep, or with values that do not exist.") from None


def _refuse_traps(top: Any) -> None:
    """Refuse what YAML would swallow in silence: a key that stands twice, and parts that are repeated by reference."""
    import yaml  # noqa: PLC0415

    seen: set[int] = set()
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            raise Unreadable(f"Line {node.start_mark.line + 1}: write it out, references (&, *) are not taken.")
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                name = str(key.value)
                if name in keys:
                    raise Unreadable(f"Line {key.start_mark.line + 1}: '{name}' stands twice in one place.")
                keys.add(name)
                waiting.append(value)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
