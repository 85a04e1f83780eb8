"""Where invoices come from as files, and where they go to."""
