// What the reports of a finished job say, read once they are there.
import { explain } from '../lib/api';
import { answeredOf, classScores, confusion, precisionCurves, samples, scenes } from '../lib/report';
import type { Answered, ClassScore, Confusion, PrecisionCurves, Sample, Scene } from '../lib/report';
import type { JobRow } from '../wire/rows';
import { session } from './session.svelte';

const ROLES = ['report', 'confusion_matrix', 'pr_curve', 'sample_predictions'] as const;
type Role = (typeof ROLES)[number];

export class Results {
  scores = $state.raw<ClassScore[]>([]);
  answered = $state.raw<Answered[]>([]);
  matrix = $state.raw<Confusion | null>(null);
  curves = $state.raw<PrecisionCurves | null>(null);
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
      [this.scores, this.matrix, this.curves] = [classScores(report), confusion(table), precisionCurves(curve)];
      this.answered = answeredOf(report);
      [this.samples, this.scenes] = [samples(shown), scenes(shown)];
    } catch (error) {
      this.problem = explain(error);
    }
    this.step = 'ready';
  }
}
