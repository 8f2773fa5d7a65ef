"""Evaluation: metrics and statistics, as pure functions."""
