"""Runs outside the web server: the store, the queue, the worker processes and the resident predictor."""
