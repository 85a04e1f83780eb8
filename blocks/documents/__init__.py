"""Documents: what travels between systems, processes and Postgres. Pure: no database, no network, no Prefect."""
