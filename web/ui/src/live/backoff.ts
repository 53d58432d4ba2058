/** Full jitter (uniform between 0 and the capped exponential): a thousand phones that lost one node do not return as one wave. */
export function fullJitter(attempt: number, random: () => number, baseMs = 500, capMs = 20_000): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 16))
  return Math.floor(random() * ceiling)
}

export const between = (range: readonly [number, number], random: () => number): number =>
  Math.floor(range[0] + random() * Math.max(0, range[1] - range[0]))
