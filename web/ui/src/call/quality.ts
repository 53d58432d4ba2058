export type Quality = 'good' | 'fair' | 'poor'

/** What a second of a connection was like, by what was lost of it and how long an answer takes. */
export function qualityOf(lost: number, packets: number, rttMs: number | null): Quality {
  const share = packets + lost > 0 ? lost / (packets + lost) : 0
  if (share > 0.08 || (rttMs ?? 0) > 600) return 'poor'
  if (share > 0.025 || (rttMs ?? 0) > 300) return 'fair'
  return 'good'
}
