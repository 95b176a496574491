"""Sends files through SMTP with smtplib, as they are: smtplib_in.py PORT FROM TO MANIFEST

The manifest names one file on each line. Prints the reply to each DATA on a line of its own.
"""

import smtplib
import sys

port, sender, recipient, manifest = sys.argv[1:]

with smtplib.SMTP('127.0.0.1', int(port), 'mail.example.org', timeout=60) as server:
    server.ehlo_or_helo_if_needed()
    for path in open(manifest).read().splitlines():
        with open(path, 'rb') as message:
            # Octets, not text: smtplib then changes nothing but the dots, and ends the last line.
            octets = message.read()
        code, text = server.mail(sender)
        if code == 250:
            code, text = server.rcpt(recipient)
        if code == 250:
            code, text = server.data(octets)
        else:
            server.rset()
        print(code, text.decode('latin-1').replace('\n', ' '), flush=True)
