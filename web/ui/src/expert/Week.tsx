import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { Button, IconButton } from '../design/Button'
import { Select } from '../design/Field'
import type { Hours } from './types'
import { clockOf, minutesOf, weekdayName } from './words'

const most = 42

/** Stretches of weekdays; one that ends before it begins ends the next morning, where that may be. */
export function Week({ legend, hint, hours, onChange }: { legend: string; hint: string; hours: Hours[]; onChange: (h: Hours[]) => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const put = (i: number, h: Partial<Hours>) => onChange(hours.map((x, n) => (n === i ? { ...x, ...h } : x)))
  const time = 'min-h-11 max-sm:order-1 max-sm:flex-1 rounded-control border border-control bg-raised px-2 text-sm'
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-semibold">{legend}</legend>
      <p className="text-sm text-muted">{hint}</p>
      <ul className="flex flex-col gap-2">
        {hours.map((h, i) => (
          <li key={i} className="flex flex-wrap items-center gap-2 max-sm:rounded-control max-sm:border max-sm:border-edge max-sm:bg-surface max-sm:p-2">
            <Select className="basis-[calc(100%-3.5rem)] sm:basis-40" label={t('practice.day')} hideLabel value={h.weekday} onChange={(e) => put(i, { weekday: Number(e.target.value) })}>
              {[1, 2, 3, 4, 5, 6, 7].map((d) => (
                <option key={d} value={d}>
                  {weekdayName(d, f.tag)}
                </option>
              ))}
            </Select>
            <input type="time" aria-label={t('practice.from')} className={time} value={clockOf(h.from)} onChange={(e) => e.target.value && put(i, { from: minutesOf(e.target.value) })} />
            <span aria-hidden="true" className="max-sm:order-1">
              –
            </span>
            <input type="time" aria-label={t('practice.until')} className={time} value={clockOf(h.until)} onChange={(e) => e.target.value && put(i, { until: minutesOf(e.target.value) })} />
            <IconButton icon="close" label={t('practice.removeHours', { day: weekdayName(h.weekday, f.tag) })} onClick={() => onChange(hours.filter((_, n) => n !== i))} />
          </li>
        ))}
      </ul>
      {hours.length < most && (
        <Button size="sm" icon="plus" className="self-start" onClick={() => onChange([...hours, { weekday: ((hours.at(-1)?.weekday ?? 0) % 7) + 1, from: hours.at(-1)?.from ?? 540, until: hours.at(-1)?.until ?? 1080 }])}>
          {t('practice.addHours')}
        </Button>
      )}
    </fieldset>
  )
}
