"""Every deployment as data: which flow, when, with what, and how many at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One deployment.

    Attributes:
        entrypoint: Module path of the flow, e.g. 'flows.order_intake.order_intake'.
        name: Name of the deployment; the UI shows '<flow>/<name>'.
        description: What it does, for people who look at the UI.
        every: Interval, or None.
        cron: Cron text in the merchant's zone, or None. Without either it runs on demand only.
        parameters: What the flow is given unless a person says otherwise.
        limit: How many runs at once; one per source, so that two never read the same source.
        tags: Words to filter by in the UI.
        at_once: Whether a run is started when the deployment is applied and none is under way.
    """

    entrypoint: str
    name: str
    description: str
    every: timedelta | None = None
    cron: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 1
    tags: tuple[str, ...] = ()
    at_once: bool = False

    @property
    def full_name(self) -> str:
        """Return how Prefect names it: '<flow>/<name>'."""
        return f"{self.entrypoint.rpartition('.')[2].replace('_', '-')}/{self.name}"


ZONE = "Europe/Berlin"
BERLIN = {"source": "smartstore-shop/berlin", "erp": "tryton-erp/main"}
PHONE = "order-desk/phone"
BRANCH = "order-folder/branch"
STORE = "pos-folder/store"
SUPPLIERS = "invoice-folder/suppliers"
INVOICE_MAILBOX = "invoice-mailbox/invoices"
EDI_PARTNER = "edi-folder/partner"
PARTNER_INVOICES = "invoice-folder/partner"
NORDLICHT = ("manufacturer-api/nordlicht", "manufacturer-site/nordlicht", "manufacturer-folder/nordlicht")
ONE_AT_A_TIME = (
    "One run at a time: a run that falls due while another still works ends as *Cancelled*, and nothing is lost by it."
)


def certified(name: str, source: str, what: str, *, minute: int) -> Scheduled:
    """Return the daily completeness certificate of one source; ``what`` completes 'Certifies every morning that …'."""
    return Scheduled(
        entrypoint="flows.order_completeness.order_completeness",
        name=name,
        description=f"Certifies every morning that {what}: received = accepted + put aside + rejected + duplicates. The"
        " run fails when something is open that does not heal by itself; its certificate is at *Artifacts*.\n\nFor"
        " another day: *Run*, *Custom run*, then choose the day.",
        cron=f"{minute} 4 * * *",
        parameters={"request": {"source": source}},
        tags=("orders", name),
    )


