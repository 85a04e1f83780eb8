"""Fault tests: what is killed, cut or lied to, and must end as if nothing had happened."""
