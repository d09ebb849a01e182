"""What people do with the console, from an endpoint of their own to a replay."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookassay.mockserver.client import Client
from tests.engine.receiver import Got, Receiver, always

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

EVENT = "session_state_close"


def add_endpoint(page: Page, provider: str, url: str) -> None:
    page.goto("/endpoints")
    page.get_by_role("link", name=re.compile(rf"^\+ .*{provider}", re.IGNORECASE)).click()
    page.get_by_role("heading", name="New endpoint").wait_for()
    page.get_by_label("Name").fill("mine")
    page.locator("input[type=url]").fill(url)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("heading", name="mine").wait_for()


def echo(got: Got) -> tuple[int, bytes]:
    """What the vendor's documents ask of a receiver: the secret of the request, and nothing else."""
    return 200, str(json.loads(got.body).get("secret", "")).encode()


def test_an_endpoint_is_added_and_changed(page: Page, mock: Client, receiver: Receiver) -> None:
    """In the vendor's own words; what the vendor would refuse is said; a refusal stands beside its field."""
    add_endpoint(page, "Gitple", receiver.url)
    card = page.locator(".card", has=page.get_by_role("heading", name="mine"))
    card.get_by_text("Settings").click()
    card.locator("input[name=url]").fill("http://192.0.2.1/")
    card.get_by_role("button", name="Save").click()
    card.locator(".error:visible").wait_for()
    assert "--allow-target" in card.locator(".error:visible").first.inner_text()
    card.locator("input[name=url]").fill(f"{receiver.url}/other")
    card.get_by_role("button", name="Save").click()
    page.get_by_text(f"{receiver.url}/other").first.wait_for()
    assert mock.endpoints("gitple")[-1].row["url"] == f"{receiver.url}/other"


def test_a_change_changes_nothing_else(page: Page, mock: Client, receiver: Receiver) -> None:
    """Credentials that the page does not show stay when the name changes; the data types are the vendor's."""
    url = receiver.url.replace("http://", "http://user:hunter2hunter2@")
    mine = mock.provider("livechat").endpoint(url=url, name="mine", event="chat_ended", data_types=["chat"])
    page.goto("/endpoints?provider=livechat")
    card = page.locator(".card", has=page.get_by_role("heading", name="mine"))
    card.get_by_text("Settings").click()
    boxes = card.locator("fieldset input")
    assert boxes.evaluate_all("all => all.filter(one => one.checked).map(one => one.value)") == ["chat"]
    assert boxes.count() > 1
    card.get_by_label("Name").fill("renamed")
    card.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="renamed").wait_for()
    row = mock.call("GET", f"/endpoints/{mine.id}")
    assert row["has_credentials"] and row["settings"] == mine.row["settings"]
    sent = mock.provider("livechat").trigger("chat_ended", endpoints=[mine])
    sent.wait()
    assert (receiver.got[-1].header("Authorization") or "").startswith("Basic ")
    assert "hunter2" not in page.content()


def test_removing_can_be_undone(page: Page, mock: Client) -> None:
    """Ten seconds to think better of it."""
    page.goto("/endpoints")
    before = len(mock.endpoints())
    page.locator(".card").first.get_by_role("button", name="Remove").click()
    page.locator("#undo button").wait_for()
    assert len(mock.endpoints()) == before - 1
    page.wait_for_function(f"() => document.querySelectorAll('.card').length === {before - 1}")
    page.locator("#undo button").click()
    page.wait_for_function(f"() => document.querySelectorAll('.card').length === {before}")
    assert len(mock.endpoints()) == before


def test_verifying_against_a_wrong_and_a_right_receiver(page: Page, receiver: Receiver) -> None:
    """Three steps, and the place from which expected and received differ; then nothing stands in the way."""
    receiver.behaviour = always(200, b'{"secret": "no"}')
    add_endpoint(page, "Google", receiver.url)
    card = page.locator(".card", has=page.get_by_role("heading", name="mine"))
    assert "not verified" in card.locator(".health").inner_text()
    card.get_by_role("button", name="Verify").click()
    steps = card.locator(".steps")
    steps.get_by_text("not verified").wait_for()
    assert steps.locator("mark").count() == 2
    receiver.behaviour = echo
    card.get_by_role("button", name="Verify").click()
    steps.get_by_text("✓ verified").wait_for()
    card.locator(".health").get_by_text("verified").wait_for()


