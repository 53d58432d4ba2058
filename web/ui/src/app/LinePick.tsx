import { useTranslation } from 'react-i18next'
import { cx } from '../design/cx'
import { useLines } from './lines'

/** On which lines something holds: those that are ticked, or all. Whoever may not see the lines is not asked. */
export function LinePick({ value, onChange }: { value: string[]; onChange: (lines: string[]) => void }) {
  const { t } = useTranslation()
  const lines = useLines().data?.items
  if (!lines || lines.length === 0) return null
  const turn = (id: string, on: boolean) => onChange(on ? [...value, id] : value.filter((x) => x !== id))
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-semibold">{t('linePick.title')}</legend>
      <ul className="max-h-56 overflow-y-auto rounded-control border border-control bg-raised p-1">
        {lines.map((l) => (
          <li key={l.id}>
            <label className={cx('flex min-h-11 cursor-pointer items-center gap-3 rounded-[0.5rem] px-2.5 py-1.5 text-sm', value.includes(l.id) && 'bg-brand-soft')}>
              <input type="checkbox" className="size-4 shrink-0 accent-brand" checked={value.includes(l.id)} onChange={(e) => turn(l.id, e.target.checked)} />
              <bdi className="min-w-0 flex-1">
                {l.short_name && !l.name.startsWith(l.short_name) && <b className="me-2">{l.short_name}</b>}
                {l.name}
              </bdi>
            </label>
          </li>
        ))}
      </ul>
      <p className="text-sm text-muted">{t('linePick.hint')}</p>
    </fieldset>
  )
}
