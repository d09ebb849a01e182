"""Named, deterministic changes to a right delivery: of its signature, its token, its bytes, its members.

The battery's checks, the vectors, the mock's faults and the fuzzer draw from the same catalogues.
"""
