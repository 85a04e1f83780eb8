"""Standards: how documents are written down outside. Pure: no database, no network, no Prefect."""
