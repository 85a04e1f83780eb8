"""Order statuses: hear what every system says of an order, decide by the merchant's graph, tell the others."""
