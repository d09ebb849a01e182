"""A receiver for all four providers that is right, or wrong in exactly one way: what proves the battery.

    python -m tests.seeded --port 8080                                    right
    python -m tests.seeded --port 8080 --defect signature/not-checked     wrong in one way
    python -m tests.seeded --port 8080 --style closes-connections         right in another way

`exchange` is the HTTP around it and `webhooks` the four webhooks, both made of small steps (methods).
A defect or a style is the replacement of one step: a record in `defects/FAMILY.toml` or `styles.toml`,
and the code of that step in the module beside it (`replacement` puts it in place). `running` starts
such a receiver and runs the battery against it.
"""
