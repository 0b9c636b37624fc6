"""What the two ways of growing and shrinking do with a recorded queue: what waits, what is paid for, what is put out.

The rules are those of the rendered ScaledObjects and of Kubernetes, as they are written down: wanted = ceil((waiting + running) /
slots), looked at every 15 s; whenIdle never shrinks but to `min`, after `idleSeconds` without anything; gradually takes one
pod a minute, once the most that was wanted over `idleSeconds` is less than there is, and cannot choose an idle one.

A record has a line for each job: when it was asked for and how long it trains, in seconds."""

import argparse, math, pathlib, random, sys
from collections import namedtuple

POLL_SECONDS = 15
NODE_SECONDS = 240  # From a pod that is wanted to a worker that trains: a machine, its driver, the image.
REDONE_SECONDS = 60  # What a job that is put out does again, since its last checkpoint.
CALM_SECONDS = 60  # Of `gradually`, between one pod and the next.
MAX_SECONDS = 30 * 24 * 3600

Job = namedtuple("Job", "asked trains")
Result = namedtuple("Result", "median_wait longest_wait machine_hours busy_hours put_out")


def read(text):
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    return sorted(Job(int(line[0]), int(line[1])) for line in lines if line)


class Pool:
    """One group of workers with one slot each."""

    def __init__(self, low, high, idle_seconds, way, seed):
        self.low, self.high, self.idle_seconds, self.way = low, high, idle_seconds, way
        self.draw = random.Random(seed)
        self.ready, self.wants, self.idle_since, self.shrunk = [0] * low, [], 0, 0
        self.running, self.queue = {}, []  # pod number -> [job number, seconds left]
        self.pods = list(range(low))
        self.born, self.next = {pod: -NODE_SECONDS for pod in self.pods}, low
        self.put_out = 0

    def wanted(self, now):
        demand = len(self.queue) + len(self.running)
        self.wants = [(at, want) for at, want in self.wants if at > now - self.idle_seconds] + [(now, demand)]
        if demand:
            self.idle_since = now
        grown = min(self.high, max(self.low, math.ceil(demand)))
        if grown >= len(self.pods):
            return grown
        if now - self.idle_since >= self.idle_seconds:
            return self.low
        if self.way == "gradually" and now - self.shrunk >= CALM_SECONDS and max(want for _, want in self.wants) < len(self.pods):
            self.shrunk = now
            return len(self.pods) - 1
        return len(self.pods)

    def scale(self, now):
        want = self.wanted(now)
        while len(self.pods) < want:
            self.pods.append(self.next)
            self.born[self.next] = now
            self.next += 1
        while len(self.pods) > want:
            # A pod that is not ready yet goes first; among the others Kubernetes knows nothing of who trains.
            young = [pod for pod in self.pods if now - self.born[pod] < NODE_SECONDS]
            gone = self.draw.choice(young or self.pods)
            self.pods.remove(gone)
            if gone in self.running:
                job, left = self.running.pop(gone)
                self.queue.insert(0, [job, left + REDONE_SECONDS])
                self.put_out += 1

    def work(self, now):
        """One poll's worth; returns who began, by job number."""
        for pod in list(self.running):
            self.running[pod][1] -= POLL_SECONDS
            if self.running[pod][1] <= 0:
                del self.running[pod]
        free = [pod for pod in self.pods if pod not in self.running and now - self.born[pod] >= NODE_SECONDS]
        began = []
        for pod in free[:len(self.queue)]:
            self.running[pod] = self.queue.pop(0)
            began.append(self.running[pod][0])
        return began


def simulate(jobs, way, low=0, high=8, idle_seconds=600, seed=1):
    pool, waits, paid, coming = Pool(low, high, idle_seconds, way, seed), {}, 0, list(enumerate(jobs))
    for now in range(0, MAX_SECONDS, POLL_SECONDS):
        while coming and coming[0][1].asked <= now:
            number, job = coming.pop(0)
            pool.queue.append([number, job.trains])
        for number in pool.work(now):
            waits.setdefault(number, now - jobs[number].asked)
        pool.scale(now)
        paid += len(pool.pods) * POLL_SECONDS
        if not coming and not pool.queue and not pool.running and len(pool.pods) <= low:
            break
    else:
        raise AssertionError("it does not come to an end")
    ordered = sorted(waits.values())
    return Result(ordered[len(ordered) // 2], ordered[-1], paid / 3600, sum(job.trains for job in jobs) / 3600, pool.put_out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("--max", type=int, default=8)
    said = parser.parse_args()
    jobs = read(said.record.read_text())
    print(f"{len(jobs)} jobs, {sum(job.trains for job in jobs) / 3600:.1f} h of training, at most {said.max} workers")
    for name, way, low in (("always there", "whenIdle", said.max), ("whenIdle", "whenIdle", 0), ("gradually", "gradually", 0)):
        result = simulate(jobs, way, low, said.max)
        print(f"{name:13} waits {result.median_wait / 60:5.1f} min, the longest {result.longest_wait / 60:5.1f}; "
              f"{result.machine_hours:6.1f} machine hours, {result.put_out} trainings put out")


if __name__ == "__main__":
    sys.exit(main())
