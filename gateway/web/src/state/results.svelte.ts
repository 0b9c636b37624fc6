// What the reports of a finished job say, read once they are there.
import { explain } from '../lib/api';
import { answeredOf, classScores, confusion, ofTest, precisionCurves, samples, scenes } from '../lib/report';
import type { Evaluated, Sample, Scene } from '../lib/report';
import type { JobRow } from '../wire/rows';
import { session } from './session.svelte';

const ROLES = ['report', 'confusion_matrix', 'pr_curve', 'sample_predictions'] as const;
type Role = (typeof ROLES)[number];

const NOTHING: Evaluated = { scores: [], answered: [], matrix: null, curves: null };

export class Results {
  /** Of test images only where there are any. */
  of = $state.raw<{ validation: Evaluated; test: Evaluated | null }>({ validation: NOTHING, test: null });
  /** Images that were given one class, and images with objects. */
  samples = $state.raw<Sample[]>([]);
  scenes = $state.raw<Scene[]>([]);
  step = $state<'none' | 'loading' | 'ready'>('none');
  problem = $state.raw<{ message: string; nextStep: string } | null>(null);

  /** Of these roles alone; a report that the job has not left says nothing. */
  async read(row: JobRow, roles: readonly Role[] = ROLES): Promise<void> {
    this.step = 'loading';
    this.problem = null;
    const file = (role: Role): unknown =>
      roles.includes(role) && row.artifacts.some((artifact) => artifact.role === role)
        ? // The socket can know of the end before the views do.
          session.api.get(`/v1/jobs/${row.id}/artifacts/${role}`, { wait_for: row.sequence })
        : null;
    try {
      const [report, table, curve, shown] = await Promise.all(ROLES.map(file));
      const [scores, answered] = [classScores(report), answeredOf(report)];
      const validation = { scores, answered, matrix: confusion(table), curves: precisionCurves(curve) };
      this.of = { validation, test: ofTest(report) };
      [this.samples, this.scenes] = [samples(shown), scenes(shown)];
    } catch (error) {
      this.problem = explain(error);
    }
    this.step = 'ready';
  }
}
