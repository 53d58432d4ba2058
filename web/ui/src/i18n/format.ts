import type { Locale, Money } from '../api/types'

// Which Arabic, which French: digits and separators are a country's habit, and the tenant's currency tells the country.
const countries: Record<string, string> = { MAD: 'MA', AED: 'AE', EGP: 'EG', KES: 'KE', GHS: 'GH', NGN: 'NG', TND: 'TN', DZD: 'DZ', SAR: 'SA', USD: 'US', GBP: 'GB' }

export type Formats = ReturnType<typeof formats>

/** Every number, amount and date that a screen shows. Times of day come from the server ready to show: only their digits are set here. */
export function formats(locale: Locale, currency: string | undefined) {
  const country = currency ? countries[currency] : undefined
  const tag = country && !(locale === 'en' && country !== 'US') ? `${locale}-${country}` : locale === 'en' ? 'en-GB' : locale
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 })
  const digits = new Intl.NumberFormat(tag, { useGrouping: false })
  const two = new Intl.NumberFormat(tag, { minimumIntegerDigits: 2, useGrouping: false })
  const percent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 })
  const native = Array.from({ length: 10 }, (_, d) => digits.format(d))
  const localDigits = (s: string) => (native[0] === '0' ? s : s.replace(/[0-9]/g, (d) => native[Number(d)] ?? d))
  const day = (opt: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...opt })
  const weekday = day({ weekday: 'short' })
  const dayMonth = day({ day: 'numeric', month: 'short' })
  const long = day({ weekday: 'long', day: 'numeric', month: 'long' })
  const dated = day({ day: 'numeric', month: 'long', year: 'numeric' })
  const dayNumber = day({ day: 'numeric' })
  const moment = new Intl.DateTimeFormat(tag, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' }) // as timetables and pickers say times
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })
  const unit = (n: number, u: 'minute' | 'hour' | 'second') => new Intl.NumberFormat(tag, { style: 'unit', unit: u, unitDisplay: 'short', maximumFractionDigits: 0 }).format(n)

  return {
    tag,
    n: (x: number) => whole.format(x),
    percent: (x: number) => percent.format(x),
    money: (m: Money) => {
      const f = new Intl.NumberFormat(tag, { style: 'currency', currency: m.currency })
      const minor = f.resolvedOptions().maximumFractionDigits ?? 2
      const whole_ = m.amount % 10 ** minor === 0
      return (whole_ ? new Intl.NumberFormat(tag, { style: 'currency', currency: m.currency, maximumFractionDigits: 0 }) : f).format(m.amount / 10 ** minor)
    },
    /** An amount in a column: always with its decimals, so that they stand below each other. */
    exact: (m: Money) => {
      const f = new Intl.NumberFormat(tag, { style: 'currency', currency: m.currency })
      return f.format(m.amount / 10 ** (f.resolvedOptions().maximumFractionDigits ?? 2))
    },
    /** A time of day as the server sent it. */
    time: localDigits,
    weekday: (date: string) => weekday.format(civil(date)),
    dayMonth: (date: string) => dayMonth.format(civil(date)),
    dayNumber: (date: string) => dayNumber.format(civil(date)),
    longDate: (date: string) => long.format(civil(date)),
    fullDate: (date: string) => dated.format(civil(date)),
    /** A day long ago or far off: by its year, unless that is today's. */
    datedDay: (date: string, today: string) => (date.slice(0, 4) === today.slice(0, 4) ? long : dated).format(civil(date)),
    /** An instant as the operator's clocks showed it. */
    moment: (at: string) => moment.format(written(at)),
    relativeDay: (days: number) => relative.format(days, 'day'),
    minutes: (s: number) => {
      const m = Math.round(s / 60)
      return m < 60 ? unit(m, 'minute') : [unit(Math.floor(m / 60), 'hour'), m % 60 ? unit(m % 60, 'minute') : ''].filter(Boolean).join(' ')
    },
    /** An age or a span in its largest unit: 14 s, 3 min. */
    span: (ms: number) => {
      const s = Math.max(0, Math.floor(ms / 1000))
      return s < 90 ? unit(s, 'second') : s < 5400 ? unit(Math.floor(s / 60), 'minute') : unit(Math.floor(s / 3600), 'hour')
    },
    countdown: (ms: number) => {
      const s = Math.max(0, Math.ceil(ms / 1000))
      return `${digits.format(Math.floor(s / 60))}:${two.format(s % 60)}`
    },
  }
}

/**
 * What stands before an instant's offset, as a date to format in UTC: the server writes instants as the operator's clocks showed them, because
 * the zone data of phones is old. Nothing of the device's own is used.
 */
export const written = (at: string): Date => new Date(`${at.slice(0, 19)}Z`)

/** The day and the time of day that an instant was written with. */
export const dateOf = (at: string): string => at.slice(0, 10)
export const timeOf = (at: string): string => at.slice(11, 16)

const civil = (date: string) => new Date(`${date}T00:00:00Z`)

export function addDays(date: string, n: number): string {
  const d = civil(date)
  d.setUTCDate(d.getUTCDate() + n)
  return d.toISOString().slice(0, 10)
}

export const daysBetween = (a: string, b: string) => Math.round((civil(b).getTime() - civil(a).getTime()) / 86_400_000)

/**
 * The local time of day of an instant, told from another whose local time the server sent: no time zone data of the phone is used.
 * Right whenever both lie on the same side of a clock change.
 */
export function wallTime(known: { time: string; at: string }, instant: string): string {
  const [h = 0, m = 0] = known.time.split(':').map(Number)
  const diff = Math.round((Date.parse(instant) - Date.parse(known.at)) / 60_000)
  const minutes = (((h * 60 + m + diff) % 1440) + 1440) % 1440
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** The service date now in a zone, by the phone's data: only until the server has said it. */
export function dateIn(zone: string, now: number): string {
  try {
    return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)
  } catch {
    return new Date(now).toISOString().slice(0, 10)
  }
}

export function timeIn(zone: string, now: number): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(now)
  } catch {
    return new Date(now).toISOString().slice(11, 16)
  }
}
