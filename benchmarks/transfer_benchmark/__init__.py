"""The parts of `benchmarks/transfer.py`: which cells there are, how one is measured and kept, what they add up to."""
