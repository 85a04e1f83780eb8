"""When deployments run."""

from datetime import timedelta
from itertools import pairwise

from deployments.apply import anchor_of
from deployments.schedules import DEPLOYMENTS


def test_runs_that_repeat_begin_one_after_another() -> None:
    shortest = min(each.every for each in DEPLOYMENTS if each.every)
    first = sorted(anchor_of(each) for each in DEPLOYMENTS if each.every)
    gaps = [later - earlier for earlier, later in pairwise([*first, first[0] + shortest])]
    assert min(gaps) >= shortest / len(first) / 2
    assert sum(gaps, timedelta()) == shortest


def test_watchers_do_not_begin_anew_together() -> None:
    anew = [each.cron for each in DEPLOYMENTS if each.at_once]
    assert len(anew) == len(set(anew)) > 1
