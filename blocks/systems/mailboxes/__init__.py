"""Mailboxes: what SOMS writes to customers from."""
