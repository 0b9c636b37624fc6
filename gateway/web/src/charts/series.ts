// A curve of any length in bounded memory: typed arrays that grow, and are thinned by half when they are full.

/** Points a curve keeps at most. */
export const SERIES_POINTS = 1_000_000;

export class Series {
  length = 0;
  private x = new Float64Array(256);
  private y = new Float64Array(256);
  /** Every how many points one is kept; 1 until the limit was reached. */
  private stride = 1;
  private skipped = 0;

  constructor(private readonly limit = SERIES_POINTS) {}

  /** `x` must grow; one that does not takes the curve back to there, as a training does that starts again. */
  push(x: number, y: number): void {
    if (this.length > 0 && x <= this.x[this.length - 1]!) this.cut(x);
    this.skipped += 1;
    if (this.skipped < this.stride) return;
    this.skipped = 0;
    if (this.length === this.limit) this.thin();
    if (this.length === this.x.length) this.grow();
    this.x[this.length] = x;
    this.y[this.length] = y;
    this.length += 1;
  }

  xs(): Float64Array {
    return this.x.subarray(0, this.length);
  }

  ys(): Float64Array {
    return this.y.subarray(0, this.length);
  }

  /** The first index whose x is not below `value`. */
  find(value: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.x[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private cut(x: number): void {
    this.length = this.find(x);
  }

  private thin(): void {
    for (let at = 0; at < this.length >> 1; at += 1) {
      this.x[at] = this.x[2 * at + 1]!;
      this.y[at] = this.y[2 * at + 1]!;
    }
    this.length >>= 1;
    this.stride *= 2;
  }

  private grow(): void {
    const size = Math.min(this.x.length * 2, this.limit);
    const [x, y] = [new Float64Array(size), new Float64Array(size)];
    x.set(this.x);
    y.set(this.y);
    [this.x, this.y] = [x, y];
  }
}
