"""Contracts as data: what each vendor's documents say, with its source.

The folders hold JSON Schemas, examples, vectors and scenarios for anyone in any language. The
modules load them (`catalogue`), type them (`contract`), check a folder (`inspection`, `consistency`),
walk documents (`members`, `paths`), judge them (`validation`), and make OpenAPI of them (`openapi`).
"""
