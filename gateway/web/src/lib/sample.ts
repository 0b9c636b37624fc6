// Images to begin with where there are none: three shapes, drawn by the browser, each time the same ones.
import type { Found } from './folder';

export const SHAPES = ['circle', 'square', 'triangle'] as const;
/** Of each shape. */
export const EACH = 60;
/** How far a shape leans to either side, in radians. */
const LEAN = 0.25;
/** What is drawn with: dark on every ground. */
const INK = '#1d3340';
/** Of an image, in pixels. */
export const SIDE = 32;

export interface Drawing {
  name: string;
  shape: (typeof SHAPES)[number];
  /** Its middle and its size, in pixels; how far it leans, in radians. */
  x: number;
  y: number;
  radius: number;
  turn: number;
  /** The hue of what is behind it, in degrees. */
  ground: number;
}

/** Numbers from 0 to 1 that look like chance and are the same for everybody (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every one of them: place, size, lean and colour say nothing of the shape. */
export function drawings(): Drawing[] {
  const next = chance(1);
  const between = (low: number, high: number) => low + (high - low) * next();
  return SHAPES.flatMap((shape) =>
    Array.from({ length: EACH }, (_, at) => {
      const radius = between(SIDE * 0.26, SIDE * 0.4);
      const ground = between(0, 360);
      return {
        name: `${shape}/${String(at + 1).padStart(3, '0')}.png`,
        shape,
        x: between(radius, SIDE - radius),
        y: between(radius, SIDE - radius),
        radius,
        turn: between(-LEAN, LEAN),
        ground,
      };
    }),
  );
}

export function draw(on: CanvasRenderingContext2D, { shape, x, y, radius, turn, ground }: Drawing): void {
  on.fillStyle = `hsl(${ground} 35% 82%)`;
  on.fillRect(0, 0, SIDE, SIDE);
  on.fillStyle = INK;
  on.beginPath();
  if (shape === 'circle') on.arc(x, y, radius * 0.85, 0, 2 * Math.PI);
  else {
    const corners = shape === 'square' ? 4 : 3;
    // Squares stand on a side, triangles on their base.
    const first = shape === 'square' ? Math.PI / 4 : -Math.PI / 2;
    for (let at = 0; at < corners; at += 1) {
      const angle = first + turn + (at / corners) * 2 * Math.PI;
      on.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    }
  }
  on.fill();
}

/** As a folder has them: one for each class. Null where the browser draws nothing. */
export async function pictures(): Promise<Found[] | null> {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const on = canvas.getContext('2d');
  if (!on) return null;
  const found: Found[] = [];
  for (const drawing of drawings()) {
    draw(on, drawing);
    const bytes = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
    if (!bytes) return null;
    found.push({ name: drawing.name, file: new File([bytes], drawing.name.split('/')[1]!, { type: 'image/png' }) });
  }
  return found;
}
