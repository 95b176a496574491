"""Hands in one file with smtplib, as it is: smtplib_submit.py starttls|tls PORT CERTIFICATE USER PASSWORD FILE TO...

The file is sent under USER@glo2000.ca. Prints whom the server refused at RCPT; ends with 1 and the reply if it refuses all.
"""

import smtplib
import ssl
import sys

mode, port, certificate, user, password, path, *recipients = sys.argv[1:]

context = ssl.create_default_context(cafile=certificate)
if mode == 'tls':
    server = smtplib.SMTP_SSL('127.0.0.1', int(port), timeout=60, context=context)
else:
    server = smtplib.SMTP('127.0.0.1', int(port), timeout=60)
    server.starttls(context=context)
with server, open(path, 'rb') as message:
    server.login(user, password)
    print(server.sendmail(f'{user}@glo2000.ca', recipients, message.read()))
