"""Master data: takes articles from a shop and stock from the ERP, so that orders can be judged and promised."""
