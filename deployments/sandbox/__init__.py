"""The sandbox: an outside world to try SOMS against - shop, ERP, mail - with every fault on demand."""
