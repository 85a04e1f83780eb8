"""A mailbox over IMAP (the part of RFC 3501, 4315 and 6851 that a collector speaks), kept in a folder.

``python -m deployments.sandbox.imap --port 8143 --store mailbox``: each folder of the mailbox is a folder of the store,
each message a file ``<uid>.eml`` in it. It can cut the connection at a command, or do without MOVE, when told to.
"""

import argparse
import re
import socketserver
import threading
from pathlib import Path
from urllib.parse import quote, unquote

USER, PASSWORD = "invoices", "sandbox"
_VALIDITY = 20261122
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')


class Mailbox:
    """The folders of one mailbox; every step is one rename or one write."""

    def __init__(self, store: Path, *, moves: bool = True) -> None:
        """Make the inbox. ``moves``: whether the server can MOVE."""
        self.store, self.moves = store, moves
        self.cut_at: set[str] = set()
        self.commands: list[str] = []
        self.lock = threading.Lock()
        self.folder("INBOX").mkdir(parents=True, exist_ok=True)

    def folder(self, name: str) -> Path:
        """Return where a folder's messages lie."""
        return self.store / quote(name, safe=" ")

    def folders(self) -> list[str]:
        """Return the names of all folders."""
        return sorted(unquote(path.name) for path in self.store.iterdir() if path.is_dir())

    def messages(self, name: str) -> dict[int, Path]:
        """Return a folder's messages by UID."""
        return {int(path.stem): path for path in sorted(self.folder(name).glob("*.eml"), key=lambda p: int(p.stem))}

    def deliver(self, message: bytes, folder: str = "INBOX") -> int:
        """Put a message into a folder; returns its UID."""
        with self.lock:
            uid = 1 + max((int(path.stem) for path in self.store.glob("*/*.eml")), default=0)
            (self.folder(folder) / f"{uid}.eml").write_bytes(message)
        return uid


class _Conversation(socketserver.StreamRequestHandler):
    """One client; answers line by line."""

    server: "Server"

    def handle(self) -> None:
        self.selected, self.known, self.deleted = "", False, set[int]()
        self._say("* OK sandbox ready")
        while line := self.rfile.readline(100_000):
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            words = [next(filter(None, match), "") for match in _WORD.findall(rest)]
            name = " ".join(words[:2]).upper() if words and words[0].upper() == "UID" else (words or [""])[0].upper()
            self.server.mailbox.commands.append(name)
            if name in self.server.mailbox.cut_at:
                self.server.mailbox.cut_at.discard(name)
                return
            self._say(f"{tag} {self._answer(name, words)}")
            if name == "LOGOUT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _answer(self, name: str, words: list[str]) -> str:
        if name == "LOGIN":
            self.known = words[1:3] == [USER, PASSWORD]
            return "OK signed in" if self.known else "NO [AUTHENTICATIONFAILED] wrong"
        if name in {"CAPABILITY", "LOGOUT", "NOOP"}:
            return self._plain(name)
        if not self.known:
            return "BAD sign in first"
        if name in {"CREATE", "SELECT"}:
            return self._create(words[1]) if name == "CREATE" else self._select(words[1])
        return self._by_uid(name, words) if name.startswith("UID ") and self.selected else "BAD what?"

    def _create(self, folder: str) -> str:
        made = self.server.mailbox.folder(folder)
        if made.exists():
            return "NO [ALREADYEXISTS] it is there"
        made.mkdir(parents=True)
        return "OK made"

    def _plain(self, name: str) -> str:
        if name == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1 UIDPLUS" + (" MOVE" if self.server.mailbox.moves else ""))
        if name == "LOGOUT":
            self._say("* BYE")
        return "OK done"

    def _select(self, folder: str) -> str:
        if not self.server.mailbox.folder(folder).is_dir():
            return "NO [NONEXISTENT] no such folder"
        self.selected = folder
        self._say(f"* {len(self.server.mailbox.messages(folder))} EXISTS")
        self._say(f"* OK [UIDVALIDITY {_VALIDITY}] valid")
        return "OK [READ-WRITE] selected"

    def _by_uid(self, name: str, words: list[str]) -> str:
        found = self.server.mailbox.messages(self.selected)
        if name == "UID SEARCH":
            left = [str(uid) for uid in found if uid not in self.deleted]
            self._say(" ".join(["* SEARCH", *left]))
            return "OK searched"
        uids = [uid for uid in map(int, words[2].split(",")) if uid in found]
        if name in {"UID MOVE", "UID COPY"}:
            return self._copied({uid: found[uid] for uid in uids}, words[3], away=name == "UID MOVE")
        if name == "UID FETCH":
            for place, uid in enumerate(uids, 1):
                self._fetched(place, uid, found[uid], whole="BODY" in words[3].upper())
        elif name == "UID STORE":
            self.deleted.update(uids)
        elif name == "UID EXPUNGE":
            for uid in self.deleted.intersection(uids):
                found[uid].unlink()
        else:
            return "BAD unknown"
        return "OK done"

    def _copied(self, messages: dict[int, Path], folder: str, *, away: bool) -> str:
        target = self.server.mailbox.folder(folder)
        if not target.is_dir():
            return "NO [TRYCREATE] no such folder"
        for uid, path in messages.items():
            (target / f"{uid}.eml").write_bytes(path.read_bytes())
            if away:
                path.unlink()
        return "OK done"

    def _fetched(self, place: int, uid: int, path: Path, *, whole: bool) -> None:
        body = path.read_bytes()
        if not whole:
            self._say(f"* {place} FETCH (UID {uid} RFC822.SIZE {len(body)})")
            return
        self._say(f"* {place} FETCH (UID {uid} BODY[] {{{len(body)}}}")
        self.wfile.write(body)
        self._say(")")


class Server(socketserver.ThreadingTCPServer):
    """Serves one mailbox on this machine."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, port: int, mailbox: Mailbox) -> None:
        """Listen; 0 takes any free port."""
        self.mailbox = mailbox
        super().__init__(("127.0.0.1", port), _Conversation)

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self.server_address[1])


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True)
    given = parser.parse_args()
    with Server(given.port, Mailbox(given.store)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
