"""The application: the control API, the inbox and the console around one mock."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

from hookassay.mockserver.engine import Mock, Refused
from hookassay.mockserver.web import api, openapi, operations, pages, problems, security
from hookassay.mockserver.web.problems import Fault, Problem
from hookassay.mockserver.web.security import Access
from hookassay.mockserver.web.stream import Listeners
from hookassay.mockserver.web.telling import said

_LARGEST = 8 * 2**20
"""Bytes of a request's body, the API's as well as a delivery's to the inbox."""

_ANY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def create_app(mock: Mock, access: Access, listeners: Listeners) -> Flask:
    """The WSGI application of a mock that has been opened."""
    app = Flask(__name__)
    listeners.install(app)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    problems.install(app, pages.error)
    app.register_error_handler(Refused, refused)
    security.install(app, access)
    operations.install(app, mock, api.PREFIX, api.PARTS)
    _add_roots(app, mock)
    pages.install(app, mock, access)
    return app


def refused(refusal: Refused) -> Response:
    """A refusal of the engine's as a problem document, or as a page."""
    faults = [Fault(said(one.detail), pointer=one.pointer) for one in refusal.problems]
    problem = Problem(refusal.status, refusal.kind, said(refusal.detail), faults=faults)
    return pages.error(problem) or problem.response()


def _add_roots(app: Flask, mock: Mock) -> None:
    """What stands beside the API's own operations: its document, the sign of life, the inbox."""
    document = openapi.document(api.PARTS, api.PREFIX)

    @app.get(f"{api.PREFIX}/openapi.json", provide_automatic_options=False)
    def openapi_document() -> Response:
        return jsonify(document)

    @app.get("/healthz", provide_automatic_options=False)
    def health() -> tuple[Response, int]:
        status = mock.status()
        body = {
            "status": "failing" if status.failure else "ok",
            "version": status.version,
            "pending": status.pending,
            **({"problem": status.failure} if status.failure else {}),
        }
        return jsonify(body), 503 if status.failure else 200

    @app.route("/inbox/<endpoint>", methods=_ANY, provide_automatic_options=False)
    @app.route("/inbox/<endpoint>/<path:more>", methods=_ANY, provide_automatic_options=False)
    def inbox(endpoint: str, more: str = "") -> Response:
        path = request.full_path if request.query_string else request.path
        headers = [(name, value) for name, value in request.headers.items()]
        answer = mock.inbox.receive(endpoint, request.method, path, headers, request.get_data(cache=False))
        response = Response(answer.body, answer.status, content_type="text/plain; charset=utf-8")
        for name, value in answer.headers:
            response.headers[name] = value
        return response
