import { useTranslation } from 'react-i18next'
import { useFormats } from '../../app/context'
import type { PassTerms } from './types'

/** What a pass is good for, in a line. */
export function Terms({ of: p }: { of: PassTerms }) {
  const { t } = useTranslation()
  const f = useFormats()
  const parts = [
    p.rides ? t('passes.rides', { n: f.n(p.rides) }) : p.per_day ? t('passes.perDay', { n: f.n(p.per_day) }) : t('passes.unlimited'),
    t('passes.days', { n: f.n(p.days) }),
    p.lines.length || p.stops.length ? t('passes.someLines') : t('passes.allLines'),
  ]
  return <span className="text-sm text-muted">{parts.join(' · ')}</span>
}
