"""SOMS deployments: when and where the flows run."""
