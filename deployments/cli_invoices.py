"""`soms invoices`: incoming invoices that were checked; shown, approved, rejected, asked about; suppliers' accounts."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from blocks.database import invoice_limits, invoice_reports, supplier_accounts
from blocks.database import suppliers as supplier_records
from blocks.database.engine import Database
from blocks.documents import supply_tolerances
from blocks.documents.base import plain_decimal
from blocks.documents.invoice_limits import DEFAULTS, KIND, NAME, load
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from deployments import cli_invoice_trail
from deployments.rulebook_commands import Rules, add_commands
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table

app = typer.Typer()
invoices = typer.Typer(help="Invoices that came: what waits, why, and what was decided.", no_args_is_help=True)
limits = typer.Typer(
    help="Who may approve what, four eyes, approval by rule, reminders; as data.", no_args_is_help=True
)
tolerances = typer.Typer(
    help="How far prices and quantities may be off order and receipt, packs, freight; as data.", no_args_is_help=True
)
app.add_typer(invoices, name="invoices")
invoices.add_typer(limits, name="limits")
invoices.command("trail", epilog="Example: soms invoices trail 4711 --by order")(cli_invoice_trail.trail)
invoices.add_typer(tolerances, name="tolerances")
add_commands(limits, Rules(KIND, NAME, "invoice limits", "soms invoices limits", DEFAULTS, load))
add_commands(
    tolerances,
    Rules(
        supply_tolerances.KIND,
        supply_tolerances.NAME,
        "supply tolerances",
        "soms invoices tolerances",
        supply_tolerances.DEFAULTS,
        supply_tolerances.load,
    ),
)

STATES = ("received", "waiting", "approved", "rejected", "posted", "paid")
Number = Annotated[int, typer.Argument(help="Number of the invoice, as `soms invoices list` shows it.")]
Account = Annotated[int, typer.Argument(help="Number of the account, as `soms invoices accounts` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail, and to the sender where one is answered.")]
Seen = Annotated[
    str, typer.Option(help="The view of the facts you looked at, as `show` names it; another one is refused.")
]


@invoices.command("list", epilog="Example: soms invoices list --state waiting")
def invoices_list(
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(STATES)}; repeatable. Else: what waits.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source, e.g. invoice-folder/suppliers.")] = None,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List invoices, those to be decided first at the top, with the verdict by class and the reasons."""
    states = state or ["received", "waiting"]
    if unknown := sorted(set(states) - set(STATES)):
        raise WrongUse(f"There is no state '{unknown[0]}': {', '.join(STATES)}.")
    with Database.current().connect() as connection:
        rows = invoice_reports.listing(connection, states=states, source=source, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "state", "supplier", "number", "gross", "decide by", "failed", "why")
    for row in rows:
        gross = "" if row["gross"] is None else f"{plain_decimal(row['gross'])} {row['currency']}"
        classes = ("format", "business_rules", "content", "supply")
        failed = ", ".join(name.replace("_", " ") for name in classes if row[name] == "failed")
        words = (row["state"], row["supplier"], row["number"], gross, str(row["decide_by"]), failed)
        lines.add_row(str(row["id"]), *map(plain, words), plain(" ".join(row["why"][:2])))
    show(lines, f"{counted(rows, limit, 'invoice')}.")


@invoices.command("show", epilog="Example: soms invoices show 12")
def invoices_show(number: Number, as_json: AsJson = False) -> None:
    """Show an invoice: verdict by class, findings with their remedies, decisions, and the view to decide on."""
    from tasks.invoice_validation import desk, supply_held  # noqa: PLC0415 - what only this command needs

    desk.refresh(Database.current(), desk_actor(), [number], hold=supply_held.hold)
    with Database.current().connect() as connection:
        look = desk.look(connection, number)
    verdict = look.verdict.verdict.model_dump(mode="json") if look.verdict else None
    if as_json:
        names = (
            "id",
            "state",
            "source",
            "came_as",
            "came_from",
            "supplier_id",
            "supplier",
            "number",
            "issued_on",
            "gross",
            "currency",
            "corrects_id",
        )
        more = {"seen": look.seen, "verdict": verdict, "decisions": look.decisions, "wants_two": look.wants_two}
        print_json({**{name: look.row[name] for name in names}, **more})
        return
    _show(look)


