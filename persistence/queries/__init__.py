"""Statements that the ORM has no words for: bulk loads, claims, sweeps."""
