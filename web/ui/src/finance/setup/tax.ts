export const supplies = ['urban_passenger_transport', 'passenger_transport', 'advice', 'general'] as const
export const treatments = ['taxed', 'exempt', 'zero_rated', 'reverse_charge'] as const
export type Supply = (typeof supplies)[number]
export type Treatment = (typeof treatments)[number]
export type Tax = { country: string; supply: string; from?: string; until?: string; code: string; rate: number; treatment: Treatment; law?: string }
export const isSupply = (s: string): s is Supply => (supplies as readonly string[]).includes(s)

/** "12.5" per cent in hundredths: 1250; undefined where it is none. No float is made of it. */
export function hundredths(text: string): number | undefined {
  const found = /^(\d{1,3})(?:[.,](\d{1,2}))?$/.exec(text.trim())
  if (!found) return undefined
  const n = Number(`${found[1]}${(found[2] ?? '').padEnd(2, '0')}`)
  return n <= 10_000 ? n : undefined
}
