"""`soms demo`: the local stack, a shop's day with faults on, and a summary that says where to look."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from deployments.demo import Day
    from deployments.stack.stack_file import Stack

app = typer.Typer()


@app.command(epilog="Example: soms demo --keep")
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the stack up, to look around in the UI; one that was up before stays.")
    ] = False,
    orders: Annotated[int, typer.Option(min=4, max=5000, help="Orders the shop sells.")] = 200,
) -> int:
    """Start everything, sell orders with faults switched on, book them, and show what came of it."""
    from deployments import local_stack  # noqa: PLC0415 - help stays quick
    from deployments.demo import play  # noqa: PLC0415
    from deployments.narration import narrator  # noqa: PLC0415

    keep = keep or any(part.state == local_stack.RUNNING for part in local_stack.status())  # it is somebody's already
    try:
        with narrator() as voice:
            stack = local_stack.up(voice)
            day = play(stack, voice, orders=orders)
        wrong = tell(day, stack, keep=keep)
    finally:
        if not keep:
            with narrator() as voice:
                local_stack.down(voice)
    return 1 if wrong else 0


def tell(day: "Day", stack: "Stack", *, keep: bool) -> list[str]:
    """Print the summary; returns what is wrong with the day's books."""
    states = Counter(day.became.get(order, "lost") for order in day.placed)
    bad = sum(truth["kind"] == "bad" for truth in day.placed.values())
    lines = [
        "",
        f"The shop sold {len(day.placed)} orders, {bad} of them with a defect.",
        f"  {states['accepted']:5} accepted and booked, stock reserved",
        f"  {states['short']:5} held: more was sold than is in stock; served by themselves when stock comes in",
        f"  {states['put aside']:5} put aside with reasons:",
        *(f"        {count:3} x {rule}" for rule, count in day.rules.most_common()),
        f"In the ERP stand {sum(day.sales.values())} sales for {states['accepted']} accepted orders.",
        f"  {day.retried} calls were repeated after a fault; {day.adopted} had been done before their answer was lost.",
        f"In the shop stand {day.marks} takeover marks.",
        *day.shelves.lines(),
        *day.till.lines(),
        *day.bills.lines(),
        *day.enriched.lines(),
    ]
    if day.proof is not None:
        verdict = "does not agree" if day.proof.findings else "agrees with every audited row"
        lines.append(f"The audit trail of {day.proof.events} events {verdict}.")
    wrong = day.wrong()
    lines += [f"WRONG: {text}" for text in wrong[:20]]
    lines += [f"The day took {day.seconds:.0f} s.", ""]
    if keep:
        lines.append(f"Look around: {stack.ui_url}  (runs: {stack.ui_url}/runs)")
        lines += [f"  orders taken in by: {stack.ui_url}/runs/flow-run/{run}" for run in day.runs]
        lines.append("What waits: .venv/bin/soms quarantine list    Stop: .venv/bin/soms down")
    else:
        lines.append("Look around with `make demo KEEP=1`: the UI then stays at " + stack.ui_url)
    typer.echo("\n".join(lines))
    return wrong
