"""EDI exchange: interchanges in from partners and out to them, each judged, acknowledged or explained."""
