"""Says when a job has ended, also of one that ended while this was away.

    curl -s -H "Authorization: Bearer $TRAINYARD_TOKEN" http://127.0.0.1:7700/v1/feed |
        python3 job_ends.py nats://127.0.0.1:4222
"""

import asyncio
import json
import os
import sys

import nats
from nats.js.api import AckPolicy, ConsumerConfig

ENDS = ("job.finished", "job.failed", "job.cancelled")


async def main(url):
    feed = json.load(sys.stdin)
    stream, name = feed["streams"][0], feed["consumers"][0]
    connection = await nats.connect(
        url, user="reader", password=os.environ["TRAINYARD_TOKEN"], inbox_prefix=feed["inbox_prefix"]
    )
    jetstream = connection.jetstream(domain=feed["domain"])
    jobs = stream["filters"][0].replace(".>", ".job.>")
    config = ConsumerConfig(name=name, durable_name=name, filter_subject=jobs, ack_policy=AckPolicy.EXPLICIT)
    await jetstream.add_consumer(stream["stream"], config)
    messages = await jetstream.pull_subscribe_bind(name, stream["stream"])
    while True:
        try:
            batch = await messages.fetch(100, timeout=30)
        except nats.errors.TimeoutError:
            continue
        for message in batch:
            event = json.loads(message.data)
            if event["type"] in ENDS:
                print(event["time"], event["subject"], event["type"], flush=True)
            await message.ack()


asyncio.run(main(sys.argv[1]))
