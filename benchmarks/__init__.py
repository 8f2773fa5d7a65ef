"""What is claimed about quality and speed, as commands; `benchmarks/README.md` says how to run each."""
