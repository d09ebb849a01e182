"""The conformance battery: checks, the judge that applies the rules to all of them, and reports."""
