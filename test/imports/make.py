"""Makes the sample data sets beside this file: what three older systems leave behind. Run it in any folder."""

import hashlib
import json
import pathlib
import shutil

HERE = pathlib.Path(__file__).resolve().parent

CREDENTIALS = [
    "han falcon*solo",
    "luke wise@!manbaby",
    "maul 666sithlord**",
    "lando $blasterpistol$",
    "",
    "r2D2 ",
    "yoda (jedi master) ",
    "chewbacca wookie-aaaawww+87",
    "nospacehere",
    "c3p0 r2D2 is my friend",
    "Obi-wan (kenobi)",
    "obiwan hello*there",
    "OBIWAN general",
    "han again",
    "-leia alderaan",
    "root deathstar",
    "q tab\there",
    "x x",
]


def sha3(password):
    return hashlib.sha3_512(password.encode()).hexdigest()


def sha2(password):
    return hashlib.sha512(password.encode()).hexdigest()


PASS_FILES = {
    "alice": ("pass", sha3("AliceWonder10")),
    "BOB": ("pass", sha2("BobBuilder2023").upper()),
    "carol.roy": ("pass", json.dumps({"password_hash": sha2("CarolSings99")})),
    "dave": ("passwd", sha3("DaveDives2021") + "\n"),
    "sha384": ("passwd", hashlib.sha384(b"TwentyTwentyOne21").hexdigest()),
    "sha256": ("pass", hashlib.sha256(b"TwentyEighteen18").hexdigest()),
    "md5": ("pass", hashlib.md5(b"TwentyFifteen15").hexdigest().upper()),
    "plain": ("pass", "NotADigest123"),
    "broken": ("pass", '{"password_hash": 12'),
    "user name": ("pass", sha3("SpaceInName1")),
}

MAIL = {
    "sender": "bob@glo2000.ca",
    "destination": "alice@glo2000.ca",
    "subject": "Bonjour",
    "date": "Thu, 30 Nov 2023 01:20:30 +0000",
    "content": "Été\n",
}


def write(path, octets):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)


def main():
    for folder in ("credentials", "tp4", "jmail"):
        shutil.rmtree(HERE / folder, ignore_errors=True)

    text = "\n".join(CREDENTIALS)
    write(HERE / "credentials/credentials.txt", text.encode())
    write(HERE / "credentials/windows.txt", b"\xef\xbb\xbf" + "alice motdepasse\u00e9\r\nbob two words\r\n".encode())
    write(HERE / "credentials/latin1.txt", "elodie \u00e9t\u00e9\nbob hiver\n".encode("latin-1"))

    for name, (file, content) in PASS_FILES.items():
        write(HERE / "tp4" / name / file, content.encode())
    write(HERE / "tp4/alice/Bonjour", json.dumps(MAIL).encode())
    write(HERE / "tp4/LOST/1", json.dumps(MAIL).encode())
    write(HERE / "tp4/nobody/1", json.dumps(MAIL).encode())
    write(HERE / "tp4/notes.txt", b"not an account\n")

    people = {"alice": "plainpassword", "Bob": "p\u00e2te", "bob": "second", "carol": "", "dave": 7, "a b": "x"}
    write(HERE / "jmail/userdat.txt", json.dumps(people).encode())
    mail = {"alice": {"Bob At:2024-09-24 12:11:46.123456": " hello", "JMailServer At:2024-09-24 12:12:00": " welcome"}}
    write(HERE / "jmail/jmail.txt", json.dumps(mail).encode())


main()
