"""Which databases the stack works on: the embedded Postgres, or the application's on a Postgres of your own."""

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from blocks.errors import SomsError, WrongUse
from deployments.stack import embedded_postgres
from deployments.stack.private_files import secret
from deployments.stack.processes import mark
from deployments.stack.roles import APP, AUDIT, OWNER, PREFECT, ROLES, create_roles, open_to_roles, prepare_databases

POSTGRES = "postgres"


def prepare(home: Path, own: str | None, *, with_prefect: bool) -> tuple[dict[str, str], str | None]:
    """Make roles and databases, in the embedded Postgres where it is needed. Call it with the home's lock held.

    Args:
        home: The folder of the stack.
        own: `postgresql://` address of your own application database; None: it lies in the embedded Postgres.
        with_prefect: Whether Prefect's server is ours and wants a database.

    Returns:
        The application database's address for each role, and the address of Prefect's database.
    """
    if own is not None and not with_prefect:
        return _roles_on(own, {role: secret(home, role) for role in ROLES}), None
    cluster = embedded_postgres.start(home, marker=mark(home, POSTGRES))
    passwords = {role: secret(home, role) for role in (*ROLES, PREFECT)}
    urls = prepare_databases(cluster, passwords)
    prefect = cluster.url(user=PREFECT, password=passwords[PREFECT], database=PREFECT)
    return (urls if own is None else _roles_on(own, passwords)), (prefect if with_prefect else None)


def _roles_on(url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Return an address per role on your own Postgres: roles are made where we may, else the given user does it all."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            rights = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
            row = connection.execute(rights).fetchone()
            known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    except psycopg.Error as error:
        raise SomsError(f"The database of SOMS_DATABASE_URL does not answer: {str(error).strip()}") from error
    if row and row[0]:
        return _make_roles(url, {role: passwords[role] for role in ROLES})
    missing = sorted({APP, AUDIT} - known)
    if missing:
        raise WrongUse(
            f"The database of SOMS_DATABASE_URL lacks the roles {', '.join(missing)}, and its user may not create"
            " them: have an administrator create them, or give the address of a user that may (CREATEROLE)."
        )
    return dict.fromkeys(ROLES, url)


def _make_roles(url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    create_roles(url, passwords)
    parts = conninfo_to_dict(url)
    database = str(parts["dbname"])
    with psycopg.connect(url, autocommit=True) as connection:
        owner = sql.Identifier(OWNER)
        connection.execute(sql.SQL("GRANT ALL ON DATABASE {} TO {}").format(sql.Identifier(database), owner))
        connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(owner))
    open_to_roles(url, database)
    place = f"{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}/{database}"
    return {role: f"postgresql://{role}:{password}@{place}" for role, password in passwords.items()}
