// Money as people read it. Pure.
const MILLIONTHS = 1_000_000;

/** Of millionths of a currency's unit: `₩12,340`. */
export function money(millionths: number, currency: string | null, language: string): string {
  const units = millionths / MILLIONTHS;
  if (!currency) return units.toLocaleString(language);
  return new Intl.NumberFormat(language, { style: 'currency', currency }).format(units);
}
