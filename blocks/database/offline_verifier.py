"""Prove an exported audit trail, offline: Python 3.9 or later and its standard library are all that is needed.

    python verify.py [FOLDER] [--anchors FILE]

FOLDER is the export (without it: where this file lies). FILE holds heads of the chain that were kept elsewhere, one
JSON object per line with "chain", "seq" and "hash"; those that came with the export are always used. Exit code 0: all
agrees; 1: something does not; 2: wrong use. Memory stays small however long the chain is.
"""

import argparse
import contextlib
import hashlib
import json
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FIRST_HASH = "0" * 64
COVERED = ("seq", "at", "actor", "process", "run_id", "kind", "subject", "digests", "facts")
COLUMNS = {*COVERED, "previous", "hash"}
FILES = {"anchors.jsonl", "events.jsonl", "head.json", "subjects.jsonl", "README.txt", "verify.py"}
NUMBER = re.compile("[1-9][0-9]{0,18}")
BUCKETS = 64
LONGEST_LINE = 512 * 1024 * 1024
MOST_FINDINGS = 100


class Proof(NamedTuple):
    """What was checked, and every place that does not agree (100 of each kind at most)."""

    events: int
    subjects: int
    anchors: int
    head: str
    findings: list[str]


class Unusable(Exception):  # noqa: N818 - the text says what to do
    """The folder is no export, or not a whole one."""


def verify(folder: Path, anchors: Path = Path()) -> Proof:
    """Check files, links, head, anchors and subjects of an export.

    Raises:
        Unusable: The folder holds no complete export, or the file of anchors is none.
    """
    manifest, head = _object(folder / "manifest.json"), _object(folder / "head.json")
    known = _anchors(folder / "anchors.jsonl") + (_anchors(anchors) if anchors != Path() else [])
    with tempfile.TemporaryDirectory(prefix="audit-") as place:
        told, held = Buckets(Path(place), "told"), Buckets(Path(place), "held")
        findings = _broken_files(folder, manifest)
        chain = Chain({entry["seq"]: entry["hash"] for entry in known if entry["chain"] == head.get("chain")}, told)
        with told:
            for number, line in _lines(folder / "events.jsonl"):
                chain.check(number, line)
        findings += chain.findings + _broken_head(chain, head)
        findings += [f"Event {seq} is anchored and is not there: the chain was cut." for seq in sorted(chain.anchors)]
        for other in sorted({str(entry["chain"]) for entry in known if entry["chain"] != head.get("chain")}):
            findings.append(f"Heads of another chain, {other}, are anchored: this one was put in its place.")
        with held:
            findings += _keep_subjects(folder / "subjects.jsonl", held)
        subjects, broken = _compare(told, held)
    used = sum(entry["chain"] == head.get("chain") for entry in known)
    return Proof(chain.seq, subjects, used, chain.link, findings + broken)


class Chain:
    """The links, checked one after the other; what the events say of rows goes into the buckets."""

    def __init__(self, anchors: "dict[Any, str]", told: "Buckets") -> None:
        """Begin before the first event; anchors are taken away as they are met."""
        self.seq, self.link, self.anchors, self.told = 0, FIRST_HASH, anchors, told
        self.findings: list[str] = []

    def check(self, number: int, line: bytes) -> None:
        """Check the event on this line against the one before it."""
        event = _parsed(line)
        if event.keys() != COLUMNS or not all(isinstance(value, str) for value in event.values()):
            self._say(f"Line {number} of events.jsonl is no event.")
            return
        text = event["previous"] + "".join(f"{len(event[name])}:{event[name]}" for name in COVERED)
        if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != event["hash"]:
            self._say(f"Event {event['seq']} was changed after it was written.")
        if event["seq"] != str(self.seq + 1):
            self._say(f"Event {event['seq']} stands where event {self.seq + 1} should be.")
        elif event["previous"] != self.link:
            self._say(f"Event {event['seq']} does not follow from the one before it.")
        self.seq = int(event["seq"]) if NUMBER.fullmatch(event["seq"]) else self.seq + 1
        self.link = event["hash"]
        anchored = self.anchors.pop(self.seq, self.link)
        if anchored != self.link:
            self._say(f"Event {self.seq} is not the one that was anchored: the chain was rewritten.")
        self._tell(event)

    def _tell(self, event: "dict[str, str]") -> None:
        digests = _parsed(event["digests"].encode("utf-8", "surrogatepass"))
        if event["digests"] != "{}" and not digests:
            self._say(f"What event {event['seq']} says of rows is no JSON object.")
        for subject, digest in digests.items():
            self.told.put(subject, str(digest))

    def _say(self, finding: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)


