"""Runs a data-quality suite over a batch with Great Expectations: rows in, findings out."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.documents.verdicts import QualityFinding

MOST_EXAMPLES = 20
FATAL = "fatal"


@dataclass(frozen=True, slots=True)
class Expect:
    """One expectation: its id and owner, and the Great Expectations class with its arguments.

    Attributes:
        id: Stable id, e.g. 'ORD-DQ-03'.
        text: What is expected, one sentence.
        kind: Name of the expectation class, e.g. 'ExpectColumnValuesToNotBeNull'.
        arguments: What the class is given.
        severity: 'fatal' stops the batch, 'warning' is shown.
        owner: Who looks after it.
        least_rows: A share says nothing over a handful of rows; below this many the expectation is left out.
    """

    id: str
    text: str
    kind: str
    arguments: Mapping[str, Any]
    severity: str = "warning"
    owner: str = "operations"
    least_rows: int = 1


@dataclass(frozen=True, slots=True)
class Suite:
    """A named set of expectations over one kind of batch; ``key`` is the column with the record's business id."""

    name: str
    key: str
    expectations: tuple[Expect, ...] = field(default=())


def judge(suite: Suite, rows: Sequence[Mapping[str, Any]]) -> tuple[QualityFinding, ...]:
    """Judge a batch; one finding per expectation that applies to a batch of this size.

    Great Expectations takes seconds to import, so an empty batch returns before that.
    """
    wanted = [expect for expect in suite.expectations if len(rows) >= expect.least_rows]
    if not rows or not wanted:
        return ()
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx  # noqa: PLC0415 - seconds of import that an idle poll must not pay
    import pandas as pd  # noqa: PLC0415
    from great_expectations import expectations as classes  # noqa: PLC0415
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    # It gives this logger a level of its own on import, and then tells every run of its temporary folders.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("batch").add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(
        batch_parameters={"dataframe": pd.DataFrame(list(rows))}
    )
    results = batch.validate(
        gx.ExpectationSuite(
            name=suite.name,
            expectations=[
                getattr(classes, expect.kind)(**expect.arguments, meta={"id": expect.id}) for expect in wanted
            ],
        ),
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [suite.key]},
    ).results
    by_id = {result.expectation_config.meta["id"]: result for result in results}
    return tuple(_finding(expect, by_id[expect.id], suite.key, len(rows)) for expect in wanted)


def _finding(expect: Expect, outcome: Any, key: str, rows: int) -> QualityFinding:
    details = outcome.result or {}
    places = details.get("unexpected_index_list") or []
    return QualityFinding(
        expectation=expect.id,
        text=expect.text,
        severity=expect.severity,
        owner=expect.owner,
        passed=bool(outcome.success),
        checked=int(details.get("element_count") or rows),
        unexpected=int(details.get("unexpected_count") or (0 if outcome.success else rows)),
        examples=tuple(str(place[key]) for place in places[:MOST_EXAMPLES]),
    )


def stopped_by(findings: Sequence[QualityFinding]) -> tuple[QualityFinding, ...]:
    """Return the fatal findings that stop the batch; empty when it may go on."""
    return tuple(finding for finding in findings if not finding.passed and finding.severity == FATAL)
