"""The parts of `benchmarks/speed.py`: what is measured, by whom, and what the times add up to."""
