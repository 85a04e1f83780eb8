"""``python -m deployments.sandbox.erp``: prepare the sandbox ERP, or become it."""

import argparse
import sys
from pathlib import Path

from blocks.errors import SomsError
from deployments.sandbox.erp import DATABASE, DEFAULT_HOME, preparation


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.sandbox.erp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("prepare", "build environment and database once"), ("run", "serve a database")):
        command = commands.add_parser(name, help=text)
        command.add_argument("--home", type=Path, default=DEFAULT_HOME, help="where the preparation is kept")
    command.add_argument("--database", type=Path, required=True, help=f"the file {DATABASE}.sqlite to serve")
    command.add_argument("--port", type=int, required=True, help="port on 127.0.0.1")
    return parser.parse_args()


def main() -> None:
    """Do what the command line says; errors are one sentence."""
    wanted = _arguments()
    try:
        if wanted.command == "prepare":
            preparation.prepare(wanted.home)
        else:
            preparation.become_server(wanted.home, wanted.database, wanted.port)
    except SomsError as error:
        sys.exit(f"sandbox ERP: {error}")


if __name__ == "__main__":
    main()
