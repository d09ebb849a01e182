"""What is changed in deliveries: one module a layer, each mutation with a stable name and its expectation.

Names are those of the battery's catalogues (`mockserver.emission.mutation`) wherever they are one thing.
"""

from hookassay.conformance.fuzz.mutations import auth, body, payload, request
from hookassay.conformance.fuzz.mutations.mutation import CALM, Mutation, milder
from hookassay.conformance.fuzz.mutations.request import NOT_FOR_HTTP_10

__all__ = ["CALM", "NOT_FOR_HTTP_10", "Mutation", "auth", "body", "milder", "payload", "request"]
