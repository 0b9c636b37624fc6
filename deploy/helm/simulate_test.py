"""The scaling rules of the chart on recorded queues: what must hold of each."""

import pathlib, sys, unittest

from simulate import NODE_SECONDS, POLL_SECONDS, Job, read, simulate

HERE = pathlib.Path(__file__).resolve().parent
WEEKS = read((HERE / "records/weeks.txt").read_text())


class Scaling(unittest.TestCase):
    def test_from_nothing_and_back(self):
        """One job wakes one worker, which goes once it has been idle for long enough."""
        alone = simulate([Job(0, 3600)], "whenIdle")
        self.assertLessEqual(alone.longest_wait, NODE_SECONDS + 2 * POLL_SECONDS)
        self.assertAlmostEqual(alone.machine_hours, 1 + (NODE_SECONDS + 600) / 3600, delta=0.02)

    def test_nobody_who_trains_is_put_out_when_idle(self):
        for seed in range(20):
            self.assertEqual(simulate(WEEKS, "whenIdle", seed=seed).put_out, 0)

    def test_gradually_pays_less_and_puts_some_out(self):
        """What values.yaml says of the two ways."""
        idle, gradually = simulate(WEEKS, "whenIdle"), simulate(WEEKS, "gradually")
        self.assertLess(gradually.machine_hours, idle.machine_hours)
        self.assertGreater(gradually.put_out, 0)

    def test_no_more_than_the_limit_and_everything_ends(self):
        crowd = [Job(0, 600)] * 100
        few, many = simulate(crowd, "whenIdle", high=2), simulate(crowd, "whenIdle", high=50)
        self.assertGreater(few.longest_wait, 10 * many.longest_wait)
        self.assertGreaterEqual(few.longest_wait, 49 * 600)

    def test_the_same_record_gives_the_same_figures(self):
        self.assertEqual(simulate(WEEKS, "gradually", seed=3), simulate(WEEKS, "gradually", seed=3))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "--quiet"])
