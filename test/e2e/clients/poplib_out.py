"""Fetches a maildrop with poplib, one file for each message: poplib_out.py PORT USER PASSWORD FOLDER [stls|tls CERTIFICATE]

Messages stay on the server. Files are named by message number and hold CRLF.
"""

import os
import poplib
import ssl
import sys

# The default of 2048 octets refuses lines that real mail has; programs that use poplib raise it like this.
poplib._MAXLINE = 1 << 20

port, user, password, folder, *tls = sys.argv[1:]

context = ssl.create_default_context(cafile=tls[1]) if tls else None
if tls[:1] == ['tls']:
    maildrop = poplib.POP3_SSL('127.0.0.1', int(port), timeout=60, context=context)
else:
    maildrop = poplib.POP3('127.0.0.1', int(port), timeout=60)
if tls[:1] == ['stls']:
    maildrop.stls(context=context)
maildrop.user(user)
maildrop.pass_(password)
count, _ = maildrop.stat()
for number in range(1, count + 1):
    _, lines, _ = maildrop.retr(number)
    with open(os.path.join(folder, str(number)), 'wb') as file:
        file.write(b''.join(line + b'\r\n' for line in lines))
maildrop.quit()
print(count)
