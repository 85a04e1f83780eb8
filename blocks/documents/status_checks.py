"""Whether a status graph can be used: every fault in a whole sentence, before it is activated."""

from collections import Counter
from collections.abc import Iterator, Mapping

from blocks.documents.statuses import IGNORED, LABEL, NOT_TOLD, PERSON, StatusGraph, StatusKind, SystemWords, Vocabulary
from blocks.documents.verdicts import Fault


def check(graph: StatusGraph, vocabularies: Mapping[str, Vocabulary]) -> tuple[Fault, ...]:
    """Return every reason why a graph must not be activated; empty when it may.

    Args:
        graph: The statuses.
        vocabularies: The words of every connected system by its name, e.g. 'smartstore-shop/berlin'.
    """
    faults = [*_statuses(graph), *_ways(graph)]
    if not faults:  # a graph with holes would be reported a second time, as unreachable
        faults = [*_reachable(graph), *_dead_ends(graph), *_circles(graph)]
    faults += _winner(graph, vocabularies)
    for system, vocabulary in vocabularies.items():
        words = graph.words_of(system)
        if words is None:
            text = f"{system} is connected, and nothing says what its words mean."
            faults.append(_fault("STA-SYSTEM", "systems", text, f"Add it, or its type, to systems: {system}."))
        else:
            faults += [*_reports(system, words, vocabulary), *_told(graph, system, words, vocabulary)]
    faults += _targets(graph)
    return tuple(faults)


def _fault(rule: str, place: str, text: str, remedy: str) -> Fault:
    return Fault(rule=rule, place=place, text=text, remedy=remedy)


def _statuses(graph: StatusGraph) -> Iterator[Fault]:
    counted = Counter(status.code for status in graph.statuses)
    for code, times in counted.items():
        if times > 1:
            text = f"The status '{code}' is declared {times} times."
            yield _fault("STA-DUPLICATE", "statuses", text, "Give each status a code of its own.")
    for language in ("de", "en"):
        labels = Counter(getattr(status.label, language).casefold() for status in graph.statuses)
        for label, times in labels.items():
            if times > 1:
                text = f"{times} statuses are called '{label}' ({language}): people cannot tell them apart."
                yield _fault("STA-DUPLICATE", "statuses", text, "Give each status a label of its own.")
    if graph.first not in counted:
        text = f"The first status is '{graph.first}', which is not declared."
        yield _fault("STA-FIRST", "first", text, f"Use one of {', '.join(counted)}.")


def _ways(graph: StatusGraph) -> Iterator[Fault]:
    known = {status.code for status in graph.statuses}
    for name, ways in (("ways", graph.ways), ("ways_back", graph.ways_back)):
        for start, ends in ways.items():
            for code in dict.fromkeys([start, *ends]):
                if code not in known:
                    text = f"A way begins or ends at '{code}', which is not declared."
                    yield _fault("STA-WAY", f"{name}.{start}", text, f"Use one of {', '.join(sorted(known))}.")
            for end, times in Counter(ends).items():
                if times > 1:
                    text = f"The way from '{start}' to '{end}' is declared {times} times."
                    yield _fault("STA-DUPLICATE", f"{name}.{start}", text, "Declare it once.")
                if end == start:
                    text = f"A way leads from '{start}' to itself."
                    yield _fault("STA-WAY", f"{name}.{start}", text, "Leave it out: an order may stay where it is.")
    for start in graph.ways.keys() & graph.ways_back.keys():
        for end in sorted(set(graph.ways[start]) & set(graph.ways_back[start])):
            text = f"The way from '{start}' to '{end}' is declared as a way and as a way back."
            yield _fault("STA-DUPLICATE", f"ways_back.{start}", text, "Declare it in one of the two.")


def _reachable(graph: StatusGraph) -> Iterator[Fault]:
    reached = reachable(graph)[graph.first] | {graph.first}
    for status in graph.statuses:
        if status.code not in reached:
            text = f"No way leads from '{graph.first}' to '{status.code}': no order could ever get there."
            yield _fault("STA-UNREACHABLE", f"statuses.{status.code}", text, "Add a way to it, or leave it out.")


def _dead_ends(graph: StatusGraph) -> Iterator[Fault]:
    leads = reachable(graph)
    ends = {status.code for status in graph.statuses if status.kind is not StatusKind.OPEN}
    for status in graph.statuses:
        if status.kind is StatusKind.OPEN and not leads[status.code] & ends:
            text = f"The status '{status.code}' is open, and no way leads on to an end: an order would never be done."
            yield _fault("STA-DEAD-END", f"ways.{status.code}", text, "Add a way on, or make its kind closed.")