def _show(look: Any) -> None:
    from tasks.invoice_validation.desk_page import masked  # noqa: PLC0415 - as above

    row = look.row
    typer.echo(plain(f"Invoice {row['id']}: {row['number'] or row['file_name']} of {row['supplier']}, {row['state']}"))
    gross = "no amount" if row["gross"] is None else f"{plain_decimal(row['gross'])} {row['currency']}"
    typer.echo(plain(f"{gross}; conversion {row['conversion_id']}; to be decided by {row['decide_by']}."))
    if look.account is not None and look.account["state"] != "confirmed":
        typer.echo(f"Account {look.account['id']} ({masked(look.account['iban'])}) is {look.account['state']}.")
    if look.verdict is None:
        typer.echo("It is not judged yet.")
        return
    told = look.verdict.verdict
    typer.echo(
        f"Format {told.format}, business rules {told.business_rules}, content {told.content}, supply {told.supply};"
        f" input tax {told.input_tax}."
    )
    lines = table("rule", "gravity", "what, where, what to do")
    for one in told.findings:
        lines.add_row(plain(one.rule), str(one.gravity), plain(one.text))
    show(lines, f"{len(told.findings)} findings.")
    for made in look.decisions:
        first = "" if made["final"] or made["action"] != "approve" else " (first of two)"
        typer.echo(plain(f"- {made['action']}{first} by {made['by']}, {made['at']:%Y-%m-%d %H:%M}: {made['reason']}"))
    if look.open:
        two = " Two persons must approve it." if look.wants_two else ""
        typer.echo(f"Decide with --seen {look.seen}.{two}")


@invoices.command("approve", epilog='Example: soms invoices approve 12 --seen 1a2b3c4d5e6f --reason "as ordered"')
def invoices_approve(number: Number, seen: Seen, reason: Reason) -> None:
    """Approve an invoice: it is booked in the ERP. Above the limits, a second person must approve it as well."""
    _decide("approve", number, seen, reason)


@invoices.command("reject", epilog='Example: soms invoices reject 12 --seen 1a2b3c4d5e6f --reason "never ordered"')
def invoices_reject(number: Number, seen: Seen, reason: Reason) -> None:
    """Reject an invoice for good; its sender is told the reason."""
    _decide("reject", number, seen, reason)


@invoices.command("ask", epilog='Example: soms invoices ask 12 --seen 1a2b3c4d5e6f --reason "Which order is this of?"')
def invoices_ask(number: Number, seen: Seen, reason: Reason) -> None:
    """Ask the sender what the reason says; the invoice goes on waiting."""
    _decide("ask", number, seen, reason)


@invoices.command("correct", epilog='Example: soms invoices correct 12 --seen 1a2b3c4d5e6f --reason "number misread"')
def invoices_correct(number: Number, seen: Seen, reason: Reason) -> None:
    """Send what was misread back to the conversion desk; once released there, it is judged anew."""
    _decide("correct", number, seen, reason)


@invoices.command(
    "replaces", epilog='Example: soms invoices replaces 13 --of 12 --seen 1a2b3c4d5e6f --reason "says so in its letter"'
)
def invoices_replaces(
    number: Number,
    of: Annotated[int, typer.Option(help="The invoice that it takes the place of; 0: of none.", min=0)],
    seen: Seen,
    reason: Reason,
) -> None:
    """Say that an invoice is the supplier's correction of another: approved, it takes that one's place."""
    _decide("replaces", number, seen, reason, replaced=of)


def _decide(action: str, number: int, seen: str, reason: str, *, replaced: int = 0) -> None:
    from tasks.invoice_validation import desk, supply_held  # noqa: PLC0415 - as above
    from tasks.invoice_validation.deciding import Wish  # noqa: PLC0415

    wish = Wish(number, at_this_terminal(), reason, seen, replaced)
    said = desk.decide(Database.current(), desk_actor(), action, wish, hold=supply_held.hold)
    typer.echo(
        f"{said} The next run of the invoice validation hands it on." if action not in {"correct", "replaces"} else said
    )


@invoices.command("accounts", epilog="Example: soms invoices accounts")
def invoices_accounts(limit: Limit = 200, as_json: AsJson = False) -> None:
    """List accounts that suppliers want to be paid to and that two persons must confirm."""
    from tasks.invoice_validation.desk_page import masked  # noqa: PLC0415 - as above

    with Database.current().connect() as connection:
        rows = supplier_accounts.waiting(connection, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "supplier", "account", "noted by", "at")
    for row in rows:
        lines.add_row(
            str(row["id"]), plain(row["name"]), masked(row["iban"]), plain(row["by"]), f"{row['at']:%Y-%m-%d}"
        )
    show(lines, f"{counted(rows, limit, 'account')}.")


