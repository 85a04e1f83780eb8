"""The people of the database: who owns, who works, who only reads; and the two databases of the stack."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from deployments.stack.embedded_postgres import Cluster, create_database

OWNER, APP, AUDIT = "soms_owner", "soms_app", "soms_audit"
ROLES = (OWNER, APP, AUDIT)
PREFECT = "prefect"


def create_roles(superuser_url: str, passwords: Mapping[str, str]) -> None:
    """Create login roles, or set their passwords where they exist. What they may do is granted by the migrations.

    Args:
        superuser_url: Address of a role that may create roles.
        passwords: Role name to password.
    """
    with psycopg.connect(superuser_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('soms roles'))")
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, password in passwords.items():
            verb = "ALTER" if role in known else "CREATE"
            command = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
            connection.execute(command.format(sql.Identifier(role), sql.Literal(password)))


def prepare_databases(cluster: Cluster, passwords: Mapping[str, str], *, application: str = "soms") -> dict[str, str]:
    """Create all roles and both databases; return the application's address for each of its roles.

    Args:
        cluster: The running cluster.
        passwords: Passwords of `ROLES` and of `prefect`.
        application: Name of the application's database.
    """
    create_roles(cluster.url(), passwords)
    create_database(cluster.url(), application, OWNER)
    create_database(cluster.url(), PREFECT, PREFECT)
    with psycopg.connect(cluster.url(database=PREFECT), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # Prefect's migrations ask for it
    open_to_roles(cluster.url(), application)
    return {role: cluster.url(user=role, password=passwords[role], database=application) for role in ROLES}


def open_to_roles(superuser_url: str, database: str) -> None:
    """Let the application's and the auditor's role connect to the database."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role in (APP, AUDIT):
            command = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
            connection.execute(command.format(sql.Identifier(database), sql.Identifier(role)))