def _circles(graph: StatusGraph) -> Iterator[Fault]:
    """Find ways that lead round although they are not declared as ways back."""
    onward = _closure(graph.ways)
    for start, ends in graph.ways.items():
        for end in ends:
            if start in onward.get(end, frozenset()):
                text = f"From '{start}' a way leads over '{end}' back to '{start}'."
                remedy = "If orders may go round on purpose, move the way that leads back to ways_back."
                yield _fault("STA-CYCLE", f"ways.{start}", text, remedy)


def reachable(graph: StatusGraph) -> dict[str, frozenset[str]]:
    """Return for each status those that any ways lead to."""
    codes = [status.code for status in graph.statuses]
    found = _closure({code: graph.next_of(code) for code in codes})
    return {code: found.get(code, frozenset()) for code in codes}


def _closure(ways: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for start in ways:
        seen: set[str] = set()
        waiting = list(ways[start])
        while waiting:
            code = waiting.pop()
            if code not in seen:
                seen.add(code)
                waiting += ways.get(code, ())
        found[start] = frozenset(seen)
    return found


def _winner(graph: StatusGraph, vocabularies: Mapping[str, Vocabulary]) -> Iterator[Fault]:
    ranked = Counter(graph.winner.systems)
    for name, times in ranked.items():
        if times > 1:
            yield _fault("STA-WINNER", "winner.systems", f"'{name}' stands {times} times.", "Name each system once.")
        if name != PERSON and name not in graph.systems and name not in vocabularies:
            text = f"'{name}' has a place among the systems that lead, and is none of them."
            yield _fault("STA-WINNER", "winner.systems", text, "Use the names under systems, or 'person'.")
    for system in vocabularies:
        if system not in ranked and system.partition("/")[0] not in ranked:
            text = f"The winner rule does not say where {system} stands when systems disagree."
            yield _fault("STA-WINNER", "winner.systems", text, f"Add {system}, or its type, to winner.systems.")


def _reports(system: str, words: SystemWords, vocabulary: Vocabulary) -> Iterator[Fault]:
    place = f"systems.{system}.reports"
    for word in sorted(vocabulary.reports - words.reports.keys()):
        text = f"{system} may say '{word}', and nothing says which status that is."
        yield _fault("STA-MAP-MISSING", place, text, f"Map '{word}' to a status, or to '{IGNORED}'.")
    for word in sorted(words.reports.keys() - vocabulary.reports):
        text = f"{system} never says '{word}'."
        yield _fault("STA-MAP-UNKNOWN", place, text, f"Its words are {', '.join(sorted(vocabulary.reports))}.")


def _told(graph: StatusGraph, system: str, words: SystemWords, vocabulary: Vocabulary) -> Iterator[Fault]:
    place = f"systems.{system}.told"
    allowed = [*sorted(vocabulary.settable), *([LABEL] if vocabulary.shows_labels else []), NOT_TOLD]
    for status in graph.statuses:
        target = words.told.get(status.code)
        if target is None:
            text = f"Nothing says what {system} is told when an order is '{status.code}'."
            yield _fault("STA-MAP-MISSING", place, text, f"Map it to one of: {', '.join(allowed)}.")
        elif target not in allowed:
            text = f"{system} cannot be told '{target}' for '{status.code}'."
            yield _fault("STA-MAP-UNKNOWN", place, text, f"It can be told: {', '.join(allowed)}.")


def _targets(graph: StatusGraph) -> Iterator[Fault]:
    """Find targets that are no statuses, for all systems, connected or not."""
    known = {status.code for status in graph.statuses}
    for system, words in graph.systems.items():
        for word, target in words.reports.items():
            if target not in known and target != IGNORED:
                text = f"'{word}' of {system} is mapped to '{target}', which is no status."
                remedy = f"Map it to one of {', '.join(sorted(known))}, or to '{IGNORED}'."
                yield _fault("STA-MAP-TARGET", f"systems.{system}.reports.{word}", text, remedy)
        for code in words.told:
            if code not in known:
                text = f"{system} is told of '{code}', which is no status."
                yield _fault("STA-MAP-TARGET", f"systems.{system}.told.{code}", text, "Leave it out, or declare it.")
