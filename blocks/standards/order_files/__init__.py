"""Order files: CSV, spreadsheets, XML and JSON, read through mapping profiles that are data.

``profile.load_profile`` checks a profile, ``splitting.split`` cuts a file into one record per order, and
``orders.read_order`` translates one record. ``proposal.propose`` makes a first profile from a sample,
``explanation.explain`` shows what a profile makes of one.
"""
