"""A LangGraph app as a text agent (agent-command: python agent.py).

With OPENAI_API_KEY a model answers, without it a stand-in that repeats what it is told.
"""

import asyncio
import json
import os
import re
import sys

from langchain_core.messages import AIMessage, convert_to_openai_messages
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition


@tool
def find_order(number: str) -> str:
    """Returns the state of an order."""
    return {"4711": "on its way", "4712": "delivered"}.get(number, "unknown")


def stand_in(messages):
    last = messages[-1]
    if last.type == "human" and (number := re.search(r"\d{4,}", last.content)):
        return AIMessage("", tool_calls=[{"id": last.id, "name": "find_order", "args": {"number": number[0]}}])
    return AIMessage("You said: " + last.content)


def build():
    """Put your graph here."""
    model = RunnableLambda(stand_in)
    if os.environ.get("OPENAI_API_KEY"):
        model = ChatOpenAI(model=os.environ.get("OPENAI_MODEL", "gpt-4.1-mini")).bind_tools([find_order])
    graph = StateGraph(MessagesState)
    graph.add_node("agent", lambda state: {"messages": [model.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([find_order]))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    return graph.compile()


async def answer(graph, question):
    line = {"conversation": question["conversation"], "turn": question["turn"]}
    try:
        state = await graph.ainvoke({"messages": question["messages"]})
        new = convert_to_openai_messages(state["messages"][len(question["messages"]) :], text_format="string")
        line["content"] = new[-1]["content"]
        line["tool_calls"] = [call for message in new for call in message.get("tool_calls", [])]
        line["tool_results"] = [message for message in new if message["role"] == "tool"]
    except Exception as problem:
        line["error"] = repr(problem)
    print(json.dumps(line), flush=True)


async def main():
    graph = build()
    print('{"ready":true}', flush=True)
    async with asyncio.TaskGroup() as conversations:
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            conversations.create_task(answer(graph, json.loads(line)))


asyncio.run(main())