DEPLOYMENTS = (
    Scheduled(
        entrypoint="flows.order_intake.order_intake",
        name="berlin",
        description="Takes new and changed orders from the shop, checks and books them, and hands them to the ERP."
        " `order-watch/berlin` does so within seconds; this run, every five minutes, is its safety net and serves"
        " people.\n\nSafe to start by hand at any time: *Run*, *Custom run*, then choose a time to read again from or"
        " single orders, or switch *Dry Run* on to see what would be done. Each run leaves its report at *Artifacts*:"
        f" what came, what became of it, and what needs a person.\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=5),
        parameters={"request": BERLIN},
        tags=("orders", "berlin"),
    ),
    Scheduled(
        entrypoint="flows.order_watch.order_watch",
        name="berlin",
        description="Looks at the shop every three seconds and takes new orders through to the ERP; a new run begins"
        f" every quarter of an hour.\n\n{ONE_AT_A_TIME}",
        cron="*/15 * * * *",
        parameters={"request": BERLIN},
        tags=("orders", "berlin"),
        at_once=True,
    ),
    Scheduled(
        entrypoint="flows.order_status.order_status",
        name="berlin",
        description="Hears every five minutes what shop and ERP say of each order's status, decides by the statuses in"
        " force (`soms statuses show`), and tells the other. Its page at *Artifacts* draws the statuses and names words"
        " that nobody has mapped, systems that disagreed and who won, and how far each lags behind.\n\n"
        f"{ONE_AT_A_TIME}",
        every=timedelta(minutes=5),
        parameters={"request": BERLIN},
        tags=("orders", "statuses", "berlin"),
    ),
    Scheduled(
        entrypoint="flows.set_order_status.set_order_status",
        name="by-hand",
        description="Sets one order's status: *Run*, *Custom run*, then say which, who decides it and why. Shop and ERP"
        " are told at once.",
        tags=("orders", "statuses"),
    ),
    Scheduled(
        entrypoint="flows.master_data.master_data",
        name="berlin",
        description="Takes articles from the shop and stock from the ERP every ten minutes. Orders held because stock"
        " is short are served by the next order intake. The report at *Artifacts* names articles that need a person."
        f"\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=10),
        parameters={"request": {"shop": BERLIN["source"], "erp": BERLIN["erp"]}},
        tags=("master data", "berlin"),
    ),
    Scheduled(
        entrypoint="flows.stock_watch.stock_watch",
        name="berlin",
        description="Asks the ERP every two seconds what moved stock, keeps it in the ledger and tells the shop at"
        " once; a new run begins every quarter of an hour. Its page at *Artifacts* says how long it took from the ERP"
        f" to the shop.\n\n{ONE_AT_A_TIME}",
        cron="7-59/15 * * * *",
        parameters={"request": {"erp": BERLIN["erp"], "shop": BERLIN["source"]}},
        tags=("stock", "berlin"),
        at_once=True,
    ),
    Scheduled(
        entrypoint="flows.stock_movements.stock_movements",
        name="tryton",
        description="Hears every five minutes what moved stock in the ERP and what is on its way to the warehouses, and"
        " keeps each movement once in the stock ledger. `stock-watch/berlin` does so within seconds; this run is its"
        " safety net and serves people. Its page at *Artifacts* names movements that came too late or say something"
        f" else than before.\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=5),
        parameters={"request": {"source": BERLIN["erp"]}},
        tags=("stock", "erp"),
    ),
    Scheduled(
        entrypoint="flows.stock_history.stock_history",
        name="desk",
        description="What happened to the stock of one article: every movement, count and reservation, with a picture."
        " Changes nothing.",
        limit=20,
        tags=("desk", "stock"),
    ),
    Scheduled(
        entrypoint="flows.shop_listing.shop_listing",
        name="berlin",
        description="Shows in the shop what can be sold of each article, hides what cannot be sold, and shows it again"
        " when it can: every ten minutes whatever differs, as the safety net of `stock-watch/berlin`, which does so"
        " within seconds.\n\nSafe to start by hand at any time: *Run*, *Custom run*, then name single articles, or"
        " switch *Look Again* on to read first what the shop shows now. The report at *Artifacts* names what was hidden"
        f" and shown again, what people hide, and what the shop refused.\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=10),
        parameters={"request": {"source": BERLIN["source"]}},
        tags=("stock", "berlin"),
    ),
    Scheduled(
        entrypoint="flows.inventory_reconciliation.inventory_reconciliation",
        name="berlin",
        description="Compares every night what ERP, books and shop say of each article, names the cause of each"
        " difference, and repairs it: counts are booked, the shop is told. What might be a mistake is stopped and shown"
        " (`soms stock imports list`).\n\nOn demand: *Run*, *Custom run*, then name articles, a supplier, a category or"
        " a warehouse, or switch *Rehearsal* on to see what would be done. Its page at *Artifacts* lists each"
        f" difference with its cause.\n\n{ONE_AT_A_TIME}",
        cron="30 2 * * *",
        parameters={"request": BERLIN},
        tags=("stock", "berlin"),
    ),
    Scheduled(
        entrypoint="flows.order_entry.order_entry",
        name="phone",
        description="For orders by phone, letter or over the counter: *Run*, *Custom run*, fill in the form. The order"
        " is checked, booked and handed to the ERP like one from the shop; what became of it is at *Artifacts*.\n\nName"
        " a customer who has ordered before by their number and leave the addresses empty. As soon as the order is"
        " kept, SOMS blanks the addresses in this form; never type card numbers, they are refused.",
        parameters={
            "request": {"desk": PHONE, "erp": BERLIN["erp"], "payment_method": "invoice", "shipping_method": "parcel"}
        },
        limit=20,
        tags=("orders", "phone"),
    ),
    Scheduled(
        entrypoint="flows.order_intake.order_intake",
        name="phone",
        description="Judges what was entered at the desk and released since, and serves orders that were held because"
        f" stock was short.\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=10),
        parameters={"request": {"source": PHONE, "erp": BERLIN["erp"]}},
        tags=("orders", "phone"),
    ),
    Scheduled(
        entrypoint="flows.order_intake.order_intake",
        name="branch",
        description="Takes in files of orders that were put into the folder `incoming` of the connection"
        f" `{BRANCH}`, checks and books each order, keeps each file unchanged in `archive`, and answers it in `results`"
        f" with what became of each row.\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=5),
        parameters={"request": {"source": BRANCH, "erp": BERLIN["erp"]}},
        tags=("orders", "files", "branch"),
    ),
    Scheduled(
        entrypoint="flows.till_intake.till_intake",
        name="store",
        description="Takes in the files that tills put into the folder `incoming` of the connection"
        f" `{STORE}`: sales, returns, voids, deliveries and counts. Each file is kept unchanged in `archive` and"
        " answered in `results` with what became of each row; a count of a whole store passes the guard against mass"
        f" changes first.\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=5),
        parameters={"request": {"source": STORE}},
        tags=("stock", "files", "store"),
    ),
    Scheduled(
        entrypoint="flows.entry_sweep.entry_sweep",
        name="hourly",
        description="Takes in orders that a run of order entry left in its form because it died, and blanks the form."
        f"\n\n{ONE_AT_A_TIME}",
        every=timedelta(hours=1),
        tags=("orders", "phone"),
    ),
    certified(
        "berlin",
        BERLIN["source"],
        "all orders the shop took yesterday have come in, against the shop's own count. Orders that never came are"
        " named and fetched",
        minute=15,
    ),
    certified(
        "branch",
        BRANCH,
        "of all files that came yesterday every record has become an order or waits with its reason; a file that was"
        " refused, or not read to its end, is named",
        minute=20,
    ),
    certified(
        "phone", PHONE, "of all orders that were entered yesterday each was booked or waits with its reason", minute=25
    ),
    Scheduled(
        entrypoint="flows.quarantine_desk.quarantine_desk",
        name="desk",
        description="For records that were put aside: *Run*, *Custom run*, then show, correct, approve, decline,"
        " release, reject or learn. The reports of order intake link each record to this form.\n\nA correction never"
        " changes the bytes as they came; one that touches money needs a second person. What a patch says is blanked in"
        " the form as soon as it is kept.",
        limit=20,
        tags=("desk",),
    ),
    Scheduled(
        entrypoint="flows.effects_desk.effects_desk",
        name="desk",
        description="For calls to outside systems: see what the next run would do before it is done, have refused calls"
        " made again, abandon calls that shall never be made.",
        limit=20,
        tags=("desk",),
    ),
    Scheduled(
        entrypoint="flows.order_story.order_story",
        name="desk",
        description="What happened to one order: every event, version, call, correction, status, reservation and mail"
        " in time order, each with who did it, and every place where they do not agree. Changes nothing.",
        limit=20,
        tags=("desk",),
    ),
    Scheduled(
        entrypoint="flows.invoice_trail.invoice_trail",
        name="desk",
        description="The reliable audit trail of an invoice (§14(1) UStG): order, receipt, verdict, approval, posting,"
        " payment, each link with its proof, as a picture and as a table; from the invoice, the order, the receipt, the"
        " posting, the ERP's bill or the batch. What is missing is named.",
        limit=20,
        tags=("desk", "invoices"),
    ),
    Scheduled(
        entrypoint="flows.accounting_export.accounting_export",
        name="monthly",
        description="On the 5th of each month: posts approved invoices by the accounting plan (`soms accounting plan"
        " show`) and makes one batch of last month's that no batch holds yet, with control totals. `soms accounting"
        f" export --batch` writes its files (DATEV, CSV).\n\n{ONE_AT_A_TIME}",
        cron="20 6 5 * *",
        tags=("invoices", "accounting"),
    ),
    Scheduled(
        entrypoint="flows.stock_feed.stock_feed",
        name="all",
        description="Delivers each stock feed of the stock rules (`soms stock rules show`) once in each of its"
        " intervals; one that missed an interval has an alarm until it has caught up.\n\nFor a delivery at once: *Run*,"
        f" *Custom run*, name the feed and tick *at once*.\n\n{ONE_AT_A_TIME}",
        every=timedelta(minutes=5),
        tags=("stock", "feeds"),
    ),
    Scheduled(
        entrypoint="flows.stock_availability.stock_availability",
        name="desk",
        description="What a cart can have now, when the next goods come in and when the rest is there. Asking reserves"
        " nothing.",
        limit=20,
        tags=("desk", "stock"),
    ),
    Scheduled(
        entrypoint="flows.replenishment.replenishment",
        name="nightly",
        description="Learns every night what is wanted of each article, says what will not last until goods come in,"
        " and proposes what to buy; asks the ERP to buy what people have approved. Its page at *Artifacts* says why,"
        " how sure that is, and what such figures would have been worth in the past.\n\nFor some articles at once:"
        f" *Run*, *Custom run*. How each article is bought stands in `soms stock rules show`.\n\n{ONE_AT_A_TIME}",
        cron="15 5 * * *",
        tags=("stock", "purchases"),
    ),
    Scheduled(
        entrypoint="flows.purchase_desk.purchase_desk",
        name="desk",
        description="For proposals of what to buy: *Run*, *Custom run*, then show, approve or decline them. What is"
        " approved is ordered in the ERP at once, and only once. The page of the nightly replenishment links each"
        " proposal to this form.",
        limit=20,
        tags=("desk", "purchases"),
    ),
    Scheduled(
        entrypoint="flows.edi_exchange.edi_exchange",
        name="partner",
        description="Takes EDIFACT interchanges from the folder `incoming` of the connection"
        f" `{EDI_PARTNER}`, keeps each unchanged in `archive`, acknowledges it by CONTRL or says why not, and puts what"
        " goes out into `results`. Unknown partners, used references and missing control numbers are findings of the"
        " run. Partners are data: `soms edi partners fields`.\n\nFor another partner's connection, or to send"
        " something once more: *Run*, *Custom run*. It has no schedule: add one under *Schedules* once the connection"
        f" is your own. Orders then wait for *order intake* with the same source.\n\n{ONE_AT_A_TIME}",
        parameters={"request": {"source": EDI_PARTNER}},
        tags=("edi", "partners"),
    ),
    Scheduled(
        entrypoint="flows.edi_conversion.edi_conversion",
        name="suppliers",
        description="Converts invoices that suppliers put into the folder `incoming` of the connection"
        f" `{SUPPLIERS}`: reads each without a template, puts what is proven into `results` as XRechnung (UBL), and"
        " what is not before a person. Each file is kept unchanged in `archive`.\n\nFor another folder or a mailbox,"
        " another form or target, or to rehearse: *Run*, *Custom run*. It has no schedule: add one under *Schedules*"
        f" once the connection is your own.\n\n{ONE_AT_A_TIME}",
        parameters={"request": {"source": SUPPLIERS}},
        tags=("invoices", "edi"),
    ),
    Scheduled(
        entrypoint="flows.edi_conversion.edi_conversion",
        name="mailbox",
        description="Converts invoices that come to a mailbox as attachments, like `edi-conversion/suppliers`; needs a"
        f" connection `{INVOICE_MAILBOX}` (block type *Invoice Mailbox*). What is proven goes to the results of"
        f" `{SUPPLIERS}`. It has no schedule: add one once the mailbox is connected.\n\n{ONE_AT_A_TIME}",
        parameters={"request": {"source": INVOICE_MAILBOX, "target": SUPPLIERS}},
        tags=("invoices", "edi"),
    ),
    Scheduled(
        entrypoint="flows.conversion_desk.conversion_desk",
        name="desk",
        description="For converted invoices that wait: *Run*, *Custom run*, then list, show (the page as a picture,"
        " every value boxed), correct, approve, decline, release or reject them; or look at what is remembered of"
        " suppliers' layouts and withdraw it.\n\nA correction never changes the file; one that touches money needs a"
        " second person. What is released is delivered at once, and only once.",
        limit=20,
        tags=("desk", "invoices"),
    ),
    Scheduled(
        entrypoint="flows.invoice_validation.invoice_validation",
        name="suppliers",
        description="Checks invoices that suppliers put into the folder `incoming` of the connection"
        f" `{SUPPLIERS}`: each is read, judged in form and in law, and held against orders and receipts in the ERP."
        " What nothing speaks against is approved by rule and booked in the ERP; all else waits for a person at"
        " `invoice-desk/desk`. Invoices of EDI partners whose settings name this folder (`invoices_to`) come along."
        "\n\nTo rehearse, to judge anew by newer rules, or to name the mailbox suppliers are answered from: *Run*,"
        f" *Custom run*. It has no schedule: add one once the connection is your own.\n\n{ONE_AT_A_TIME}",
        parameters={"request": {"source": SUPPLIERS, "erp": BERLIN["erp"]}},
        tags=("invoices",),
    ),
    Scheduled(
        entrypoint="flows.invoice_validation.invoice_validation",
        name="mailbox",
        description="Checks invoices that come to a mailbox as attachments, like `invoice-validation/suppliers`; needs"
        f" a connection `{INVOICE_MAILBOX}` (block type *Invoice Mailbox*). It has no schedule: add one once the"
        f" mailbox is connected.\n\n{ONE_AT_A_TIME}",
        parameters={"request": {"source": INVOICE_MAILBOX, "erp": BERLIN["erp"]}},
        tags=("invoices",),
    ),
    Scheduled(
        entrypoint="flows.invoice_validation.invoice_validation",
        name="partner",
        description="Checks invoices that EDI partners sent as interchanges (INVOIC) and that `edi-exchange/partner`"
        f" has put to `{PARTNER_INVOICES}`: the settings of a partner (`soms edi partners`, `invoices_to`) say so."
        f" It has no schedule: add one once a partner sends invoices.\n\n{ONE_AT_A_TIME}",
        parameters={"request": {"source": PARTNER_INVOICES, "erp": BERLIN["erp"]}},
        tags=("invoices", "edi", "partners"),
    ),
    Scheduled(
        entrypoint="flows.invoice_desk.invoice_desk",
        name="desk",
        description="For invoices that wait: *Run*, *Custom run*, then list, show, approve, reject, ask, have"
        " corrected, or confirm a supplier's new account. The reports link each invoice to this form.\n\nA decision is"
        " of what you looked at: if the facts have changed since, it is refused. Above the limits (`soms invoices"
        " limits show`), and for accounts, two persons must decide.",
        limit=20,
        tags=("desk", "invoices"),
    ),
    Scheduled(
        entrypoint="flows.invoice_reminders.invoice_reminders",
        name="daily",
        description="Says every morning which invoices must be decided before the 8 and 10 days are over within which"
        " they are to be recorded, how long all of them have waited, and which suppliers still send no e-invoices"
        f" although they must, or will have to.\n\n{ONE_AT_A_TIME}",
        cron="50 5 * * *",
        tags=("invoices",),
    ),
    Scheduled(
        entrypoint="flows.manufacturer_enrichment.manufacturer_enrichment",
        name="nordlicht",
        description="Fetches every week what the manufacturer Nordlicht says of its products (API, web site,"
        " catalogue), recognises our articles, believes what is proven by the golden rules (`soms products rules show`)"
        " and writes it in the shop. What a person wrote there stays. Its page at *Artifacts* shows coverage before and"
        " after, what sources differ in, and what waits for a person.\n\nFor another manufacturer: duplicate this"
        " deployment and name its sources. To see first what would be written: *Run*, *Custom run*, switch *Dry Run*"
        f" on.\n\n{ONE_AT_A_TIME}",
        cron="0 1 * * 1",
        parameters={"request": {"shop": BERLIN["source"], "sources": list(NORDLICHT), "manufacturer": "Nordlicht"}},
        tags=("products", "nordlicht"),
    ),
    Scheduled(
        entrypoint="flows.manufacturer_enrichment.manufacturer_enrichment",
        name="new-articles",
        description="Looks every hour for articles of which no source has said anything yet, and asks the manufacturers"
        f" for them. Without a new article it does nothing.\n\n{ONE_AT_A_TIME}",
        every=timedelta(hours=1),
        parameters={"request": {"shop": BERLIN["source"], "sources": list(NORDLICHT), "new_articles": True}},
        tags=("products", "nordlicht"),
    ),
    Scheduled(
        entrypoint="flows.enrichment_desk.enrichment_desk",
        name="desk",
        description="For product data: *Run*, *Custom run*, then list what waits, show an article (now, proposed,"
        " sources), choose a claim, approve or decline changes, say which article a product is, release a source that"
        " was stopped, or undo a change, an article or a whole run. What follows is written in the shop at once.",
        limit=20,
        tags=("desk", "products"),
    ),
    Scheduled(
        entrypoint="flows.audit_verification.audit_verification",
        name="nightly",
        description="Proves every night that nothing was changed past the audit trail; the run fails if something was,"
        " and its report at *Artifacts* says where.",
        cron="30 3 * * *",
        tags=("audit",),
    ),
)
