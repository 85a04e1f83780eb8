"""Tells whether the code, or what it is told about the stack, changed since the deployments were applied."""

import hashlib
from pathlib import Path

from deployments.stack.stack_file import Stack

_PACKAGES = ("flows", "tasks", "blocks", "deployments")


def fingerprint(stack: Stack) -> str:
    """Return a hash over the time stamps of the code and the addresses of the stack."""
    digest = hashlib.sha256(stack.model_dump_json(exclude={"applied", "parts"}).encode())
    root = Path(__file__).parents[2]
    for package in _PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            digest.update(f"{file.relative_to(root)} {file.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()
