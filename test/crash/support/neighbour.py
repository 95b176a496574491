"""Reads and changes a Maildir with mailbox.Maildir of python's library: neighbour.py MAILDIR, one JSON command a line."""

import json
import mailbox
import sys

box = mailbox.Maildir(sys.argv[1], create=False)


def keys(subject):
    return [key for key, message in box.iteritems() if subject in (None, message["Subject"])]


def flag(key, flags):
    message = box.get_message(key)
    message.set_subdir("cur")
    message.add_flag(flags)
    box[key] = message


for line in sys.stdin:
    command, *rest = json.loads(line)
    answer = None
    if command == "list":
        answer = sorted(message["Subject"] for message in box)
    elif command == "see":
        for key in keys(None):
            flag(key, "S")
    elif command == "flag":
        for key in keys(rest[0]):
            flag(key, "F")
    elif command == "remove":
        for key in keys(rest[0]):
            box.remove(key)
    elif command == "add":
        box.add(rest[0])
    print(json.dumps(answer), flush=True)
