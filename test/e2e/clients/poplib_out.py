"""Fetches a maildrop with poplib, one file for each message: poplib_out.py PORT USER PASSWORD FOLDER

Messages stay on the server. Files are named by message number and hold CRLF.
"""

import os
import poplib
import sys

# The default of 2048 octets refuses lines that real mail has; programs that use poplib raise it like this.
poplib._MAXLINE = 1 << 20

port, user, password, folder = sys.argv[1:]

maildrop = poplib.POP3('127.0.0.1', int(port), timeout=60)
maildrop.user(user)
maildrop.pass_(password)
count, _ = maildrop.stat()
for number in range(1, count + 1):
    _, lines, _ = maildrop.retr(number)
    with open(os.path.join(folder, str(number)), 'wb') as file:
        file.write(b''.join(line + b'\r\n' for line in lines))
maildrop.quit()
print(count)
