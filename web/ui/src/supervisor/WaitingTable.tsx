import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { cx } from '../design/cx'
import { Chip } from '../design/feedback'
import { Icon } from '../design/icons'
import { Bell } from '../expert/Bell'
import { modalityIcon } from '../expert/types'
import { cell, figure, Table } from '../finance/Table'
import { slaTone, type BoardRequest } from './types'

const tones = { good: 'text-good', held: 'text-held', bad: 'text-bad font-bold' }

/** Who waits, in their places; a row opens what can be done about it. */
export function WaitingTable({ rows, now, slaS, selected, onOpen, ref }: { rows: BoardRequest[]; now: number; slaS: number; selected: string | null; onOpen: (r: BoardRequest) => void; ref: Ref<HTMLDivElement> }) {
  const { t } = useTranslation()
  const f = useFormats()
  return (
    <section aria-labelledby="waiting" ref={ref}>
      <h2 id="waiting" className="mb-1.5 font-bold">
        {t('queues.waiting')}
      </h2>
      {rows.length === 0 ? (
        <p className="flex items-center gap-2 rounded-card border border-edge bg-surface px-4 py-3 text-muted">
          <Icon name="check" size={18} className="text-good" />
          {t('queues.nobodyWaits')}
        </p>
      ) : (
        <Table
          label={t('queues.waiting')}
          columns={[{ name: t('queues.place'), end: true }, { name: t('queues.client') }, { name: t('queues.wait'), end: true }, { name: t('queues.rungNow') }, { name: t('queues.priority'), end: true, wide: true }, { name: t('queues.ceiling'), end: true, wide: true }]}
        >
          {rows.map((r, i) => {
            const waited = (now - Date.parse(r.placed_at)) / 1000
            const ring = r.rings[0]
            return (
              <tr key={r.id} className={cx('border-b border-edge last:border-b-0', r.id === selected ? 'bg-brand-soft' : 'hover:bg-sunken')}>
                <td className={figure}>{f.n(i + 1)}</td>
                <td className={cell}>
                  <button type="button" data-row={r.id} className="flex min-h-6 items-center gap-2 text-start font-semibold hover:underline" onClick={() => onOpen(r)}>
                    <Icon name={modalityIcon[r.modality]} size={16} className="text-muted" />
                    <bdi className="whitespace-nowrap">{r.client_name}</bdi>
                  </button>
                </td>
                <td className={cx(figure, tones[slaTone(waited, slaS)])}>{f.countdown(Math.floor(Math.max(0, waited)) * 1000)}</td>
                <td className={cell}>
                  {ring ? (
                    <span className="flex flex-wrap items-center gap-1.5">
                      <bdi className="whitespace-nowrap">{ring.name}</bdi>
                      <Chip tone="held" className="figures">
                        <Bell size={13} />
                        {f.n(Math.max(0, Math.ceil((Date.parse(ring.deadline) - now) / 1000)))}
                      </Chip>
                      {r.rings.length > 1 && <Chip>{t('queues.andMore', { n: f.n(r.rings.length - 1) })}</Chip>}
                    </span>
                  ) : r.away ? (
                    <Chip tone={r.call_until && Date.parse(r.call_until) > now ? 'held' : 'neutral'}>{t(r.call_until && Date.parse(r.call_until) > now ? 'queues.calling' : 'queues.away')}</Chip>
                  ) : (
                    <span className="text-muted">{t('queues.nobodyRung')}</span>
                  )}
                </td>
                <td className={cx(figure, 'max-md:hidden')}>{r.priority > 0 ? <Chip tone="brand">{f.n(r.priority)}</Chip> : f.n(0)}</td>
                <td className={cx(figure, 'max-md:hidden')}>{f.exact(r.ceiling)}</td>
              </tr>
            )
          })}
        </Table>
      )}
    </section>
  )
}
