/** The month of a day and those before it, the newest first: "2026-11", "2026-10" … */
export function monthsBack(day: string, n: number): string[] {
  const [y = 0, m = 1] = day.split('-').map(Number)
  return Array.from({ length: n }, (_, i) => new Date(Date.UTC(y, m - 1 - i, 1)).toISOString().slice(0, 7))
}
