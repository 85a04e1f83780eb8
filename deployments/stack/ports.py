"""Which port each part of the local stack listens on: chosen free once, and kept so that bookmarks stay valid."""

import socket
from collections.abc import Container
from pathlib import Path

from deployments.stack.private_files import read_private, write_private

PREFERRED = {"prefect": 4200}


def port_for(home: Path, name: str) -> int:
    """Return the port of one component: the one of last time if still free, else a free one. Needs the home's lock."""
    path = home / "ports.json"
    known = read_private(path)
    taken = {port for other, port in known.items() if other != name}
    for wish in (known.get(name), PREFERRED.get(name)):
        if wish and wish not in taken and is_free(int(wish)):
            chosen = int(wish)
            break
    else:
        chosen = any_free(taken)
    if known.get(name) != chosen:
        write_private(path, {**known, name: chosen})
    return chosen


def is_free(port: int) -> bool:
    """Return whether nobody listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(port: int, patience: float = 1.0) -> bool:
    """Return whether somebody accepts connections on the port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=patience).close()
    except OSError:
        return False
    return True


def any_free(taken: Container[int] = ()) -> int:
    """Return a port of 127.0.0.1 on which nobody listens, and which is not among the taken ones."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port
