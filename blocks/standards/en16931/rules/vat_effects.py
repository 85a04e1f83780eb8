"""Which business rules touch an item that §14(4) UStG demands, so that their breach puts the input tax at risk."""

import re

_TOUCHING = re.compile(
    r"BR-(?:0[236789]|10|13|14|22|25|4[5678])"  # number, day, parties and their addresses, totals, goods, breakdown
    r"|BR-CO-(?:03|04|09|1[03457]|18|26)"  # tax point, category, VAT identifier, sums of net, VAT and gross
    r"|BR-(?:S|Z|E|AE|IC|G|O|AF|AG|B)-[0-9]{2}"  # all that is said of the categories
    r"|BR-DE-(?:14|16)"  # rate; tax number or VAT identifier
    r"|PEPPOL-EN16931-R(?:053|054|055|120)"  # totals of VAT, amounts of lines
)


def touches_vat(rule_id: str) -> bool:
    """Return whether a business rule is about an item that the law demands (BMF letter of 15 October 2025).

    Any other breach leaves the deduction of input tax untouched: it is a remark to the sender.
    """
    return _TOUCHING.fullmatch(rule_id) is not None