def test_sending_from_the_editor(page: Page, mock: Client, receiver: Receiver) -> None:
    """The signed request follows the typing, the difference is shown, the answer appears in place."""
    mine = mock.provider("gitple").endpoint(url=receiver.url, name="mine", secret="hunter2hunter2")
    page.goto(f"/send?provider=gitple&event={EVENT}")
    page.locator("#preview-body").get_by_text("triggerId").wait_for()
    area = page.locator("#document")
    document = json.loads(area.input_value())
    document["session"]["note"] = "콘솔에서"
    area.fill(json.dumps(document, ensure_ascii=False))
    page.locator("#difference").get_by_text("session.note").wait_for()
    page.locator("#preview-body").get_by_text("콘솔에서").wait_for()
    page.get_by_label("To", exact=True).select_option(str(mine.id))
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#answer").get_by_text("taken").wait_for()
    assert page.url.endswith(EVENT)
    assert json.loads(receiver.got[-1].body)["session"]["note"] == "콘솔에서"
    assert "hunter2" not in page.content()
    page.goto("/send?provider=gitple&event=session_state_open")
    assert page.get_by_label("To", exact=True).input_value() == str(mine.id)


def test_the_preview_names_who_gets_it(page: Page, mock: Client, receiver: Receiver) -> None:
    """Of several webhooks the first, and how many more; where none wants the event, that, and nothing to copy."""
    hooks = mock.provider("gitple")
    inbox = mock.endpoints("gitple")[0]
    hooks.endpoint(url=receiver.url, name="mine", events=[EVENT])
    line, curl = page.locator("#preview-line"), page.locator("#copy-curl")
    page.goto(f"/send?provider=gitple&event={EVENT}")
    line.get_by_text("and 1 more").wait_for()
    assert line.inner_text() == f"POST {mock.url}/inbox/{inbox.id} and 1 more"
    assert f"{mock.url}/inbox/{inbox.id}" in str(curl.get_attribute("data-copy"))
    page.goto("/send?provider=gitple&event=session_state_open")
    line.get_by_text("POST").wait_for()
    assert line.inner_text() == f"POST {mock.url}/inbox/{inbox.id}"
    mock.call("PATCH", f"/endpoints/{inbox.id}", {"enabled": False})
    page.reload()
    line.get_by_text("(no webhook wants it)").wait_for()
    assert not curl.is_visible()
    assert not page.locator("#preview-headers").get_by_text("Host").count()


def test_the_chosen_event_is_in_sight(page: Page, mock: Client) -> None:
    """On a telephone too, where the list of events is a few lines high."""
    page.set_viewport_size({"width": 400, "height": 800})
    oldest = mock.search("")[-1]
    page.goto(f"/send?edit={oldest.id}")
    page.locator("#preview-line").get_by_text("POST").wait_for()
    seen = page.locator("#event-list").bounding_box()
    chosen = page.locator("#event-list [aria-current]").bounding_box()
    assert seen and chosen
    assert page.locator("#event-list").evaluate("list => list.scrollTop") > 0
    assert seen["y"] <= chosen["y"] and chosen["y"] + chosen["height"] <= seen["y"] + seen["height"]


def test_an_invalid_payload_is_said_before_it_is_sent(page: Page) -> None:
    """An error list that leads to the place; the button says that it is sent all the same."""
    page.goto(f"/send?provider=gitple&event={EVENT}")
    area = page.locator("#document")
    document = json.loads(area.input_value())
    document["session"]["id"] = 5
    area.fill(json.dumps(document))
    page.get_by_role("button", name="Send although invalid").wait_for()
    page.locator("#problems").get_by_role("button", name="go to").first.click()
    assert area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)") == '"id"'
    area.fill("{")
    page.locator("#problems").get_by_text("not JSON").wait_for()


