"""Contracts as data: what each vendor's documents say, with its source.

The folders hold JSON Schemas, examples, vectors and scenarios for anyone in any language; the
modules load them (`catalogue`), type them (`contract`), walk them (`members`) and judge documents
by them (`validation`).
"""
