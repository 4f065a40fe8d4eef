"""Promise P19: everything but a language model works with no network at all, and nothing is even looked up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _namespace_command() -> list[str] | None:
    """Return the command that runs another without any network, or None where this user may not make a network namespace."""
    for command in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return None


@pytest.fixture(scope="module")
def walked(state_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Walk the chat in a network namespace that has no way out, and give what was seen."""
    namespace = _namespace_command()
    if namespace is None:
        pytest.skip("this user may not make a network namespace; run as root or allow user namespaces")
    own_state = tmp_path_factory.mktemp("isolated") / "state"
    shutil.copytree(state_dir, own_state)
    log = own_state.parent / "refused.txt"
    command = [*namespace, sys.executable, str(HERE / "isolated_walk.py"), str(own_state), str(log)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=os.environ | {"PYTHONPATH": str(HERE)}, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_chat_answers_without_any_network(walked: dict[str, object]) -> None:
    assert walked["citations"]
    assert walked["lines"]


def test_no_packet_leaves_the_machine(walked: dict[str, object]) -> None:
    assert walked["packets"]
    assert walked["others"] == []


def test_no_name_is_looked_up(walked: dict[str, object]) -> None:
    assert walked["lookups"] == []


def test_the_server_tries_to_reach_nobody(walked: dict[str, object]) -> None:
    assert walked["refused"] == ""


def test_the_page_asks_only_its_own_server(walked: dict[str, object]) -> None:
    assert walked["foreign"] == []


def test_the_watch_sees_a_planted_look_up(tmp_path: Path) -> None:
    log = tmp_path / "refused.txt"
    code = f"import watched_server as w, socket; w.watch({str(log)!r}); socket.getaddrinfo('example.org', 80)"

    done = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, check=False)

    assert done.returncode != 0
    assert "example.org" in log.read_text("utf-8")
