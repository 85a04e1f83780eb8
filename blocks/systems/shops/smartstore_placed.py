"""What a shop lists of the orders placed in a window: ids and times alone, so that completeness is cheap to check."""

from collections.abc import Iterator
from datetime import datetime

from blocks.errors import TryAgainLater
from blocks.systems.shops.contract import Placed
from blocks.systems.shops.smartstore_changes import written
from blocks.systems.shops.smartstore_fields import moment
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, any_of


def placed_between(since: datetime, until: datetime, stores: str) -> str:
    """Return the condition that an order was created in a window, at one of the stores."""
    window = f"CreatedOnUtc ge {written(since)} and CreatedOnUtc lt {written(until)}"
    return f"{window} and {stores}" if stores else window


def placed_pages(api: WebApi, condition: str) -> Iterator[tuple[Placed, ...]]:
    """Yield the orders that meet a condition, by id, in pages.

    Raises:
        TryAgainLater: A row lacks its id or its time: a list with holes cannot show what is missing.
    """
    for page in api.pages("Orders", condition=condition, select="Id,CreatedOnUtc"):
        found = []
        for row in page.rows:
            value = row.value if isinstance(row.value, dict) else {}
            number, created = value.get("Id"), moment(value.get("CreatedOnUtc"))
            if not isinstance(number, int) or isinstance(number, bool) or created is None:
                raise TryAgainLater(f"{api.system}: the list of orders has a row without id or time; asked again.")
            found.append(Placed(str(number), created))
        yield tuple(found)


def used_ids(api: WebApi, numbers: list[int]) -> Iterator[str]:
    """Yield which of some ids belong to an order."""
    for start in range(0, len(numbers), MAX_IDS):
        for page in api.pages("Orders", condition=any_of("Id", numbers[start : start + MAX_IDS]), select="Id"):
            yield from (str(row["Id"]) for row in page.objects() if isinstance(row.get("Id"), int))
