"""EDIFACT: interchanges of syntax 3 and 4, the messages our documents are written as, and what answers them."""
