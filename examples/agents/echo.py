#!/usr/bin/env python3
"""A text agent for agent-gate, with nothing but the standard library of Python 3.

Run it with: agent-command: python3 examples/agents/echo.py
"""

import json
import sys


def reply(question):
    """Put your agent here. question["messages"] is the whole conversation so far."""
    return {"content": "You said: " + question["message"]}


def say(line):
    print(json.dumps(line), flush=True)  # without flush the line stays in a buffer


say({"ready": True})
for line in sys.stdin.buffer:
    question = json.loads(line)
    try:
        answer = reply(question)
    except Exception as problem:
        answer = {"error": repr(problem)}
    say({"conversation": question["conversation"], "turn": question["turn"], **answer})
