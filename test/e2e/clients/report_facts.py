"""Reads a delivery status notification (RFC 3464) with Python's email package: from stdin, facts as JSON to stdout."""

import email
import email.policy
import json
import sys

report = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
people, status, original = report.iter_parts()
message, *recipients = ({name.lower(): str(value) for name, value in group.items()} for group in status.get_payload())
if original.get_content_type() == 'message/rfc822':
    header = original.get_payload(0)
else:
    header = email.message_from_string(original.get_content(), policy=email.policy.default)

json.dump(
    {
        'type': report.get_content_type(),
        'reportType': report.get_param('report-type'),
        'returnPath': str(report['Return-Path']),
        'from': report['From'].addresses[0].addr_spec,
        'to': report['To'].addresses[0].addr_spec,
        'subject': str(report['Subject']),
        'autoSubmitted': str(report['Auto-Submitted']),
        'answers': str(report['In-Reply-To']),
        'text': people.get_content(),
        'parts': [part.get_content_type() for part in report.iter_parts()],
        'message': message,
        'recipients': recipients,
        'originalSubject': str(header['Subject']),
        'originalId': str(header['Message-ID']),
        'defects': [repr(defect) for part in report.walk() for defect in part.defects],
    },
    sys.stdout,
)
