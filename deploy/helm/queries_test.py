"""Asks a real Prometheus' engine what the queries of the ScaledObjects answer: who waits and who trains, and when nobody can know."""

import pathlib, subprocess, sys, tempfile

import yaml

from rendered import HERE, render

WAITING = 'trainyard_dispatcher_waiting_jobs{namespace="yard",class="%s",pod="%s"%s}'
RUNNING = 'trainyard_worker_jobs_running{namespace="yard",component="worker-spot",pod="%s"}'
OTHERS = ['trainyard_worker_jobs_running{namespace="yard",component="worker-cpu",pod="c"}',
          'trainyard_worker_jobs_running{namespace="other",component="worker-spot",pod="s"}']
# What is known, and how many workers that asks for; None: an answer that KEDA takes for an error, and nothing changes.
CASES = {
    "one waits, and there is no worker": ({WAITING % ("normal", "a", ""): 1}, 1),
    "nobody waits, and there is no worker": ({WAITING % ("normal", "a", ""): 0}, 0),
    "both dispatchers tell of the same jobs": ({WAITING % ("normal", "a", ""): 3, WAITING % ("normal", "b", ""): 3}, 3),
    "classes are different jobs": ({WAITING % ("high", "a", ""): 1, WAITING % ("low", "a", ""): 2}, 3),
    "two train and one waits": ({WAITING % ("normal", "a", ""): 1, RUNNING % "s": 1, RUNNING % "t": 1}, 3),
    "what trains elsewhere is no matter": ({WAITING % ("normal", "a", ""): 0, OTHERS[0]: 5, OTHERS[1]: 5}, 0),
    "where the dispatcher says which pool is waited for": (
        {WAITING % ("normal", "a", ',pool="gpu"'): 2, WAITING % ("normal", "a", ',pool="cpu"'): 7}, 2),
    "no dispatcher tells anything": ({RUNNING % "s": 1}, None),
}


def main():
    scaled = render(HERE / "values/gpu-spot.yaml")["ScaledObject", "trainyard-worker-spot"]
    (trigger,) = scaled["spec"]["triggers"]
    query = trigger["metadata"]["query"]
    tests = [{"interval": "15s", "name": name,
              "input_series": [{"series": series, "values": f"{value}x4"} for series, value in known.items()],
              "promql_expr_test": [{"expr": query, "eval_time": "30s",
                                    "exp_samples": [] if wanted is None else [{"labels": "{}", "value": wanted}]}]}
             for name, (known, wanted) in CASES.items()]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "queries.yml")
        path.write_text(yaml.safe_dump({"evaluation_interval": "15s", "tests": tests}))
        done = subprocess.run([f"{sys.argv[1]}/promtool", "test", "rules", path], capture_output=True, text=True)
    if done.returncode != 0 or trigger["metadata"]["ignoreNullValues"] != "false":
        sys.exit(done.stdout + done.stderr)
    print(f"{len(CASES)} answers of the scaling query are as they should be")


if __name__ == "__main__":
    main()
