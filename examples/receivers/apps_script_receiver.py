"""What a LiveChat webhook meets that is pointed at a Google Apps Script web app.

    LIVECHAT_TOKEN=... python apps_script_receiver.py --port 8080

Not a receiver to copy: that is apps_script/Code.gs. This is the platform around it, as far as a
sender sees it, so that the battery's explanation of such receivers can be tried on any machine:

- The script runs during the POST. Then comes a 302 to a one-time address on another host, where
  the script's text would be fetched with GET ("Content Service", redirects).
- The script gets the body and the query string. It sees no header, so it can check neither a
  signature nor Basic authentication ("Web apps", request parameters).
- It has no status of its own: what it drops looks like what it takes. apps_script/waivers.toml
  says which checks cannot pass for that reason.
"""

from __future__ import annotations

from email.message import Message
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

from stdlib_receiver import Answer, Receiver, livechat, main

ECHO = "https://script.googleusercontent.com/macros/echo?user_content_key="


def do_post(e: dict[str, Any]) -> str:
    """doPost() of Code.gs: it decides as other receivers do, but has only text to say it with."""
    body: str = e["postData"]["contents"]
    _, text = livechat(body.encode(), Message())
    return text


class WebApp(Receiver):
    """The platform: nothing that the script decides reaches the sender."""

    server_version = "ESF"
    content_type = "text/html; charset=UTF-8"
    max_body = 50 * 1024 * 1024

    def route(self, body: bytes) -> Answer:
        path, _, query = self.path.partition("?")
        if path != "/livechat":
            return 404, page("Page Not Found")
        if self.command in ("GET", "HEAD"):
            return 200, page("Script function not found: doGet")
        if self.command != "POST":
            return 405, page("Method Not Allowed")
        values = parse_qs(query, keep_blank_values=True)
        do_post(
            {
                "postData": {
                    "contents": body.decode("utf-8", "replace"),
                    "length": len(body),
                    "type": self.headers.get("Content-Type", ""),
                    "name": "postData",
                },
                "queryString": query,
                "parameter": {name: given[0] for name, given in values.items()},
                "parameters": values,
                "contentLength": len(body),
                "contextPath": "",
            }
        )
        return 302, page("Moved Temporarily")

    def send_response(self, code: int, message: str | None = None) -> None:
        super().send_response(code, message)
        if code == 302:
            self.send_header("Location", ECHO + token_urlsafe(96))


def page(title: str) -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>"


if __name__ == "__main__":
    main(WebApp)
