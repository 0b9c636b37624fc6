// Where a key leads in a square of cells, as people who use no pointer know it from tables. Pure.

export interface Place {
  /** The row. */
  truth: number;
  /** The column. */
  answer: number;
}

/** The cell after a key, which may be the same one at an edge; null where the key leads nowhere. */
export function stepped({ truth, answer }: Place, key: string, control: boolean, size: number): Place | null {
  const within = (at: number) => Math.min(Math.max(at, 0), size - 1);
  switch (key) {
    case 'ArrowUp':
      return { truth: within(truth - 1), answer };
    case 'ArrowDown':
      return { truth: within(truth + 1), answer };
    case 'ArrowLeft':
      return { truth, answer: within(answer - 1) };
    case 'ArrowRight':
      return { truth, answer: within(answer + 1) };
    case 'Home':
      return { truth: control ? 0 : truth, answer: 0 };
    case 'End':
      return { truth: control ? size - 1 : truth, answer: size - 1 };
    default:
      return null;
  }
}
