"""Whole SCRAM-SHA3-512 exchanges (RFC 5802, RFC 9266) by Python's hashlib and hmac alone.

    python3 test/unit/sasl/vectors.py > test/unit/sasl/vectors.json
"""
import base64
import hashlib
import hmac
import json

EXPORTER = bytes(range(0x80, 0xA0))

USERS = [
    # name, authorization id, password (prepared), salt, iterations
    ("alice", "", "Correct Horse 9", bytes(range(16)), 4096),
    ("bob", "bob", "Pâté de Campagne 1", b"0123456789abcdef", 4096),
    ("carol,of=glo2000", "", "ΩΩΩΩΩωωωωω7", b"\xff" * 16, 5000),
    ("Dédé=2C", "postmaster,=", "correct 🐎 battery Staple 1", b"salt of odd size", 4097),
    ("dave", "alice", "x" * 200 + "A1", bytes(reversed(range(24))), 10000),
]


def h(octets):
    return hashlib.sha3_512(octets).digest()


def mac(key, text):
    return hmac.new(key, text, hashlib.sha3_512).digest()


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def b64(octets):
    return base64.b64encode(octets).decode()


def saslname(name):
    return "".join({",": "=2C", "=": "=3D"}.get(c, c) for c in name)


def exchange(flag, name, authorization_id, password, salt, iterations, number):
    client_nonce = f"client/{number}!~"
    server_nonce = f"server+{number}#="
    salted = hashlib.pbkdf2_hmac("sha3_512", password.encode(), salt, iterations)
    client_key = mac(salted, b"Client Key")
    stored_key = h(client_key)
    server_key = mac(salted, b"Server Key")

    gs2_header = flag + "," + ("a=" + saslname(authorization_id) if authorization_id else "") + ","
    bare = f"n={saslname(name)},r={client_nonce}"
    server_first = f"r={client_nonce}{server_nonce},s={b64(salt)},i={iterations}"
    binding = gs2_header.encode() + (EXPORTER if flag.startswith("p=") else b"")
    without_proof = f"c={b64(binding)},r={client_nonce}{server_nonce}"
    auth_message = ",".join([bare, server_first, without_proof]).encode()
    proof = xor(client_key, mac(stored_key, auth_message))
    return {
        "flag": flag,
        "name": name,
        "authorizationId": authorization_id,
        "password": password,
        "iterations": iterations,
        "salt": salt.hex(),
        "exporter": EXPORTER.hex(),
        "clientNonce": client_nonce,
        "serverNonce": server_nonce,
        "saltedPassword": salted.hex(),
        "clientKey": client_key.hex(),
        "storedKey": stored_key.hex(),
        "serverKey": server_key.hex(),
        "clientFirst": gs2_header + bare,
        "serverFirst": server_first,
        "clientFinal": f"{without_proof},p={b64(proof)}",
        "serverFinal": f"v={b64(mac(server_key, auth_message))}",
    }


def exchanges():
    number = 0
    for user in USERS:
        for flag in ("n", "y", "p=tls-exporter"):
            number += 1
            yield exchange(flag, *user, number)


print(json.dumps(list(exchanges()), indent=2, ensure_ascii=False))
