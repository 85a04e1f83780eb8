"""Stock movements: hear what happened to stock wherever it is known, and keep it in one ledger."""
