"""hookassay: judge webhook receivers before the vendor's first event.

Three parts, one direction: `hookassay.schemas` (contracts as data), `hookassay.mockserver`
(deliveries, signed and sent), `hookassay.conformance` (the battery, as a pytest plugin).
"""

__version__ = "0.1.0"
