import { useTranslation } from 'react-i18next'
import { useFormats } from '../app/context'
import { cx } from '../design/cx'
import { Icon } from '../design/icons'
import type { SessionDoc } from './types'

/** How a session ended and what it cost: the same to both. */
export function Receipt({ doc }: { doc: SessionDoc }) {
  const { t } = useTranslation()
  const f = useFormats()
  const good = doc.state === 'wrap_up' || doc.state === 'completed'
  const rows: [string, string][] = [[t('call.receipt.minute'), f.exact(doc.rate)]]
  if (doc.receipt) {
    rows.unshift([t('call.receipt.time'), f.countdown(doc.receipt.charged_s * 1000)])
    if (doc.meter.billed_s !== doc.receipt.charged_s) rows.unshift([t('call.receipt.talked'), f.countdown(doc.meter.billed_s * 1000)])
  }
  return (
    <section aria-label={t('call.receipt.title')} className="overflow-hidden rounded-card border border-edge bg-surface shadow-card" data-testid="receipt" data-state={doc.state}>
      <div className="flex flex-col items-center gap-3 p-6 text-center">
        <span className={cx('grid size-14 place-items-center rounded-full', good ? 'bg-good-soft text-good' : 'bg-held-soft text-held')}>
          <Icon name={good ? 'check' : 'warn'} size={28} />
        </span>
        <h1 className="text-xl font-bold">{t(good ? 'call.receipt.over' : `call.state.${doc.state}`)}</h1>
        {doc.reason && <p className="text-muted">{t(`call.reason.${doc.reason}`)}</p>}
        {doc.receipt && (
          <p className="figures text-4xl font-bold" data-testid="cost">
            <bdi>{f.exact(doc.receipt.cost)}</bdi>
          </p>
        )}
      </div>
      {doc.receipt && (
        <dl className="border-t border-edge px-6 py-2">
          {rows.map(([name, value]) => (
            <div key={name} className="flex justify-between gap-4 py-2">
              <dt className="text-muted">{name}</dt>
              <dd className="figures font-semibold">
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
