"""Run the sandbox shop: ``python -m deployments.sandbox.shop --port 8801 --state shop.sqlite --seed 1``."""

import argparse
from pathlib import Path

from deployments.sandbox.serving import serve
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY, Settings
from deployments.sandbox.shop.app import application, opened


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m deployments.sandbox.shop", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="SQLite file that keeps the shop's rows")
    parser.add_argument("--seed", type=int, default=1, help="world that orders come from by default")
    parser.add_argument("--public-key", default=PUBLIC_KEY)
    parser.add_argument("--secret-key", default=SECRET_KEY)
    parser.add_argument("--version", choices=("6.3", "6.4"), default="6.4")
    parser.add_argument("--require-tls", action="store_true", help="answer 421 to plain HTTP, like a live shop")
    given = parser.parse_args()
    store = opened(given.state, given.version)
    settings = Settings(given.public_key, given.secret_key, given.version, given.require_tls)
    try:
        serve(application(store, settings, given.seed), given.host, given.port)
    finally:
        store.close()


if __name__ == "__main__":
    main()