@invoices.command("confirm-account", epilog='Example: soms invoices confirm-account 3 --reason "asked by phone"')
def invoices_confirm_account(account: Account, reason: Reason) -> None:
    """Vouch for a supplier's account, or confirm it as the second person: ask by a way that was known before."""
    _decide_account(account, reason, confirm=True)


@invoices.command(
    "decline-account", epilog='Example: soms invoices decline-account 3 --reason "they know nothing of it"'
)
def invoices_decline_account(account: Account, reason: Reason) -> None:
    """Decline a supplier's account: nothing is paid to it."""
    _decide_account(account, reason, confirm=False)


def _decide_account(account: int, reason: str, *, confirm: bool) -> None:
    from tasks.invoice_validation import desk  # noqa: PLC0415 - as above

    by = at_this_terminal()
    said = desk.decide_account(Database.current(), desk_actor(), account=account, confirm=confirm, by=by, reason=reason)
    typer.echo(said)


@invoices.command("suppliers", epilog="Example: soms invoices suppliers --json")
def invoices_suppliers(limit: Limit = 200, as_json: AsJson = False) -> None:
    """List who sends invoices, with what is noted of them."""
    with Database.current().connect() as connection:
        rows = supplier_records.listing(connection, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "state", "invoices", "small business", "above 800,000 €", "domestic", "name")
    for row in rows:
        facts = ({None: "?", True: "yes", False: "no"}[row[name]] for name in supplier_records.FACTS)
        lines.add_row(str(row["id"]), row["state"], str(row["invoices"]), *facts, plain(row["name"] or row["key"]))
    show(lines, f"{counted(rows, limit, 'supplier')}.")


@invoices.command(
    "note-supplier",
    epilog='Example: soms invoices note-supplier 4 --set turnover_above_limit=yes --reason "as reported"',
)
def invoices_note_supplier(
    supplier: Annotated[int, typer.Argument(help="Number of the supplier, as `soms invoices suppliers` shows it.")],
    facts: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="small_business, turnover_above_limit or domestic=yes|no, state=new|known|blocked, answer_to=address;"
            " repeatable.",
        ),
    ],
    reason: Reason,
) -> None:
    """Note what is known of a supplier; its undecided invoices are judged anew."""
    from tasks.invoice_validation import desk  # noqa: PLC0415 - as above

    said = desk.note_supplier(
        Database.current(), desk_actor(), supplier=supplier, facts=_facts(facts), by=at_this_terminal(), reason=reason
    )
    typer.echo(said)


def _facts(said: list[str]) -> dict[str, bool | str]:
    """Return what is said of a supplier, by name."""
    found: dict[str, bool | str] = {}
    for one in said:
        name, _, value = (part.strip() for part in one.partition("="))
        if name in supplier_records.FACTS:
            if value not in {"yes", "no"}:
                raise WrongUse(f"{name} is yes or no: --set {name}=yes.")
            found[name] = value == "yes"
        else:
            found[name] = value
    return found


@invoices.command("readiness", epilog="Example: soms invoices readiness")
def invoices_readiness(as_json: AsJson = False) -> None:
    """Say which suppliers still send no e-invoices, and from when they must."""
    from tasks.invoice_validation.readiness import readiness  # noqa: PLC0415 - as above

    with Database.current().connect() as connection:
        today = datetime.now(invoice_limits.in_force(connection).zone).date()
        found = [readiness(row, today) for row in invoice_reports.forms_by_supplier(connection)]
    if as_json:
        print_json([{name: getattr(one, name) for name in one.__slots__} for one in found])
        return
    lines = table("no.", "supplier", "invoices", "e-invoices", "must from", "what to do")
    for one in found:
        words = (one.name, str(one.invoices), str(one.e_invoices), str(one.must_from or "never"), one.say)
        lines.add_row(str(one.supplier), *map(plain, words))
    show(lines, f"{len(found)} suppliers, {sum(one.late for one in found)} of them late.")


@invoices.command("ageing", epilog="Example: soms invoices ageing --json")
def invoices_ageing(as_json: AsJson = False) -> None:
    """Say how long invoices have waited, in days of the merchant's calendar."""
    from tasks.invoice_validation.ageing import bands  # noqa: PLC0415 - as above

    with Database.current().connect() as connection:
        zone = invoice_limits.in_force(connection).time_zone
        rows = invoice_reports.ages(connection, zone=zone, now=datetime.now(UTC))
    if as_json:
        print_json(rows)
        return
    lines = table("waiting", "invoices", "gross")
    for each in bands(rows):
        lines.add_row(each["waiting"], str(each["invoices"]), plain(each["gross"]))
    show(lines, f"{len(rows)} invoices wait.")
