import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { cx } from '../design/cx'
import { Chip, type Tone } from '../design/feedback'
import { Segments } from '../design/Segments'
import { doing, doings, type BoardExpert, type Doing } from './types'

const tone: Record<Doing, Tone> = { free: 'good', ringing: 'held', talking: 'brand', asked: 'held', break: 'neutral', away: 'neutral', off: 'neutral' }

/** Experts by what they are doing: those who have the queue's skills, or all. */
export function ExpertsPane({ experts }: { experts: BoardExpert[] }) {
  const { t } = useTranslation()
  const f = useFormats()
  const [which, setWhich] = useState<'fit' | 'all'>('fit')
  const shown = which === 'fit' ? experts.filter((e) => e.fits) : experts
  const by = new Map<Doing, BoardExpert[]>(doings.map((d) => [d, []]))
  for (const e of shown) by.get(doing(e))?.push(e)
  return (
    <section aria-labelledby="experts" className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h2 id="experts" className="flex-1 font-bold">
          {t('queues.experts')}
        </h2>
        <Segments
          legend={t('queues.which')}
          hideLegend
          value={which}
          onChange={setWhich}
          options={[
            { value: 'fit', label: t('queues.fit') },
            { value: 'all', label: t('queues.all') },
          ]}
        />
      </div>
      <div className="overflow-hidden rounded-card border border-edge bg-surface">
        {shown.length === 0 && <p className="px-4 py-3 text-muted">{t('queues.noExperts')}</p>}
        {doings.map((d) => {
          const some = by.get(d) ?? []
          if (some.length === 0) return null
          const quiet = d === 'off' || d === 'away' || d === 'break'
          return (
            <details key={d} open={!quiet} className="border-b border-edge last:border-b-0">
              <summary className="flex min-h-10 cursor-pointer items-center gap-2 px-3 font-semibold">
                <Chip tone={tone[d]}>{t(`queues.doing.${d}`)}</Chip>
                <span className="figures text-muted">{f.n(some.length)}</span>
              </summary>
              <ul className="grid gap-x-4 px-3 pb-2 text-sm sm:grid-cols-2 xl:grid-cols-1">
                {some.map((e) => (
                  <li key={e.id} className="flex min-h-7 items-center gap-2">
                    <bdi className={cx('min-w-0 flex-1 truncate', quiet && 'text-muted')}>{e.name}</bdi>
                    {e.slots > 1 && <span className="figures text-muted">{t('queues.slotsOf', { busy: f.n(e.busy + e.ringing), n: f.n(e.slots) })}</span>}
                    {e.rating > 0 && <span className="figures text-muted">{(e.rating / 100).toLocaleString(f.tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}★</span>}
                    <span className="figures text-muted">{f.exact(e.price)}</span>
                  </li>
                ))}
              </ul>
            </details>
          )
        })}
      </div>
    </section>
  )
}
