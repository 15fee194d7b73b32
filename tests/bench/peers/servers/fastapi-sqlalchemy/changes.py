"""Changes of tasks, told to whoever follows a project."""

import asyncio
from collections import defaultdict
from uuid import UUID

followers: dict[UUID, set[asyncio.Queue[str]]] = defaultdict(set)


def publish(project_id: UUID, text: str) -> None:
    for queue in followers[project_id]:
        queue.put_nowait(text)


async def follow(project_id: UUID):
    queue: asyncio.Queue[str] = asyncio.Queue()
    followers[project_id].add(queue)
    try:
        yield "event: connected\ndata:\n\n"
        while True:
            yield f"event: task.created\ndata: {await queue.get()}\n\n"
    finally:
        followers[project_id].discard(queue)
