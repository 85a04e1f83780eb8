"""GET: which rows are seen, and how they are written as OData JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from deployments.sandbox.shop.filters import in_order, ordering
from deployments.sandbox.shop.model import Entity, Link, Row
from deployments.sandbox.shop.options import MAX_TOP, Options, behind, write_skiptoken
from deployments.sandbox.shop.store import Store, columns_text, now
from deployments.sandbox.shop.values import moment, time_text


@dataclass(frozen=True)
class View:
    """The shop as one request sees it.

    Attributes:
        store: The rows.
        base: Absolute address of the service, with a slash at the end.
        commit_delay: Seconds for which placed orders are not yet seen.
    """

    store: Store
    base: str
    commit_delay: float = 0.0

    def seen(self, set_name: str, rows: Iterable[Row]) -> list[Row]:
        """Return the rows whose orders are committed and which are not deleted."""
        entity = self.store.entity(set_name)
        found = [row for row in rows if not row["Deleted"]] if entity.soft_delete else list(rows)
        key = "Id" if set_name == "Orders" else "OrderId" if "OrderId" in entity.columns else ""
        hidden = self._uncommitted if key else frozenset()
        return [row for row in found if row[key] not in hidden] if hidden else found

    @cached_property
    def _uncommitted(self) -> frozenset[int]:
        """Return the ids of orders that nobody can see yet."""
        here, orders = now(), self.store.tables["Orders"].rows
        hidden = {
            number for number, row in orders.items() if row["VisibleFrom"] is not None and row["VisibleFrom"] > here
        }
        if self.commit_delay:
            latest = time_text(moment(here) - timedelta(seconds=self.commit_delay))
            hidden |= {
                number for number, row in orders.items() if row["PlacedAt"] is not None and row["PlacedAt"] > latest
            }
        return frozenset(hidden)

    def collection(self, rows: Iterable[Row], options: Options, where: str, query: Mapping[str, str]) -> str:
        """Write a collection with everything the options ask for.

        Args:
            rows: Candidates, already limited to what is seen.
            options: What is wanted.
            where: Address of the collection below the base, for links and context.
            query: The raw query, for the address of the next page.
        """
        found = list(rows) if options.test is None else [row for row in rows if options.test(row)]
        total = len(found)
        after = options.after
        if after is not None:
            found = [row for row in found if behind(row, options.terms, after)]
        size = MAX_TOP if options.top is None else options.top
        page = in_order(found, options.terms, options.skip + size)[options.skip :]
        parts = [f'"@odata.context":"{self.context(options)}"']
        if options.count:
            parts.append(f'"@odata.count":{total}')
        parts.append(
            '"value":[' + ",".join(self.entity_text(row, options, paged=options.top is None) for row in page) + "]"
        )
        if options.top is None and len(found) > options.skip + size:
            rest = {name: text for name, text in query.items() if name.lower() not in ("$skip", "$skiptoken")}
            rest["$skiptoken"] = write_skiptoken(page[-1], options.terms)
            parts.append(f'"@odata.nextLink":"{self._address(where, rest)}"')
        return "{" + ",".join(parts) + "}"

    def single(self, row: Row, options: Options) -> str:
        """Write one entity on the top level."""
        inner = self.entity_text(row, options, by_key=True)
        return f'{{"@odata.context":"{self.context(options)}/$entity",{inner[1:]}'

    def primitive(self, kind: str, value: str) -> str:
        """Write a primitive result; ``value`` is JSON text."""
        return f'{{"@odata.context":"{self.base}$metadata#{kind}","value":{value}}}'

    def entity_text(self, row: Row, options: Options, *, paged: bool = False, by_key: bool = False) -> str:
        """Write one entity as a JSON object with its expansions."""
        parts = [self._columns(row, options)]
        for name, (link, inner) in options.expand.items():
            if link.many:
                parts += self._expanded(row, name, link, inner, paged=paged)
            else:
                parts.append(f'"{name}":{self._linked(row, link, inner, by_key=by_key)}')
        return "{" + ",".join(part for part in parts if part) + "}"

    def _columns(self, row: Row, options: Options) -> str:
        columns: Sequence[Any] | None = options.select
        if withheld := row.get("Withheld"):
            columns = [column for column in columns or options.entity.visible if column.name != withheld]
        if columns is None:
            return self.store.tables[options.entity.set_name].text(row)
        return columns_text(row, columns)

    def _linked(self, row: Row, link: Link, inner: Options, *, by_key: bool) -> str:
        found = self.store.one(link, row)
        if found is None or (by_key and inner.entity.soft_delete and found["Deleted"]):
            return "null"
        return self.entity_text(found, inner, by_key=by_key)

    def _expanded(self, row: Row, name: str, link: Link, inner: Options, *, paged: bool) -> list[str]:
        rows = self.seen(link.target, self.store.many(link, row))
        if inner.test is not None:
            rows = [each for each in rows if inner.test(each)]
        rows = in_order(rows, inner.terms)[inner.skip :]
        total = len(rows)
        size = inner.top if inner.top is not None else MAX_TOP if paged else total
        rows = rows[:size]
        parts = [f'"{name}@odata.count":{total}'] if inner.count else []
        parts.append(f'"{name}":[' + ",".join(self.entity_text(each, inner, paged=paged) for each in rows) + "]")
        if inner.top is None and size < total:
            owner = next(each for each in self.store.tables.values() if each.entity.links.get(name) is link)
            where = f"{owner.entity.set_name}({row['Id']})/{name}"
            token = {"$skiptoken": write_skiptoken(rows[-1], inner.terms)}
            parts.append(f'"{name}@odata.nextLink":"{self._address(where, token)}"')
        return parts

    def context(self, options: Options) -> str:
        """Return the context address of what is written."""
        inner = _shape(options)
        return f"{self.base}$metadata#{options.entity.set_name}" + (f"({inner})" if inner else "")

    def _address(self, where: str, query: Mapping[str, str]) -> str:
        pairs = "&".join(f"{quote(name, safe='$')}={quote(text, safe='(),:$-')}" for name, text in query.items())
        return f"{self.base}{where}?{pairs}"


def _shape(options: Options) -> str:
    parts = [column.name for column in options.select or ()]
    parts += [f"{name}({_shape(inner)})" for name, (_, inner) in options.expand.items()]
    return ",".join(parts)


def plain(entity: Entity) -> Options:
    """Return the options of somebody who asks for nothing special."""
    return Options(entity, ordering("", entity))
