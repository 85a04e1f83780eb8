"""Accounting export: approved invoices posted once, and handed to the accountants in batches with control totals."""
