// Where the lines of a long list stand, of which only those in sight are drawn: a head is not as high as what it heads. Pure.

/** The top of every line in pixels, and at the end the height of all of them together. */
export function topsOf(heights: readonly number[]): Float64Array {
  const tops = new Float64Array(heights.length + 1);
  heights.forEach((height, at) => (tops[at + 1] = tops[at]! + height));
  return tops;
}

/** The line that is at so many pixels from the top: the first one above all of them, and one past the last below. */
export function lineAt(tops: Float64Array, y: number): number {
  let [low, high] = [0, tops.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle + 1]! <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
