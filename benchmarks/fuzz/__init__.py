"""What the fuzzer costs: `python -m benchmarks.fuzz` prints one table, each figure a ratio measured in one run."""