def test_the_first_receiver_is_made_from_its_url(page: Page, mock: Client, receiver: Receiver) -> None:
    """Without an endpoint one field is enough."""
    for endpoint in mock.endpoints():
        endpoint.remove()
    page.goto(f"/send?provider=gitple&event={EVENT}")
    page.get_by_label("Your receiver’s URL").fill(receiver.url)
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#answer").get_by_text("taken").wait_for()
    assert len(receiver.got) == 1


def test_a_delivery_arrives_live(page: Page, mock: Client) -> None:
    """Without a reload; and while somebody is among the rows, new ones wait above them."""
    page.goto("/?show=all")
    page.locator("[data-row]").first.wait_for()
    count = page.locator("[data-row]").count()
    hooks = mock.provider("gitple")
    hooks.trigger(EVENT).wait()
    page.wait_for_function(f"() => document.querySelectorAll('[data-row]').length === {count + 1}")
    page.locator("[data-row]").nth(2).focus()
    focused = page.evaluate("document.activeElement.id")
    hooks.trigger(EVENT).wait()
    bar = page.locator("#newer")
    bar.wait_for()
    assert bar.inner_text() == "1 new"
    assert page.locator("[data-row]").count() == count + 1
    assert page.evaluate("document.activeElement.id") == focused
    bar.click()
    page.wait_for_function(f"() => document.querySelectorAll('[data-row]').length === {count + 2}")


def test_a_refusal_in_a_sentence_and_its_cause(page: Page, mock: Client, receiver: Receiver) -> None:
    """What happened, what the vendor does next; *why* is asked by a button and answered in place."""
    receiver.behaviour = always(401, b"<script>alert(1)</script>")
    mock.provider("gitple").endpoint(url=receiver.url)
    mock.provider("gitple").trigger(EVENT)
    mock.settle()
    ident = mock.search("reaction:refused")[0].id
    page.goto(f"/?show=all&d={ident}")
    sentence = page.locator("#sentence").inner_text()
    assert f"Gitple sent {EVENT}; your receiver answered 401" in sentence and "so it is lost" in sentence
    assert "<script>alert(1)</script>" in page.locator(".side pre").last.inner_text()
    page.get_by_role("button", name="Why was it refused?").click()
    page.locator("[data-why-box]").get_by_text("Not proven:").wait_for(timeout=90_000)
    assert re.search(r"\d+ requests", page.locator("[data-why-box]").inner_text())


@pytest.mark.parametrize("form", ["same bytes", "signed again", "as new"])
def test_replays(page: Page, mock: Client, receiver: Receiver, form: str) -> None:
    """Each form says what will differ; the replay opens."""
    hooks = mock.provider("gitple")
    mine = hooks.endpoint(url=receiver.url)
    sent = hooks.trigger(EVENT, endpoints=[mine])
    sent.wait()
    page.goto(f"/?show=all&d={sent.delivery.id}")
    page.locator("#replay summary").click()
    page.locator("#replay").get_by_role("button", name=form).click()
    page.get_by_text("replay of").wait_for()
    assert re.search(rf"d=(?!{sent.delivery.id}\b)\d+", page.url)
    mock.settle()
    first, second = (got.body for got in receiver.got)
    assert (first == second) == (form != "as new")


def test_an_edited_replay(page: Page, mock: Client, receiver: Receiver) -> None:
    """The body goes into the editor, and leaves as these very bytes."""
    hooks = mock.provider("gitple")
    mine = hooks.endpoint(url=receiver.url)
    sent = hooks.trigger(EVENT, endpoints=[mine])
    sent.wait()
    page.goto(f"/?show=all&d={sent.delivery.id}")
    page.get_by_role("link", name="Edit", exact=True).click()
    area = page.locator("#document")
    area.wait_for()
    assert area.input_value().encode() == receiver.got[0].body
    area.fill('{"a":"\\/é  "}')
    page.get_by_label("To", exact=True).select_option(str(mine.id))
    page.get_by_role("button", name="Send although invalid").click()
    page.locator("#answer").get_by_text("taken").wait_for()
    assert receiver.got[-1].body == '{"a":"\\/é  "}'.encode()


