"""Reads a notification from standard input as a mail program does, and says what is in it as JSON."""

import email
import email.policy
import json
import sys

message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
people, status, original = message.iter_parts()
# The library knows message/delivery-status by name; the type of RFC 6533 has the same form.
if status.get_content_type() == 'message/delivery-status':
    groups = status.get_payload()
else:
    octets = status.get_payload(decode=True) or status.get_payload(0).as_bytes(policy=email.policy.SMTPUTF8)
    groups = [email.message_from_bytes(part, policy=email.policy.SMTPUTF8) for part in octets.split(b'\r\n\r\n')]
content = original.get_payload(decode=True)
if content is None:
    content = original.get_payload(0).as_bytes(policy=email.policy.SMTPUTF8)

json.dump(
    {
        'headers': [[name, str(value)] for name, value in message.items()],
        'type': message.get_content_type(),
        'reportType': message['content-type'].params['report-type'],
        'defects': [str(defect) for part in message.walk() for defect in part.defects],
        'text': people.get_content(),
        'statusType': status.get_content_type(),
        'groups': [[[name, str(value)] for name, value in group.items()] for group in groups if group.items()],
        'originalType': original.get_content_type(),
        'original': content.decode('utf-8', 'replace'),
    },
    sys.stdout,
)
