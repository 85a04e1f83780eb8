"""Invoice trail: the reliable audit trail between an invoice and the supply, as a picture and as a table."""
