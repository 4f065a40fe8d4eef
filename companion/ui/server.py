"""The web server: Streamlit's ASGI app with our own shell, the crisis page, the leave page, fonts, and strict headers.

Start it with `companion serve`, or with uvicorn as the factory `companion.ui.server:create_app`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from companion.bootstrap_keys import require_cookie_secret, require_key
from companion.errors import CompanionError
from companion.insight.referrals import YearOfReferrals
from companion.logs import install_logging, kind_of
from companion.settings import ROOT, Settings, load_settings, silence_vendors
from companion.ui.loading import app_loader
from companion.ui.open_chats import open_chats
from companion.ui.text import load_words
from companion.ui.web_pages import FRONTEND, WebPages

log = logging.getLogger(__name__)
SCRIPT = ROOT / "app.py"
FONTS = Path(__file__).parent / "fonts"
_STAFF_PAGES = ("/peer", "/facilitator", "/training", "/coordinator", "/auditor")
_CALLBACK = "/oauth2callback"
_PAGES = frozenset(
    {"/", *_STAFF_PAGES, "/crisis", "/protocol", "/leave", "/session/erase", "/favicon.png", "/auth/login", "/auth/logout", _CALLBACK}
)
_KNOWN_PREFIXES = ("/ui/", "/static/", "/media/", "/component/", "/_stcore/")
_ASSETS = ("shell.js", "dom.js", "leave.js", "leave.css", "icon.svg", "style.css")
_SWEEP_EVERY_S = 30.0
_HEAD_START_S = 1.5
"""The first page is drawn before models are loaded; with no visitor they are loaded anyway."""
_MAX_TOKEN_BYTES = 200
_POLICY = (
    "default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""The browser itself refuses to contact any other host, whatever stands in a reply."""
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class StrictHeaders:
    """Add the security headers to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete the headers of its answer."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)


class KnownPaths:
    """Send a visitor of an unknown address to the chat, since Streamlit would answer with a page without header and crisis lines."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a known path on; answer any other with a redirect."""
        path = str(scope.get("path", ""))
        is_known = scope["type"] != "http" or path in _PAGES or path.startswith(_KNOWN_PREFIXES) or "/_stcore/" in path
        await (self._app if is_known else RedirectResponse("/"))(scope, receive, send)


class BackToTheDesk:
    """Bring staff back to the page from which they went to their organisation's sign-in; Streamlit would bring them to the chat.

    The page's path waits in a cookie that only the callback is sent; it holds one of two fixed words and nobody's identity.
    """

    _COOKIE = "companion_staff_page"

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; remember a page of staff, and turn the answer of the callback towards it."""
        path = str(scope.get("path", "")) if scope["type"] == "http" else ""
        back = Request(scope).cookies.get(self._COOKIE) if path == _CALLBACK else None

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                if path in _STAFF_PAGES:
                    cookie = f"{self._COOKIE}={path}; Path={_CALLBACK}; Max-Age=600; HttpOnly; SameSite=Lax"
                    message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
                elif back in _STAFF_PAGES:
                    others = [(name, value) for name, value in message["headers"] if name.lower() != b"location"]
                    message["headers"] = [*others, (b"location", back.encode())]
            await send(message)

        await self._app(scope, receive, complete)


def create_app(settings: Settings | None = None, script: Path = SCRIPT) -> st.App:
    """Return the ASGI app. Reads the words and the page texts; opens no socket and loads no model.

    Raises: SettingsError, KnowledgeError.
    """
    silence_vendors()
    settings = settings or load_settings()
    require_key(settings)
    require_cookie_secret(_auth_secrets())
    install_logging(settings.log_level.upper())
    app_loader().use(settings)
    return st.App(
        script,
        routes=own_routes(settings),
        middleware=[Middleware(StrictHeaders), Middleware(KnownPaths), Middleware(BackToTheDesk)],
        on_script_error=_say_it_kindly,
        lifespan=_sweeping(timedelta(minutes=settings.idle_minutes)),
    )


def _auth_secrets() -> Mapping[str, object]:
    """Return the part `auth` of Streamlit's secrets, empty without one."""
    try:
        return dict(st.secrets.get("auth", {}))
    except FileNotFoundError:
        return {}


