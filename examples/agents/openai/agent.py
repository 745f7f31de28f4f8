"""A text agent with the chat-completions API of OpenAI (agent-url, agent-format: openai).

Run it with: uvicorn agent:app --port 8000
With OPENAI_API_KEY a model answers, without it the agent repeats what it is told.
"""

import os
import time
import uuid

from fastapi import FastAPI
from openai import AsyncOpenAI
from pydantic import BaseModel

PROMPT = "You are the support agent of a web shop. Be brief and friendly."

app = FastAPI()
model = AsyncOpenAI() if os.environ.get("OPENAI_API_KEY") else None


class Request(BaseModel):
    model: str  # the input agent-model: the version of your agent, say
    messages: list[dict]


@app.post("/v1/chat/completions")
async def complete(request: Request):
    """Put your agent here. It runs its tools itself, and answers with a text."""
    if model is not None:
        return await model.chat.completions.create(
            model=os.environ.get("OPENAI_MODEL", "gpt-4.1-mini"),
            messages=[{"role": "system", "content": PROMPT}, *request.messages],
        )
    message = {"role": "assistant", "content": "You said: " + request.messages[-1]["content"]}
    return {
        "id": f"chatcmpl-{uuid.uuid4()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": request.model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
