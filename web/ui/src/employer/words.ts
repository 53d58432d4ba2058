import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import type { Terms } from './types'

const clock = (s: number) => `${String(Math.floor(s / 3600) % 24).padStart(2, '0')}:${String(Math.floor(s / 60) % 60).padStart(2, '0')}`

/** A programme's terms as sentences that somebody can be held to. */
export function useTermsInWords() {
  const { t } = useTranslation()
  const f = useFormats()
  return (p: Terms, currency: string): string[] => {
    const money = (amount: number) => f.exact({ amount, currency })
    const out: string[] = []
    if (p.percent > 0) out.push(t('employer.terms.percent', { percent: f.percent(p.percent / 100) }))
    if (p.fixed) out.push(t(p.percent > 0 ? 'employer.terms.plus' : 'employer.terms.fixed', { amount: money(p.fixed) }))
    if (p.ride_cap !== undefined) out.push(t('employer.terms.rideCap', { amount: money(p.ride_cap) }))
    if (p.month_cap !== undefined) out.push(t('employer.terms.monthCap', { amount: money(p.month_cap) }))
    if (p.month_rides !== undefined) out.push(t('employer.terms.monthRides', { n: f.n(p.month_rides) }))
    if (p.budget !== undefined) out.push(t('employer.terms.budget', { amount: money(p.budget) }))
    if (p.weekdays?.length) out.push(p.weekdays.map((d) => f.weekday(`2026-11-${String(22 + d).padStart(2, '0')}`)).join(' · ')) // the 22nd was a Sunday
    if (p.hours_from || p.hours_until) out.push(t('employer.terms.hours', { from: f.time(clock(p.hours_from ?? 0)), until: f.time(clock(p.hours_until ?? 0)) }))
    if (p.lines?.length) out.push(t('employer.terms.lines', { n: f.n(p.lines.length) }))
    if (p.stops?.length) out.push(t('employer.terms.stops', { n: f.n(p.stops.length) }))
    out.push(t(`employer.noShow.${p.no_show ?? 'as_booked'}`))
    if (p.cost_centre) out.push(t('employer.terms.costCentre', { centre: p.cost_centre }))
    out.push(p.valid_until ? t('employer.terms.fromUntil', { from: f.longDate(p.valid_from), until: f.longDate(p.valid_until) }) : t('employer.terms.from', { from: f.longDate(p.valid_from) }))
    return out
  }
}
