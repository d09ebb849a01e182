"""Fuzzing: payloads and mutations by the million, each with a name that gives it back.

A case (`case`) is made from its name alone (`cases`, out of `mutations`); a run takes cases in the order
of a counter (`counter`) and writes them to a file (`file`) or sends them (`campaign`), judges each answer
(`oracle`), groups what is wrong (`groups`), makes it smaller (`shrink`), names what kills (`killer`), keeps
what was new (`corpus`), and leaves a folder (`folder`) that a report (`report`) is written from.
"""
