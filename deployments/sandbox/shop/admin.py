"""The sandbox operator's side of the shop: orders on demand, their truth, settings, counts. Loopback only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deployments.sandbox.shop.access import Settings
from deployments.sandbox.shop.defects import order
from deployments.sandbox.shop.placing import place
from deployments.sandbox.shop.store import Store
from deployments.sandbox.shop.values import Refusal, read_body
from deployments.sandbox.shop.writing import read_columns

_MOST = 100_000
_ORDER_FIELDS = {"count", "seed", "start", "spread_seconds", "bad", "short", "commit_delay"}


def _number(body: dict[str, Any], name: str, default: float, least: float, most: float) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not least <= value <= most:
        raise Refusal(400, f"'{name}' must be a number between {least} and {most}.")
    return float(value)


class Admin:
    """Answers the admin addresses."""

    def __init__(self, store: Store, settings: Settings, seed: int) -> None:
        """Work on this shop; ``seed`` is the world that orders come from unless a request names another."""
        self._store, self._settings, self._seed = store, settings, seed

    def routes(self) -> list[Route]:
        """Return the addresses."""
        return [
            Route("/admin/orders", self.add_orders, methods=["POST"]),
            Route("/admin/orders/commit", self.commit, methods=["POST"]),
            Route("/admin/orders/truth", self.truth),
            Route("/admin/rows", self.add_row, methods=["POST"]),
            Route("/admin/settings", self.settings, methods=["GET", "PATCH"]),
            Route("/admin/state", self.state),
            Route("/admin/mails", self.mails),
            Route("/admin/products", self.change_products, methods=["PATCH"]),
        ]

    async def add_orders(self, request: Request) -> Response:
        """Place orders from a seed and list their ids with what is wrong with them."""
        body = read_body(await request.body())
        if unknown := set(body) - _ORDER_FIELDS:
            raise Refusal(400, f"Unknown: {', '.join(sorted(unknown))}.")
        count, start = int(_number(body, "count", 1, 0, _MOST)), int(_number(body, "start", 0, 0, 10**9))
        seed = int(_number(body, "seed", self._seed, 0, 10**12))
        spread, delay = _number(body, "spread_seconds", 0, 0, 10**9), _number(body, "commit_delay", 0, 0, 10**6)
        shares = {name: _number(body, name, 0, 0, 1) for name in ("bad", "short")}
        end, ids, defects, short = datetime.now(UTC), [], {}, []
        with self._store.transaction():
            for index in range(count):
                draft = order(seed, start + index, **shares)
                at = end - timedelta(seconds=spread * (count - 1 - index) / max(count, 1))
                row = place(self._store, draft, at, index // 3 % 10, delay)
                ids.append(row["Id"])
                if draft.defect:
                    defects[str(row["Id"])] = draft.defect
                if draft.kind == "short":
                    short.append(row["Id"])
        return JSONResponse({"ids": ids, "bad": defects, "short": short}, 201)

    async def commit(self, _: Request) -> Response:
        """Make every order visible that waits for its commit."""
        waiting = [row["Id"] for row in self._store.tables["Orders"].rows.values() if row["VisibleFrom"] is not None]
        with self._store.transaction():
            for row_id in waiting:
                self._store.update("Orders", row_id, {"VisibleFrom": None})
        return JSONResponse({"committed": waiting})

    async def truth(self, _: Request) -> Response:
        """Tell of every placed order whether it is good, short or bad, and with which defect."""
        found = {}
        for row in self._store.tables["Orders"].rows.values():
            if row["Truth"]:
                kind, _, defect = row["Truth"].partition(":")
                found[str(row["Id"])] = {"kind": kind, "defect": defect or None}
        return JSONResponse(found)

    async def add_row(self, request: Request) -> Response:
        """Save a row of any set, also of one that the API only reads."""
        body = read_body(await request.body())
        table = self._store.tables.get(body.get("set", ""))
        if table is None or not isinstance(body.get("values"), dict):
            raise Refusal(400, "'set' and 'values' are needed.")
        columns, _ = read_columns(table.entity, body["values"])
        with self._store.transaction():
            row = self._store.insert(table.entity.set_name, columns)
        return JSONResponse({"id": row["Id"]}, 201)

    async def settings(self, request: Request) -> Response:
        """Show or change the switches of access."""
        if request.method == "PATCH":
            for name, value in read_body(await request.body()).items():
                if name == "denied" and isinstance(value, list):
                    self._settings.denied = {str(each) for each in value}
                elif name in ("active", "user_enabled", "require_tls") and isinstance(value, bool):
                    setattr(self._settings, name, value)
                elif name == "batch_stops_after" and (value is None or isinstance(value, int)):
                    self._settings.batch_stops_after = value
                else:
                    raise Refusal(400, f"'{name}' cannot be set like this.")
        shown = {name: getattr(self._settings, name) for name in ("version", "active", "user_enabled", "require_tls")}
        return JSONResponse({**shown, "denied": sorted(self._settings.denied)})

    async def state(self, _: Request) -> Response:
        """Count the rows of every set."""
        counts = {name: len(table.rows) for name, table in self._store.tables.items()}
        mappings, notes = counts["SyncMappings"], counts["OrderNotes"]
        return JSONResponse({"orders": counts["Orders"], "notes": notes, "sync_mappings": mappings, "sets": counts})

    async def mails(self, _: Request) -> Response:
        """List the back-in-stock mails that were sent, oldest first."""
        return JSONResponse(list(self._store.tables["BackInStockMails"].rows.values()))

    async def change_products(self, request: Request) -> Response:
        """Change products as a person at the shop's own desk does: by SKU to columns, all in one go.

        A SKU that is a combination's changes the combination.
        """
        body = read_body(await request.body())
        places = {
            row["Sku"]: (name, number)
            for name in ("Products", "ProductVariantAttributeCombinations")
            for number, row in self._store.tables[name].rows.items()
        }
        if unknown := set(body) - set(places):
            raise Refusal(404, f"Unknown: {', '.join(sorted(unknown))}.")
        with self._store.transaction():
            for sku, values in body.items():
                name, number = places[sku]
                columns, _ = read_columns(self._store.entity(name), values)
                self._store.update(name, number, columns)
        return JSONResponse({"changed": len(body)})
