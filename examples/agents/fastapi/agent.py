"""A text agent behind FastAPI. agent-gate sends it one POST a turn (agent-url).

Run it with: uvicorn agent:app --port 8000
"""

import json
import re

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
ORDERS = {"4711": "on its way", "4712": "delivered"}


class Question(BaseModel):
    conversation: str
    turn: int
    message: str
    messages: list[dict]  # the whole conversation so far; it ends with message


class Answer(BaseModel):
    content: str
    tool_calls: list[dict] = []  # what the agent did, for the evals and the reports
    tool_results: list[dict] = []


@app.post("/chat")
async def chat(question: Question) -> Answer:
    """Put your agent here. An exception is a status 500, and the call has failed."""
    number = re.search(r"\d{4,}", question.message)
    if number is None:
        return Answer(content="You said: " + question.message)
    state = ORDERS.get(number[0], "unknown")
    call = {"name": "find_order", "arguments": json.dumps({"number": number[0]})}
    identifier = f"{question.conversation}-{question.turn}"
    return Answer(
        content=f"Order {number[0]} is {state}.",
        tool_calls=[{"id": identifier, "type": "function", "function": call}],
        tool_results=[{"tool_call_id": identifier, "name": "find_order", "content": state}],
    )
