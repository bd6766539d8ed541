"""Frames that Troth adds to Majordomo, and the refusals of the broker."""
import struct

import msgpack

HEADER_MAGIC = b"TRH1"
HEADER_LEAST, HEADER_MOST = 34, 64
ID_MOST = 64
RETRY_MOST = 3600000
REFUSAL_MOST = 1024

INTERACTIVE, BATCH = 0, 1


def header(own_id=b"", priority=INTERACTIVE, ttl_ms=0, trace_id=bytes(16), span_id=bytes(8), flags=0):
    return struct.pack(">4sBBI16s8s", HEADER_MAGIC, priority, flags, ttl_ms, trace_id, span_id) + own_id


def is_header(frame):
    return HEADER_LEAST <= len(frame) <= HEADER_MOST and frame[:4] == HEADER_MAGIC and frame[4] <= BATCH


def split_id(body):
    """The id frame, as a list of one or none, and the payload."""
    has_id = (len(body) >= 2 and is_header(body[0])) or (len(body) == 2 and len(body[0]) <= ID_MOST)
    return body[:has_id], body[has_id:]


def refusal(frame, code=None):
    """The `error` map of a refusal by the broker, after its form has been checked; `code` is the word, or several."""
    assert len(frame) <= REFUSAL_MOST, "a refusal of %d bytes" % len(frame)
    body = msgpack.unpackb(frame)
    assert isinstance(body, dict) and list(body) == ["error"], "not a refusal: %r" % body
    error = body["error"]
    assert {"code", "message"} <= set(error) <= {"code", "message", "line", "retry"}, "not a refusal: %r" % body
    assert isinstance(error["code"], str) and isinstance(error["message"], str) and error["message"], repr(body)
    if error["code"] in ("busy", "no-worker"):
        assert "retry" in error, "%s must say when to try again: %r" % (error["code"], body)
    if "retry" in error:
        assert isinstance(error["retry"], int) and 0 <= error["retry"] <= RETRY_MOST, repr(body)
    allowed = (code,) if isinstance(code, str) else code
    assert code is None or error["code"] in allowed, "%s expected: %r" % (code, body)
    return error
