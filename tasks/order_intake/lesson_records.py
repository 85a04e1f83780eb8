"""How corrections become rules in Postgres: what a record's corrections teach, and the new version of the rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database import corrections, quarantine, rulebooks
from blocks.errors import WrongUse
from tasks.order_intake import rulebook
from tasks.order_intake.judging import Route
from tasks.order_intake.learning import ARTICLES, PAYMENT, SHIPPING, Lesson, lessons, taught

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.systems.sources import OrderSource


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the corrections of one record teach, and what the rules' text would be; ``text`` is the one in force."""

    record: int
    channel: str
    lessons: tuple[Lesson, ...]
    text: str
    new_text: str

    @property
    def changes_nothing(self) -> bool:
        """Return whether the rules say all of it already."""
        return self.text == self.new_text


def propose(connection: "Connection", load: "Callable[[str], OrderSource]", record_id: int) -> Proposal:
    """Return what the approved corrections of a record teach.

    Raises:
        WrongUse: There is no such record, its corrections teach nothing, or they contradict the rules or master data.
    """
    record = quarantine.show(connection, record_id)
    source = load(record["source"])
    route = Route.of(record["source"], "", source)
    edition = rulebooks.in_force(connection, kind=rulebook.KIND, name=rulebook.NAME)
    text = edition.content if edition else ""
    own = rulebook.load(text).mapping(route.channel)
    made = corrections.of_record(connection, record["inbox_id"])
    learnt = lessons(
        (change for each in made if each["state"] == "approved" and not each["raw"] for change in each["changes"]),
        {
            PAYMENT: source.payment_methods | own.payment_methods,
            SHIPPING: source.shipping_methods | own.shipping_methods,
        },
    )
    if not learnt:
        raise WrongUse(
            f"The corrections of record {record_id} teach nothing: only an approved correction of a payment method, a"
            " shipping method or an article number can become a rule."
        )
    _fit_master_data(connection, source.assortment or route.channel, learnt)
    return Proposal(record_id, route.channel, learnt, text, taught(text, route.channel, learnt))


def _fit_master_data(connection: "Connection", assortment: str, learnt: tuple[Lesson, ...]) -> None:
    """Refuse a mapping of an article that exists, or to one that does not: it would change every order from now on."""
    skus = {sku for lesson in learnt if lesson.table == ARTICLES for sku in (lesson.said, lesson.meant)}
    rows = connection.execute("SELECT sku FROM article WHERE channel = %s AND sku = ANY(%s)", (assortment, list(skus)))
    known = {row["sku"] for row in rows}
    for lesson in learnt:
        if lesson.table == ARTICLES and lesson.said in known:
            raise WrongUse(f"'{lesson.said}' is an article itself: taking it for '{lesson.meant}' can be no rule.")
        if lesson.table == ARTICLES and lesson.meant not in known:
            raise WrongUse(f"'{lesson.meant}' is no article that shop and ERP know: take over master data first.")


def learn(
    connection: "Connection",
    trail: "Trail",
    load: "Callable[[str], OrderSource]",
    record_id: int,
    *,
    by: str,
    reason: str,
) -> tuple[Proposal, int]:
    """Make what a record's corrections teach the rules in force; returns it with the rules' version."""
    if not reason.strip():
        raise WrongUse("Say why: the reason goes into the audit trail.")
    rulebooks.hold(connection, kind=rulebook.KIND, name=rulebook.NAME)
    proposal = propose(connection, load, record_id)
    if proposal.changes_nothing:
        edition = rulebooks.in_force(connection, kind=rulebook.KIND, name=rulebook.NAME)
        return proposal, edition.version if edition else 0
    edition = rulebooks.activate(
        connection, trail, kind=rulebook.KIND, name=rulebook.NAME, content=proposal.new_text, by=by, reason=reason
    )
    return proposal, edition.version
