"""Writes legacy-records.json beside this file: records of old digests, computed with Python's hashlib alone."""

import base64
import hashlib
import hmac
import json
import pathlib

ALGORITHMS = {"sha3-512": hashlib.sha3_512, "sha-512": hashlib.sha512}
CASES = [
    ("falcon*solo", "sha3-512", "LEGACY-SHA3-512", "000102030405060708090a0b0c0d0e0f", 2048),
    ("falcon*solo", "sha-512", "LEGACY-SHA3-512", "000102030405060708090a0b0c0d0e0f", 2048),
    ("falcon*solo", "sha-512", "LEGACY-SHA-512", "30313233343536373839616263646566", 4096),
    ("Pâté de Campagne 1", "sha3-512", "LEGACY-SHA3-512", "ff" * 16, 1),
    ("P\u0061\u0302té de Campagne 1", "sha3-512", "LEGACY-SHA3-512", "ff" * 16, 1),
    ("tab\tinside", "sha-512", "LEGACY-SHA3-512", "01" * 16, 2),
    ("", "sha3-512", "LEGACY-SHA3-512", "02" * 16, 3),
]


def base64_of(octets):
    return base64.b64encode(octets).decode("ascii")


def vector(password, algorithm, scheme, salt_hex, iterations):
    digest = ALGORITHMS[algorithm](password.encode("utf-8")).hexdigest()
    salt = bytes.fromhex(salt_hex)
    salted = hashlib.pbkdf2_hmac("sha3_512", digest.encode("ascii"), salt, iterations, 64)
    client_key = hmac.new(salted, b"Client Key", hashlib.sha3_512).digest()
    server_key = hmac.new(salted, b"Server Key", hashlib.sha3_512).digest()
    stored_key = hashlib.sha3_512(client_key).digest()
    record = f"{scheme}${iterations}:{base64_of(salt)}${base64_of(stored_key)}:{base64_of(server_key)}"
    return {
        "password": password,
        "algorithm": algorithm,
        "digest": digest,
        "scheme": scheme,
        "salt": salt_hex,
        "iterations": iterations,
        "record": record,
    }


pathlib.Path(__file__).with_suffix(".json").write_text(
    json.dumps([vector(*case) for case in CASES], indent=2) + "\n", encoding="utf-8"
)
