/** The digits behind the point of a currency. */
export const digitsOf = (currency: string) => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/**
 * What a person typed, in minor units; undefined where it is no amount of this currency. No float is made of it. Digits of any script are taken, and groups
 * of three with a space or the Arabic sign between them. A comma or a point is a decimal sign and nothing else: 1,000 might be a thousand or one, so it is refused,
 * and in a currency of three decimals only the point (or the Arabic decimal sign) goes before three digits.
 */
export function minorOf(text: string, currency: string): number | undefined {
  const digits = digitsOf(currency)
  const plain = latin(text.replace(/[\u200e\u200f\u061c]/g, '').trim())
  const found = /^(\d+|\d{1,3}(?:[\s٬]\d{3})+)(?:([.,٫])(\d*))?$/.exec(plain)
  if (!found) return undefined
  const whole = (found[1] ?? '').replace(/\D/g, '')
  const rest = found[3] ?? ''
  if (whole.length > 9 || rest.length > digits || (found[2] === ',' && rest.length === 3)) return undefined
  return Number(`${whole}${rest.padEnd(digits, '0')}`)
}

const isDigit = (point: number) => /^\p{Nd}$/u.test(String.fromCodePoint(point))

/** The digits of every script stand ten by ten, from nought to nine. */
function latin(text: string): string {
  return text.replace(/\p{Nd}/gu, (d) => {
    const point = d.codePointAt(0) ?? 0
    let before = 0
    while (isDigit(point - before - 1)) before++
    return String(before % 10)
  })
}

/** The other way round, to begin an input with. */
export function majorOf(minor: number, currency: string): string {
  const digits = digitsOf(currency)
  const text = String(minor).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}
