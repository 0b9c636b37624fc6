"""A provider of identities for tests: oidc-provider-mock, which also demands PKCE, rotates its key, and lies when it is told to.

    PUT  /users/SUB   {"email": ..., "groups": [...]}   who there is
    PUT  /lie         {"lie": "nonce"}                  how the next token is wrong (see LIES); {} is the truth
    POST /rotate                                        signs with another key from now on
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from urllib.parse import parse_qs, urlparse

import flask
import oidc_provider_mock._app as mock
import werkzeug.serving
from authlib import jose

app = mock.app(require_nonce=True)
lie = {"lie": None}
challenges: dict[str, str] = {}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: dict, key, alg: str = "RS256", kid: str | None = None) -> str:
    header = {"alg": alg, "kid": kid or key.thumbprint()}
    if alg == "none":
        return f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}."
    return jose.JsonWebSignature([alg]).serialize_compact(header, json.dumps(claims).encode(), key).decode()


def stranger() -> jose.RSAKey:
    return jose.RSAKey.generate_key(is_private=True)


def shared(claims: dict, key) -> str:
    """Signed with what a verifier would use that takes the public key for a shared secret."""
    header = {"alg": "HS256", "kid": key.thumbprint()}
    message = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    public = mock.storage.jwk.as_pem(is_private=False)
    return f"{message}.{encoded(hmac.new(public, message.encode(), hashlib.sha256).digest())}"


LIES = {
    "nonce": lambda claims, key: signed({**claims, "nonce": "another"}, key),
    "no_nonce": lambda claims, key: signed({k: v for k, v in claims.items() if k != "nonce"}, key),
    "audience": lambda claims, key: signed({**claims, "aud": "another"}, key),
    "many_audiences": lambda claims, key: signed({**claims, "aud": ["another", *claims["aud"]]}, key),
    "authorized_party": lambda claims, key: signed({**claims, "azp": "another"}, key),
    "issuer": lambda claims, key: signed({**claims, "iss": "https://another.example"}, key),
    "expired": lambda claims, key: signed({**claims, "exp": int(time.time()) - 3600}, key),
    "future": lambda claims, key: signed({**claims, "iat": int(time.time()) + 3600}, key),
    "none": lambda claims, key: signed(claims, key, "none"),
    "hs256": shared,
    "stranger": lambda claims, key: signed(claims, stranger()),
    # Another's key under the name of the provider's.
    "impostor": lambda claims, key: signed(claims, stranger(), kid=key.thumbprint()),
    "nobody": lambda claims, key: signed({**claims, "sub": ""}, key),
    "tampered": lambda claims, key: ".".join(
        [(parts := signed(claims, key).split("."))[0], encoded(json.dumps({**claims, "groups": ["leads"]}).encode()), parts[2]]
    ),
    "garbage": lambda claims, key: "no.token",
}


@app.put("/lie")
def set_lie():
    lie["lie"] = flask.request.get_json().get("lie")
    assert lie["lie"] is None or lie["lie"] in LIES
    return "", 204


@app.post("/rotate")
def rotate():
    mock.storage.jwk = jose.RSAKey.generate_key(is_private=True)
    return "", 204


@app.before_request
def prove():
    """RFC 7636: whoever redeems a code has begun the login."""
    if flask.request.path != "/oauth2/token":
        return None
    challenge = challenges.pop(flask.request.form.get("code", ""), None)
    proof = encoded(hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest())
    if challenge is not None and challenge != proof:
        return flask.jsonify(error="invalid_grant", error_description="the code verifier is another"), 400
    return None


@app.after_request
def tell(response: flask.Response):
    if flask.request.path == "/oauth2/authorize" and "Location" in response.headers:
        code = parse_qs(urlparse(response.headers["Location"]).query).get("code")
        if code:
            assert flask.request.args["code_challenge_method"] == "S256"
            challenges[code[0]] = flask.request.args["code_challenge"]
    if flask.request.path == "/oauth2/token" and response.status_code == 200:
        answer = response.get_json()
        claims = json.loads(base64.urlsafe_b64decode(answer["id_token"].split(".")[1] + "=="))
        told = LIES.get(lie["lie"], signed)
        answer["id_token"] = told(claims, mock.storage.jwk)
        response.set_data(json.dumps(answer))
    return response


if __name__ == "__main__":
    # It ends with whoever has started it.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server = werkzeug.serving.make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()
