"""Copies the measurements of every epoch into a table of SQLite, each once, however often it is stopped.

    curl -s -H "Authorization: Bearer $TRAINYARD_TOKEN" http://127.0.0.1:7700/v1/feed |
        python3 measurements.py nats://127.0.0.1:4222 measurements.db
"""

import asyncio
import json
import os
import sqlite3
import sys

import nats
from nats.js.api import AckPolicy, ConsumerConfig


async def main(url, database):
    feed = json.load(sys.stdin)
    stream, name = feed["streams"][0], feed["consumers"][1]
    table = sqlite3.connect(database)
    table.execute("CREATE TABLE IF NOT EXISTS measurements (job, epoch, name, value, PRIMARY KEY (job, epoch, name))")
    connection = await nats.connect(
        url, user="reader", password=os.environ["TRAINYARD_TOKEN"], inbox_prefix=feed["inbox_prefix"]
    )
    jetstream = connection.jetstream(domain=feed["domain"])
    epochs = stream["filters"][0].replace(".>", ".job.epoch_logged.*")
    config = ConsumerConfig(name=name, durable_name=name, filter_subject=epochs, ack_policy=AckPolicy.EXPLICIT)
    await jetstream.add_consumer(stream["stream"], config)
    messages = await jetstream.pull_subscribe_bind(name, stream["stream"])
    while True:
        try:
            batch = await messages.fetch(100, timeout=30)
        except nats.errors.TimeoutError:
            continue
        for message in batch:
            event = json.loads(message.data)
            epoch = event["data"]
            rows = [(event["subject"], epoch["epoch"], *one) for one in epoch["validation"].items()]
            table.executemany("INSERT OR REPLACE INTO measurements VALUES (?, ?, ?, ?)", rows)
        # Kept before it is acknowledged: what comes twice is written over itself.
        table.commit()
        for message in batch:
            await message.ack()


asyncio.run(main(*sys.argv[1:]))
