"""Reads what came back of values that were accepted, as consumers do that share no code with inklog's: one JSON object
a line on the standard input. Exits with 1, and says which, if one of them is not what was sent.

`sent` is a time as its author wrote it; `answer`, as the query API answers it; `event`, as a client of the topic prints
it; `texts` are those that were answered. A day of the calendar, a time of XML Schema and an XML document hold them all.
"""

import json
import re
import sys
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree
from xml.sax.saxutils import escape

# XML Schema 1.0: no year 0, and four digits at least.
XML_TIME = re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z")


def instant(text):
    """A time, to the millisecond: what is finer is dropped."""
    text = re.sub(r"(\.[0-9]{3})[0-9]*", r"\1", text.replace("Z", "+00:00"))
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None, "it has no offset"
    return at


def check(seen):
    if seen["sent"] is not None:
        sent, answer, event = (instant(seen[key]) for key in ("sent", "answer", "event"))
        assert sent == answer == event, (sent, answer, event)
        assert XML_TIME.fullmatch(seen["answer"]), "it is no time of XML"
        # Wherever its reader is, it is a day of the calendar, and is written with a year of four digits.
        for hours in (-12, 0, 14):
            local = answer.astimezone(timezone(timedelta(hours=hours)))
            assert len(local.date().isoformat()) == 10, local
    for text in seen["texts"]:
        document = "<text>" + escape(text, {"\r": "&#13;"}) + "</text>"
        assert (ElementTree.fromstring(document).text or "") == text, repr(text)


for line in sys.stdin:
    try:
        check(json.loads(line))
    except Exception as error:
        sys.exit(f"{line}: {error!r}")