class Buckets:
    """Many (subject, digest) on disk, so that one bucket of them at a time is enough to compare."""

    def __init__(self, place: Path, name: str) -> None:
        """Say where."""
        self._paths = [place / f"{name}-{number}" for number in range(BUCKETS)]
        self._open = contextlib.ExitStack()

    def __enter__(self) -> None:
        """Open all for writing."""
        self._files = [self._open.enter_context(path.open("w", encoding="utf-8")) for path in self._paths]

    def __exit__(self, *_: object) -> None:
        """Close all."""
        self._open.close()

    def put(self, subject: str, digest: str) -> None:
        """Add one."""
        line = json.dumps([subject, digest]) + "\n"
        self._files[zlib.crc32(subject.encode("utf-8", "surrogatepass")) % BUCKETS].write(line)

    def __iter__(self) -> "Iterator[list[list[str]]]":
        """Yield each bucket's pairs in the order in which they came."""
        for path in self._paths:
            with path.open(encoding="utf-8") as lines:
                yield [json.loads(line) for line in lines]


def _broken_files(folder: Path, manifest: "dict[str, Any]") -> "list[str]":
    stated = manifest.get("files")
    if not isinstance(stated, dict) or not stated.keys() >= FILES:
        return ["manifest.json does not name every file of the export."]
    findings = []
    for name in sorted(FILES):
        digest = hashlib.sha256()
        with _opened(folder / name) as file:
            while block := file.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != stated[name]:
            findings.append(f"{name} is not as it was exported.")
    return findings


def _broken_head(chain: Chain, head: "dict[str, Any]") -> "list[str]":
    if head.get("seq") != chain.seq:
        return [f"The head says {head.get('seq')} events, the chain ends at {chain.seq}."]
    return [f"The head's hash is not that of event {chain.seq}."] if head.get("hash") != chain.link else []


def _keep_subjects(path: Path, held: Buckets) -> "list[str]":
    """Put every exported subject into the buckets; where its rows came along, their digest is made anew."""
    findings: list[str] = []
    for number, line in _lines(path):
        entry = _parsed(line)
        subject, digest, text = entry.get("subject"), entry.get("digest"), entry.get("rows")
        if not isinstance(subject, str) or not isinstance(digest, str):
            findings.append(f"Line {number} of subjects.jsonl is no subject.")
            continue
        if isinstance(text, str) and hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != digest:
            findings.append(f"The exported rows of {subject} do not have the digest that stands beside them.")
        held.put(subject, digest)
    return findings[:MOST_FINDINGS]


def _compare(told: Buckets, held: Buckets) -> "tuple[int, list[str]]":
    subjects, findings = 0, []
    for events, exported in zip(told, held):  # noqa: B905 - equally many; strict= is younger than Python 3.9
        said, found = dict(events), dict(exported)  # of several events the last counts
        subjects += len(said)
        if len(found) != len(exported):
            findings.append("A subject stands in subjects.jsonl more than once.")
        for subject in sorted(said.keys() | found.keys()):
            wanted, digest = said.get(subject, ""), found.get(subject, "")
            if wanted == digest:
                continue
            if subject not in said:
                findings.append(f"{subject} was inserted past the audit trail.")
            elif subject not in found:
                findings.append(f"{subject} was deleted past the audit trail, or left out of the export.")
            else:
                findings.append(f"{subject} is not as the audit trail last saw it.")
    return subjects, findings[:MOST_FINDINGS]


def _anchors(path: Path) -> "list[dict[str, Any]]":
    found = [_parsed(line) for _, line in _lines(path)]
    kinds = {"chain": str, "seq": int, "hash": str}  # a line cut off by a crash is left out
    return [entry for entry in found if all(isinstance(entry.get(name), kind) for name, kind in kinds.items())]


def _object(path: Path) -> "dict[str, Any]":
    with _opened(path) as file:
        found = _parsed(file.read(LONGEST_LINE))
    if not found:
        raise Unusable(f"{path.name} is no JSON object: this is not a complete export.")
    return found


def _parsed(line: bytes) -> "dict[str, Any]":
    """Return the JSON object of a line; an empty one when it holds none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _lines(path: Path) -> "Iterator[tuple[int, bytes]]":
    with _opened(path) as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            yield number, line


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise Unusable(f"{path} cannot be read ({error.strerror}): the export is not complete.") from error


def in_words(proof: Proof) -> "list[str]":
    """Return what was found and the outcome, a line each; what stands in a forged export cannot steer a terminal."""
    state = "DOES NOT AGREE" if proof.findings else "agrees"
    counted = f"{proof.events} events, {proof.subjects} subjects, {proof.anchors} anchors"
    lines = [*proof.findings, f"The exported audit trail {state}: {counted}, head {proof.head[:16]}..."]
    if not proof.anchors:
        lines.append("No anchor was there: a chain that was cut or rewritten as a whole could not be told.")
    return ["".join(letter if " " <= letter <= "~" else "?" for letter in line) for line in lines]


def main() -> int:
    """Verify the folder the command line names and say what was found."""
    parser = argparse.ArgumentParser(description="Prove an exported audit trail, offline.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--anchors", type=Path, default=Path(), help="heads of the chain that were kept elsewhere")
    options = parser.parse_args()
    try:
        proof = verify(options.folder, options.anchors)
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.writelines(f"{line}\n" for line in in_words(proof))
    return 1 if proof.findings else 0


if __name__ == "__main__":
    sys.exit(main())