def test_a_bad_day_is_counted_and_labelled(page: Page, mock: Client, receiver: Receiver) -> None:
    """The next two answers are lost: the plan, what is left of it, and the label on the delivery."""
    hooks = mock.provider("gitple")
    hooks.endpoint(url=receiver.url, name="mine", retry="retry-3")
    page.goto("/endpoints")
    card = page.locator(".card", has=page.get_by_role("heading", name="mine"))
    card.get_by_text("Bad days").click()
    card.get_by_label("The next").fill("2")
    card.get_by_role("button", name="Add").click()
    card.get_by_text("next 2").wait_for()
    page.locator("#strip").get_by_text("1 on").wait_for()
    hooks.trigger(EVENT)
    card.get_by_text("next 1").wait_for()
    page.goto("/?show=waiting")
    page.locator("[data-row]", has_text="mine").click()
    page.get_by_text("A fault of yours:").wait_for()
    page.locator("#strip").get_by_role("button", name="silence").click()
    page.locator("#strip").get_by_text("1 silenced").wait_for()


def test_time_is_pushed_until_the_schedule_ends(page: Page, mock: Client, receiver: Receiver) -> None:
    """The schedule is seen before it is lived; pushing makes every attempt, and the strip says how far ahead it is."""
    receiver.behaviour = always(500)
    hooks = mock.provider("livechat")
    mine = hooks.endpoint(url=receiver.url, event="chat_ended")
    sent = hooks.trigger("chat_ended", endpoints=[mine])
    sent.wait()
    page.goto(f"/?show=all&d={sent.delivery.id}")
    assert page.locator(".timeline .future").count() >= 10
    page.get_by_role("button", name="Until delivered or given up").click()
    page.locator("#sentence").get_by_text("has given up after 11 attempts").wait_for(timeout=30_000)
    assert len(receiver.got) == 11
    assert "ahead" in page.locator("#strip").inner_text()
    page.locator("#strip summary").click()
    page.get_by_role("button", name="Reset clock").click()
    page.locator("#strip").get_by_text("real time").wait_for()


def test_a_scenario_is_stepped_to_its_end(page: Page, mock: Client, receiver: Receiver) -> None:
    """Each step lights up with its reaction; the run can be told again from its seed."""
    mock.provider("gitple").endpoint(url=receiver.url)
    page.goto("/scenarios?provider=gitple")
    page.locator(".scenario").first.get_by_role("button", name="Step").click()
    page.get_by_role("button", name="Next step").wait_for()
    assert "waits for you" in page.locator("#run-title").inner_text()
    waiting = page.locator(".steps-of-run > li").last
    assert waiting.locator("time").count() == 0 and re.search(r"\+\d+ min", waiting.inner_text())
    steps = page.locator(".steps-of-run > li").count()
    assert steps >= 3
    for number in range(steps):
        page.get_by_role("button", name="Next step").click()
        page.locator(".steps-of-run > li").nth(number).locator(".mark.good").first.wait_for()
    page.get_by_role("button", name="Run again with the same seed").wait_for()
    assert "every expectation was met" in page.locator("#run-title").inner_text()


def test_searching(page: Page, mock: Client) -> None:
    """Two syllables of Korean are found; a wrong key is said, with the nearest one; an empty result says what it is."""
    mock.provider("gitple").trigger(EVENT, {"session.note": "쿠폰 문의"}).wait()
    page.goto("/")
    page.locator("#q").fill("쿠폰")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q="))
    page.wait_for_function("() => document.querySelectorAll('[data-row]').length === 1")
    page.goto("/?q=outcom:delivered")
    assert "did you mean 'outcome'" in page.locator(".rows .error").inner_text()
    page.goto("/?q=nobody&show=all")
    assert "nobody" in page.locator(".empty").first.inner_text()


