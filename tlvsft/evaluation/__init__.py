"""What predictions are worth: metrics of one run, and the statistics of a comparison. Pure functions."""
