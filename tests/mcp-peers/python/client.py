"""The official Python SDK as a client: lists the tools of a server, makes the calls it is told, prints one JSON object.

Arguments: a JSON list of [tool, arguments] pairs, then the server's command.
"""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    calls, command, *args = sys.argv[1:]
    server = StdioServerParameters(command=command, args=args)
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        tools = await session.list_tools()
        answers = []
        for name, arguments in json.loads(calls):
            result = await session.call_tool(name, arguments)
            answers.append(result.model_dump(mode="json", by_alias=True, exclude_none=True))
        said = hello.model_dump(mode="json", by_alias=True, exclude_none=True)
        listed = tools.model_dump(mode="json", by_alias=True, exclude_none=True)
        print(json.dumps({"hello": said, "tools": listed["tools"], "answers": answers}))


asyncio.run(main())