def test_eight_tabs(context: BrowserContext, mock: Client) -> None:
    """Each is live and can act: no tab starves another of the browser's six connections."""
    tabs = [context.new_page() for _ in range(8)]
    for tab in tabs:
        tab.goto("/?show=all")
    count = tabs[0].locator("[data-row]").count()
    mock.provider("gitple").trigger(EVENT).wait()
    for number, tab in enumerate(tabs):
        tab.wait_for_function(f"() => document.querySelectorAll('[data-row]').length === {count + 1}")
        tab.goto("/endpoints" if number % 2 else "/inbox")
        assert tab.locator("h1").inner_text()


def test_without_a_secure_context_the_page_asks_again_and_again(context: BrowserContext, mock: Client) -> None:
    """On another machine there are no locks and no clipboard: the page polls, and copies in the old way."""
    gone = "Object.defineProperty(Navigator.prototype, name, { value: undefined })"
    context.add_init_script(f"for (const name of ['locks', 'clipboard']) {gone}")
    page = context.new_page()
    page.goto("/?show=all")
    page.locator("[data-connection].polling").wait_for()
    count = page.locator("[data-row]").count()
    mock.provider("gitple").trigger(EVENT).wait()
    page.wait_for_function(f"() => document.querySelectorAll('[data-row]').length === {count + 1}")
    page.locator("[data-row]").first.click()
    page.locator("#copy summary").click()
    page.locator("#copy").get_by_role("button", name="curl").click()
    page.locator("#copy").get_by_text("copied").wait_for()


def test_many_at_once_ask_first(page: Page, mock: Client) -> None:
    """The number stands in the way of an act on many; a removal can be undone."""
    page.goto("/?show=all&provider=gitple")
    page.locator("details.more summary").click()
    page.get_by_role("button", name="Remove all").click()
    again = page.get_by_role("button", name="1 deliveries: press again")
    again.click()
    page.locator("#undo").get_by_text("1 removed").wait_for()
    page.get_by_text("no delivery is found").wait_for()
    assert mock.search("provider:gitple") == [] and len(mock.search("")) >= 3
    page.locator("#undo button").click()
    page.locator("[data-row]").first.wait_for()


def test_the_mock_is_gone_and_back(page: Page) -> None:
    """A page of a mock that does not answer says so where the act was."""
    page.goto("/endpoints")
    page.route("**/api/**", lambda route: route.abort())
    page.locator(".card").first.get_by_role("button", name="Disable").click()
    page.get_by_text("The mock does not answer").wait_for()


def test_a_log_is_imported(page: Page, mock: Client, tmp_path: Path) -> None:
    """From a file that the page reads, its form known by its ending; what was refused is said with its line."""
    mock.export(tmp_path / "log.ndjson", q="provider:gitple")
    line = (tmp_path / "log.ndjson").read_text(encoding="utf-8")
    (tmp_path / "log.ndjson").write_text(f"{line}nonsense\n", encoding="utf-8")
    page.goto("/?show=all")
    page.get_by_text("Log", exact=True).click()
    page.get_by_role("link", name="Import a log").click()
    page.get_by_label("Format").select_option("har")
    page.get_by_label("File").set_input_files(tmp_path / "log.ndjson")
    page.wait_for_function("() => document.querySelector('#import-text').value.includes('nonsense')")
    assert page.get_by_label("Format").input_value() == "ndjson"
    page.get_by_role("button", name="Import").click()
    page.get_by_text("Imported: 1").click()
    page.locator("#rows .row").wait_for()
    assert page.locator("#rows .row").count() == 1
    row = mock.call("GET", "/deliveries", q="origin:import")["items"][0]
    assert (row["outcome"], row["status"]) == ("delivered", 200)


def test_what_was_sent_lately_stands_first(page: Page, mock: Client) -> None:
    """In the list of events: the vendor, and of its events the latest one; a scenario's later steps only wait."""
    for event in ("session_state_open", "send_external_message"):
        mock.provider("gitple").trigger(event).wait()
    scenario = mock.call("GET", "/scenarios", provider="gitple")[0]
    mock.call("POST", f"/scenarios/gitple/{scenario['name']}/runs", {"mode": "step"})
    page.goto("/send")
    assert page.locator("#event-list h2").first.inner_text() == "Gitple"
    assert page.locator("#event-list li").all_inner_texts()[:2] == ["send_external_message", "session_state_open"]
