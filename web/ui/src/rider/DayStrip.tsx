import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { cx } from '../design/cx'
import { addDays } from '../i18n/format'

/** The seven days on sale, as radios: today first. */
export function DayStrip({ today, value, onChange, className }: { today: string; value: string; onChange: (d: string) => void; className?: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const days = Array.from({ length: 7 }, (_, i) => addDays(today, i))
  return (
    <fieldset className={cx('min-w-0', className)}>
      <legend className="sr-only">{t('search.date')}</legend>
      <div className="-mx-1 flex gap-1 overflow-x-auto px-1 py-1">
        {days.map((d) => (
          <label
            key={d}
            className={cx(
              'relative flex min-h-14 min-w-10 flex-1 cursor-pointer flex-col items-center justify-center rounded-control border px-1 has-focus-visible:outline-3 has-focus-visible:outline-offset-1 has-focus-visible:outline-focus',
              d === value ? 'border-brand bg-brand text-on-brand' : 'border-transparent hover:bg-sunken',
            )}
          >
            <input type="radio" name="day" value={d} checked={d === value} onChange={() => onChange(d)} aria-label={f.longDate(d)} className="absolute inset-0 cursor-pointer opacity-0" />
            <span className={cx('text-xs font-medium', d !== value && 'text-muted')}>{f.weekday(d)}</span>
            <span className="figures text-lg leading-6 font-bold">{f.dayNumber(d)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
