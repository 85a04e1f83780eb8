"""A sandbox ERP that takes a sale in a set time and keeps count: how many calls at once, when each began, how often.

``PUT /sales/{reference}`` makes a sale once (201) and names it again afterwards (200); ``GET /admin/seen`` tells what
was seen. Run: ``python -m deployments.sandbox.quick_erp --port 8070 --delay 0.05``.
"""

import argparse
import asyncio
import time
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deployments.sandbox.serving import serve


@dataclass
class QuickErp:
    """The sales, and what was seen of the calls that made them."""

    delay: float
    numbers: dict[str, str] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    begun: list[float] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def put(self, request: Request) -> JSONResponse:
        """Make a sale, or name the one that is there."""
        self.begun.append(time.monotonic())
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            reference = request.path_params["reference"]
            self.calls[reference] = self.calls.get(reference, 0) + 1
            await asyncio.sleep(self.delay)
            known = reference in self.numbers
            number = self.numbers.setdefault(reference, f"Q{len(self.numbers) + 1}")
            return JSONResponse({"number": number}, 200 if known else 201)
        finally:
            self.in_flight -= 1

    async def seen(self, _request: Request) -> JSONResponse:
        """Tell what was seen."""
        return JSONResponse({"most_in_flight": self.most_in_flight, "begun": self.begun, "calls": self.calls})


def application(delay: float) -> Starlette:
    """Return the ERP as an application."""
    erp = QuickErp(delay)
    return Starlette(
        routes=[
            Route("/sales/{reference:path}", erp.put, methods=["PUT"]),
            Route("/admin/seen", erp.seen),
        ]
    )


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8070)
    parser.add_argument("--delay", type=float, default=0.05, help="seconds each sale takes")
    options = parser.parse_args()
    serve(application(options.delay), options.host, options.port)


if __name__ == "__main__":
    main()
