import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useFormats } from '../../app/context'
import { Button } from '../../design/Button'
import { cx } from '../../design/cx'
import { useWhen } from '../when'
import type { BankLine, Done } from './types'
import { useDesk } from './desk'
import { WhySheet } from './WhySheet'

/** What a line was matched with. What was wrong is taken back with a reason, and stays in sight. */
export function DoneParts({ line: l, may }: { line: BankLine; may: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const [wrong, setWrong] = useState<Done | null>(null)
  const unmatch = useDesk<{ match: string; reason: string }>(l.id, 'unmatch')
  const what = (d: Done) => (d.number ? t('bankDesk.paid', { number: d.number }) : t('bankDesk.was', { gateway: d.gateway ?? '' }))
  if (!l.done?.length) return null
  return (
    <ul className="flex flex-col gap-2" data-testid="bank-done">
      {l.done.map((d) => (
        <li key={d.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className={cx('min-w-0 flex-1 basis-44', d.undone_at && 'text-muted')}>
            <span className={cx('block font-semibold', d.undone_at && 'line-through')}>
              {d.invoice ? (
                <Link href={`/finance/invoices/${d.invoice}`} className="text-brand underline">
                  <bdi>{what(d)}</bdi>
                </Link>
              ) : (
                what(d)
              )}
              {' · '}
              <bdi className="figures whitespace-nowrap">{f.money(d.amount)}</bdi>
            </span>
            <span className="block text-sm break-words text-muted">
              {t(d.how === 'automatic' ? 'bankDesk.byItself' : 'bankDesk.by', { name: d.by, when: when.short(d.at) })}
            </span>
            {d.undone_at && <span className="block text-sm break-words">{t('bankDesk.undone', { name: d.undone_by ?? '', why: d.why ?? '' })}</span>}
          </span>
          {may && !d.undone_at && (
            <Button size="sm" className="min-h-11 sm:min-h-9" aria-label={t('bankDesk.unmatchOf', { what: what(d) })} onClick={() => setWrong(d)}>
              {t('bankDesk.unmatch')}
            </Button>
          )}
        </li>
      ))}
      {wrong && (
        <WhySheet
          title={t('bankDesk.unmatchOf', { what: what(wrong) })}
          hint={t('bankDesk.unmatchHint')}
          act={t('bankDesk.unmatch')}
          busy={unmatch.busy}
          error={unmatch.error}
          onSure={async (reason) => {
            if (await unmatch.act({ match: wrong.id, reason })) setWrong(null)
          }}
          onClose={() => setWrong(null)}
        />
      )}
    </ul>
  )
}
