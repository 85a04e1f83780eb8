"""How the local stack is made: Postgres, processes, ports, roles, and the file in which it says where everything is."""
