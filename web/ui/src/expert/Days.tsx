import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { Button, IconButton } from '../design/Button'
import { addDays } from '../i18n/format'
import type { DayHours } from './types'
import { clockOf, minutesOf } from './words'

const most = 180

/** Days that are not as usual: away, or there at other hours. */
export function Days({ days, today, legend, hint, away, onChange }: { days: DayHours[]; today: string; legend?: string; hint?: string; away?: string; onChange: (d: DayHours[]) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const put = (i: number, d: Partial<DayHours>) => onChange(days.map((x, n) => (n === i ? { ...x, ...d } : x)))
  const box = 'min-h-11 rounded-control border border-control bg-raised px-2 text-sm'
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-semibold">{legend ?? t('practice.days')}</legend>
      <p className="text-sm text-muted">{hint ?? t('practice.daysHint')}</p>
      <ul className="flex flex-col gap-2">
        {days.map((d, i) => (
          <li key={i} className="flex flex-wrap items-center gap-2 max-sm:rounded-control max-sm:border max-sm:border-edge max-sm:bg-surface max-sm:p-2">
            <input type="date" aria-label={t('practice.date')} className={box} value={d.date} min={today} onChange={(e) => e.target.value && put(i, { date: e.target.value })} />
            <label className="inline-flex min-h-11 items-center gap-2 text-sm">
              <input type="checkbox" className="size-5 accent-brand" checked={d.away ?? false} onChange={(e) => put(i, e.target.checked ? { away: true, from: 0, until: 0 } : { away: false, from: 540, until: 1080 })} />
              {away ?? t('practice.away')}
            </label>
            {!d.away && (
              <>
                <input type="time" aria-label={t('practice.from')} className={box} value={clockOf(d.from ?? 0)} onChange={(e) => e.target.value && put(i, { from: minutesOf(e.target.value) })} />
                <span aria-hidden="true">–</span>
                <input type="time" aria-label={t('practice.until')} className={box} value={clockOf(d.until ?? 0)} onChange={(e) => e.target.value && put(i, { until: minutesOf(e.target.value) })} />
              </>
            )}
            <IconButton icon="close" label={t('practice.removeHours', { day: f.longDate(d.date) })} onClick={() => onChange(days.filter((_, n) => n !== i))} />
          </li>
        ))}
      </ul>
      {days.length < most && (
        <Button size="sm" icon="plus" className="self-start" onClick={() => onChange([...days, { date: addDays(days.at(-1)?.date ?? today, 1), away: true, from: 0, until: 0 }])}>
          {t('practice.addDay')}
        </Button>
      )}
    </fieldset>
  )
}

/** As the server wants them: in their order, what ends before it begins the next morning. */
export const inOrder = (days: DayHours[]): DayHours[] =>
  days
    .map((d): DayHours => (d.away ? { date: d.date, away: true } : { ...d, until: (d.until ?? 0) > (d.from ?? 0) ? (d.until ?? 0) : (d.until ?? 0) + 1440 }))
    .sort((a, b) => a.date.localeCompare(b.date) || (a.from ?? 0) - (b.from ?? 0))
