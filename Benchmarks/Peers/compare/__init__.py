"""Measures this client beside others, on this machine."""
