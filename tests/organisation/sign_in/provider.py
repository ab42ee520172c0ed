"""A small OpenID Connect provider on this machine, which can be wrong in every way that a real one is not.

It keeps to PKCE, gives a code once, and signs with keys of its own, which it can change.
"""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "manifesto", "a secret & more"
KEYS = [RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig"}) for number in range(2)]


def _in_letters(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class SmallProvider:
    """What it answers next; `asked` are the addresses that it was asked for."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.claims: dict[str, Any] = {}  # of the next token, beside the usual ones; None takes one away
        self.key = self.shown_key = KEYS[0]
        self.algorithm = "RS256"
        self.document: dict[str, Any] = {}  # what discovery says, beside the usual
        self.token_answer: tuple[int, Any] | None = None
        self.asked: list[str] = []
        self.tokens: list[dict[str, str]] = []  # the forms that came for a token
        self.codes: dict[str, dict[str, str]] = {}

    def allow(self, address: str, **claims: Any) -> dict[str, str]:
        """What a browser brings back that was sent to the address and whose person has agreed."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked | {"claims": json.dumps(claims)}
        return {"code": code, "state": asked["state"], "iss": self.base}

    def discovery(self) -> dict[str, Any]:
        usual = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/keys",
            "end_session_endpoint": f"{self.base}/logout",
        }
        return usual | self.document

    def token(self, form: dict[str, str]) -> tuple[int, Any]:
        self.tokens.append(form)
        if self.token_answer is not None:
            return self.token_answer
        asked = self.codes.pop(form["code"], None)
        proof = _in_letters(sha256(form["code_verifier"].encode()).digest())
        if asked is None or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        usual = {"iss": self.base, "aud": CLIENT, "sub": "1", "exp": now + 300, "iat": now}
        claims = usual | {"nonce": asked["nonce"]} | json.loads(asked["claims"]) | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm in {"none", "HS256"}:  # with nothing, or with what is no secret
            head = {"alg": self.algorithm, "kid": self.key.kid}
            signed = ".".join(_in_letters(json.dumps(each).encode()) for each in (head, claims))
            shared = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{_in_letters(shared) if self.algorithm == 'HS256' else ''}"
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, self.key, [self.algorithm])

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(path)
        pages = {
            "/.well-known/openid-configuration": lambda: (200, self.discovery()),
            "/keys": lambda: (200, {"keys": [self.shown_key.as_dict(private=False)]}),
            "/token": lambda: self.token(form),
        }
        return pages[path]() if path in pages else (404, {})


@contextmanager
def small_provider() -> Iterator[SmallProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            told = parse_qs(self.rfile.read(size).decode())
            form = {name: values[0] for name, values in told.items()}
            form["authorization"] = self.headers.get("Authorization", "")
            status, content = running.answer(self.path, form)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the server's word

        def log_message(self, *_told: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = SmallProvider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
