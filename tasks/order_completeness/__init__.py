"""Order completeness: certifies per source and window that nothing was lost, and fetches what was."""
