"""Run the sandbox manufacturer: ``python -m deployments.sandbox.manufacturer --port 8805 --products 82 --seed 1``."""

import argparse
from pathlib import Path

from deployments.sandbox.manufacturer.app import Manufacturer
from deployments.sandbox.manufacturer.files import deliver
from deployments.sandbox.manufacturer.products import products
from deployments.sandbox.serving import serve


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m deployments.sandbox.manufacturer", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--products", type=int, default=120, help="how many it makes; the shop's own come first")
    parser.add_argument("--seed", type=int, default=1, help="world that the products come from")
    parser.add_argument("--crawl-delay", type=float, default=0.0, help="seconds that its robots.txt asks for")
    parser.add_argument("--deliver-to", type=Path, help="folder that catalogue files are put into, once")
    given = parser.parse_args()
    made = products(given.products, given.seed)
    if given.deliver_to and not (given.deliver_to / "delivered").exists():
        deliver(made, given.deliver_to)
    serve(Manufacturer(made, crawl_delay=given.crawl_delay).application(), given.host, given.port)


if __name__ == "__main__":
    main()
