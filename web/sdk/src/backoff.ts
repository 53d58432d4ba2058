/**
 * A delay with full jitter, in ms: uniform between 0 and the capped exponential `baseMs * 2^attempt`. A thousand phones that
 * lost one node do not return as one wave.
 */
export function fullJitter(attempt: number, random: () => number, baseMs = 500, capMs = 20_000): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 16))
  return Math.floor(random() * ceiling)
}

/** A uniformly random delay in `range` (ms), as a leaving node asks for with `bye.retry_ms`. */
export const between = (range: readonly [number, number], random: () => number): number =>
  Math.floor(range[0] + random() * Math.max(0, range[1] - range[0]))

/** `Retry-After` in ms: seconds or a date. Undefined when it says neither. */
export function retryAfter(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const at = Date.parse(header)
  return Number.isFinite(at) ? Math.max(0, at - now) : undefined
}
