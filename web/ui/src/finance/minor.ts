/** The digits behind the point of a currency. */
export const digitsOf = (currency: string) => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** What a person typed, in minor units; undefined where it is no amount of this currency. No float is made of it. */
export function minorOf(text: string, currency: string): number | undefined {
  const digits = digitsOf(currency)
  const found = /^(\d{1,9})(?:[.,](\d*))?$/.exec(text.trim())
  if (!found) return undefined
  const rest = found[2] ?? ''
  if (rest.length > digits) return undefined
  return Number(`${found[1]}${rest.padEnd(digits, '0')}`)
}

/** The other way round, to begin an input with. */
export function majorOf(minor: number, currency: string): string {
  const digits = digitsOf(currency)
  const text = String(minor).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}
