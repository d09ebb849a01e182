"""Fuzzing: payloads and mutations by the million, each with a name that gives it back.

A case (`case`) is made from its name alone (`cases`, out of `mutations`); a run takes cases in the order
of a counter (`counter`) and writes them to a file (`file`) or sends them (`campaign`), judges each answer
(`oracle`), groups what is wrong (`groups`), makes it smaller (`shrink`, part by part: `parts`), names what kills
(`killer`), keeps what was new (`corpus`) and tries what is near it next time (`neighbours`), and leaves a folder
(`folder`). The morning after (`night`) findings are put under headings (`headings`) and told (`report`).
"""
