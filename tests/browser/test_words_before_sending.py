"""What people see before a message goes in a talk: a name pointed out to its writer, and hints to the peer where they are switched on."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable

from playwright.sync_api import Page, expect
from walks import PEER_PSEUDONYM, Server, in_talk, past_notice, sign_in, write

ADVICE = "You should just talk to your manager."


def test_a_name_is_pointed_out_before_it_goes_and_one_tap_hides_it(chat: Page, peer: Page) -> None:
    in_talk(chat, peer)
    write(chat, f"Write to {PEER_PSEUDONYM}", "can you ask sarah whitfield about it")
    expect(chat.get_by_text("Not sent yet. It holds a name.")).to_be_visible()
    expect(peer.get_by_text("sarah whitfield")).to_have_count(0)
    chat.get_by_role("button", name="Hide that and send").click()
    expect(peer.get_by_text("can you ask [a name] about it")).to_be_visible()
    expect(chat.get_by_text("Not sent yet.")).to_have_count(0)
    assert chat.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")

    write(peer, "Write to your colleague", "Do you mean Sarah Whitfield from above?")
    peer.get_by_role("button", name="Send as it is").click()
    expect(chat.get_by_text("Do you mean Sarah Whitfield from above?")).to_be_visible()
    write(peer, "Write to your colleague", "I know Sarah Whitfield.")  # decided once
    expect(chat.get_by_text("I know Sarah Whitfield.")).to_be_visible()


def test_nothing_a_peer_has_not_sent_leaves_the_browser_while_hints_are_off(chat: Page, peer: Page) -> None:
    in_talk(chat, peer)
    frames: list[bytes] = []
    watched = peer.context.new_cdp_session(peer)  # sees the socket that is open already; a reload would sign the peer out
    watched.send("Network.enable")
    watched.on("Network.webSocketFrameSent", lambda sent: frames.append(b64decode(sent["response"]["payloadData"])))

    peer.get_by_placeholder("Write to your colleague").press_sequentially(ADVICE, delay=20)
    peer.wait_for_timeout(2_500)

    assert frames
    assert not [frame for frame in frames if b"talk to your manager" in frame]
    expect(peer.get_by_text("Hints are on")).to_have_count(0)
    expect(chat.get_by_text("unsent words")).to_have_count(0)


def test_where_hints_are_on_the_employee_is_told_and_the_peer_sees_one_under_the_box(
    start_server: Callable[..., Server], new_page: Callable[..., Page]
) -> None:
    server = start_server(COMPANION_PEER_HINTS="true")
    chat, peer = past_notice(new_page(), server), sign_in(new_page(viewport={"width": 1280, "height": 900}), server)
    chat.locator("#act-person").click()
    expect(chat.get_by_text("the program reads their unsent words")).to_be_visible()
    chat.get_by_role("button", name="Send this letter").click()
    expect(chat.get_by_text("Hints for the person are on.")).to_be_visible()
    peer.get_by_role("button", name="Take this request").first.click()
    expect(chat.get_by_role("heading", name=f"You are talking with {PEER_PSEUDONYM}")).to_be_visible()
    expect(chat.get_by_text("Hints for the person are on.")).to_be_visible()

    peer.get_by_placeholder("Write to your colleague").press_sequentially(ADVICE, delay=20)
    expect(peer.get_by_text("Advice, before they asked for it.")).to_be_visible()
    expect(peer.get_by_text("It comes from rules and misreads a line now and then.")).to_be_visible()
    expect(peer.get_by_placeholder("Write to your colleague")).to_have_value(ADVICE)
    expect(chat.get_by_text(ADVICE)).to_have_count(0)
    peer.keyboard.press("Enter")

    expect(chat.get_by_text(ADVICE)).to_be_visible()
    expect(peer.get_by_text("Hints are on, and your colleague knows.")).to_be_visible()
