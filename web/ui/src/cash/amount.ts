const digitsOf = (currency: string) => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** What somebody typed, in minor units; null when it is no amount: too many decimals, letters, nothing. Eastern digits and either decimal sign are taken. */
export function minorOf(text: string, currency: string): number | null {
  const plain = text
    .trim()
    .replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660))
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace(/[,٫]/g, '.')
  const m = /^(\d{1,9})(?:\.(\d+))?$/.exec(plain)
  const places = digitsOf(currency)
  if (!m || (m[2]?.length ?? 0) > places) return null
  return Number(m[1]) * 10 ** places + Number((m[2] ?? '').padEnd(places, '0') || 0)
}