def own_routes(settings: Settings) -> list[BaseRoute]:
    """Return everything that is served beside Streamlit.

    Raises: KnowledgeError when the words of the pages cannot be used.
    """
    pages = WebPages(load_words(settings.prompts_dir), settings.knowledge_dir, settings.prompts_dir, settings.country)
    return [
        Route("/", _page(lambda: pages.shell("title"))),
        Route("/peer", _page(lambda: pages.shell("peer_title"))),
        Route("/facilitator", _page(lambda: pages.shell("facilitator_title"))),
        Route("/training", _page(lambda: pages.shell("training_title"))),
        Route("/coordinator", _page(lambda: pages.shell("console_title"))),
        Route("/auditor", _page(lambda: pages.shell("auditor_title"))),
        Route("/crisis", _crisis_page(pages)),
        Route("/protocol", _page(lambda: pages.protocol(_years_of_referrals()))),
        Route("/leave", _page(pages.leave)),
        Route("/session/erase", _erase_chat, methods=["POST"]),
        Mount("/ui/fonts", StaticFiles(directory=FONTS)),
        *(Route(f"/ui/{name}", _asset(name)) for name in _ASSETS),
    ]


def _years_of_referrals() -> tuple[YearOfReferrals, ...] | None:
    served = app_loader().ready()
    if served is None or served.people is None:
        return None
    try:
        return served.people.referrals.published()
    except CompanionError:
        return None


def _say_it_kindly(exc: Exception) -> bool:
    """Show kind words for an error outside a page, such as one while it is imported; the log names only its kind."""
    from companion.ui.pages import draw_kind_words

    log.error("the script failed: %s", kind_of(exc))
    draw_kind_words()
    return True


def serve(settings: Settings) -> None:
    """Serve the pages on `settings.host` and `settings.port` until the process is told to stop."""
    import resource

    import uvicorn

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold what people write
    app = create_app(settings)
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False, ws_max_size=2 * 2**20)


def _page(build: Callable[[], str]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return HTMLResponse(await asyncio.to_thread(build), headers={"Cache-Control": "no-store"})

    return answer


def _crisis_page(pages: WebPages) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        build = partial(pages.crisis, request.headers.get("accept-language", ""))
        return HTMLResponse(await asyncio.to_thread(build), headers={"Cache-Control": "no-store"})

    return answer


def _asset(name: str) -> Callable[[Request], Awaitable[Response]]:
    path = FRONTEND / name if (FRONTEND / name).exists() else FRONTEND.parent / name

    async def answer(_request: Request) -> Response:
        return FileResponse(path, headers={"Cache-Control": "no-cache"})

    return answer


async def _erase_chat(request: Request) -> Response:
    """Erase the chat whose token is the body. Always the same answer, so that a token cannot be tested."""
    token = b""
    async for chunk in request.stream():
        token += chunk
        if len(token) > _MAX_TOKEN_BYTES:
            return Response(status_code=204)
    open_chats().erase(token.decode("ascii", errors="ignore"))
    return Response(status_code=204)


def _sweeping(idle: timedelta) -> Callable[[st.App], AbstractAsyncContextManager[dict[str, object]]]:
    """Return the lifespan that erases chats left still for too long."""

    async def sweep() -> None:
        while True:
            await asyncio.sleep(_SWEEP_EVERY_S)
            open_chats().erase_idle(datetime.now(UTC), idle)

    async def warm_up() -> None:
        await asyncio.sleep(_HEAD_START_S)
        app_loader().start()

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[dict[str, object]]:
        import companion.ui.pages  # noqa: F401 - read before the first visitor comes

        warming = asyncio.create_task(warm_up())
        task = asyncio.create_task(sweep())
        yield {}
        warming.cancel()
        app_loader().close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return lifespan
