"""The editions of the rule sets; each verdict names those it was found by."""

from blocks.standards.en16931.rules.rule import RuleSet

EDITIONS: dict[RuleSet, str] = {
    RuleSet.EN16931: "EN 16931-1:2017, artefacts 1.3.16 with both syntax bindings",
    RuleSet.XRECHNUNG: "XRechnung 3.0",
    RuleSet.USTG: "UStG and UStDV as of 2026-01-01, second edition",
    RuleSet.CONTENT: "2026-11",
}
"""Rule set → the edition that is checked; raise it with every change of what a rule finds."""
