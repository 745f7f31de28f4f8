"""Holds all conversations of a chat execution, 25 at a time, as a script with asyncio would."""

import asyncio
import json
import os
import urllib.parse
import uuid

LANES = int(os.environ["LANES"])
KEYS = "X-Api-Key: key\r\nX-Secret-Key: key\r\n"


class Connection:
    """A connection that is kept, to a server that sends Content-Length."""

    def __init__(self, url):
        self.url, self.streams = urllib.parse.urlsplit(url), None

    async def post(self, path, value):
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.url.hostname, self.url.port)
        reader, writer = self.streams
        body = json.dumps(value).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self.url.netloc}\r\n{KEYS}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        answer = await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        return int(head.split()[1]), json.loads(answer)


async def lane(server, agent, calls):
    while calls:
        call = calls.pop()
        path = f"/simulate/call-executions/{call}/chat/send-message/"
        _, said = await server.post(path, {"initiate_chat": True})
        messages, turn = [], 0
        while not said["result"]["chat_ended"]:
            turn += 1
            message = said["result"].get("output_message")[0]["content"]
            messages.append({"role": "user", "content": message})
            question = {"conversation": call, "turn": turn, "message": message, "messages": messages}
            _, answer = await agent.post("/chat", question)
            messages.append({"role": "assistant", "content": answer["content"]})
            _, said = await server.post(path, {"messages": [messages[-1]], "metrics": {"latency": 1}})


async def main():
    url, agent = os.environ["BASE_URL"], os.environ["AGENT_URL"]
    server = Connection(url)
    _, started = await server.post(f"/simulate/run-tests/{uuid.uuid4()}/chat-execute/", {})
    path = f"/simulate/test-executions/{started['result']['execution_id']}/chat/call-executions/batch/"
    calls = []
    while (answer := await server.post(path, {}))[0] == 200:
        calls += answer[1]["result"]["call_execution_ids"]
    await asyncio.gather(*(lane(Connection(url), Connection(agent), calls) for _ in range(LANES)))


asyncio.run(main())
