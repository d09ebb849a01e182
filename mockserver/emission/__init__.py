"""Deliveries: from a provider's contract to signed bytes, and from there to an answer.

event → payload (`payload`) → bytes (`spelling`) → authenticated (`authentication`) → `Delivery` →
sent (`sending`) → `Answer`. Mutations (`mutation`) and likely bugs (`causes`) start from the same
parts. Nothing here knows a vendor's name, a web framework or a database.
"""
