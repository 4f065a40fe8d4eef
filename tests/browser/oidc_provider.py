"""An organisation's sign-in on loopback: a small but real OpenID Connect provider (code flow, RS256), which signs in whom a test names."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "companion", "a secret of the client"


class OidcProvider:
    """Serve discovery, authorisation, tokens and keys. subject: who is signed in next."""

    def __init__(self) -> None:
        self.subject = "employee-4711"
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._nonces: dict[str, str | None] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> OidcProvider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def secrets_toml(self, server_url: str) -> str:
        """Return what a deployer writes into `.streamlit/secrets.toml`."""
        return "\n".join(
            [
                "[auth]",
                f'redirect_uri = "{server_url}/oauth2callback"',
                f'cookie_secret = "{secrets.token_hex(32)}"',
                f'client_id = "{CLIENT_ID}"',
                f'client_secret = "{CLIENT_SECRET}"',
                f'server_metadata_url = "{self.issuer}/.well-known/openid-configuration"',
            ]
        )

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a request."""
        if path == "/.well-known/openid-configuration":
            return _json(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        if path == "/authorize":
            code = secrets.token_hex(8)
            self._nonces[code] = query.get("nonce", [None])[0]
            back = urlencode({"code": code, "state": query["state"][0]})
            return 302, {"Location": f"{query['redirect_uri'][0]}?{back}"}, b""
        if path == "/token":
            return _json({"access_token": "not used", "token_type": "Bearer", "id_token": self._id_token(query["code"][0])})
        if path == "/keys":
            return _json({"keys": [self._key.as_dict(private=False)]})
        return 404, {}, b""

    def _id_token(self, code: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": self._nonces.pop(code)}
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self._key)


def _json(content: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()


def _answering(provider: OidcProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._say(*provider.answer(parts.path, parse_qs(parts.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*provider.answer(urlsplit(self.path).path, parse_qs(body)))

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

        def _say(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler
