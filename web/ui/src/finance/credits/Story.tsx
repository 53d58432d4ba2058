import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Shown } from '../Head'
import { Sure } from '../Sure'
import { useWhen } from '../when'
import { useCredit, type Credits, type Move } from './credits'
import { RefundCard } from './RefundCard'

/** How an organisation's credit came and where it went, the newest first. */
export function Story({ organisation }: { organisation: string }) {
  const http = useHttp()
  const q = useQuery({ queryKey: ['credits', organisation], queryFn: ({ signal }) => http.get<Credits>(`/v1/organisations/${organisation}/credits`, { signal }) })
  return (
    <Shown query={q}>
      {(c) => (
        <>
          <ul className="divide-y divide-edge">
            {c.moves?.map((m) => (
              <Moved key={m.id} move={m} />
            ))}
          </ul>
          <ul className="flex flex-col gap-2">
            {c.refunds.map((r) => (
              <RefundCard key={r.id} refund={r} />
            ))}
          </ul>
        </>
      )}
    </Shown>
  )
}

function Moved({ move: m }: { move: Move }) {
  const { t } = useTranslation()
  const f = useFormats()
  const when = useWhen()
  const me = useMe()
  const [sure, setSure] = useState(false)
  const undo = useCredit(`/v1/credit-moves/${m.id}/undo`)
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-2 text-sm">
      <span className="min-w-40 flex-1">
        {t(`credits.move.${m.how}`)}{' '}
        <Link href={`/finance/invoices/${m.invoice}`} className="text-brand underline">
          <bdi className="figures">{m.number}</bdi>
        </Link>
        {m.undone && ` (${t('credits.undone')})`}
        <span className="block text-muted">{t('credits.by', { name: m.by, when: when.short(m.at) })}</span>
      </span>
      <bdi className="figures font-semibold">{f.exact({ ...m.amount, amount: -m.amount.amount })}</bdi>
      {m.how === 'applied' && !m.undone && can(me, 'invoice.write') && (
        <Button size="sm" className="min-h-11 sm:min-h-9" aria-label={t('credits.undoOf', { number: m.number })} onClick={() => setSure(true)}>
          {t('credits.undo')}
        </Button>
      )}
      {sure && (
        <Sure
          title={t('credits.undo')}
          hint={t('credits.undoHint')}
          act={t('credits.undo')}
          busy={undo.busy}
          error={undo.error}
          onSure={async () => {
            if (await undo.act(null)) setSure(false)
          }}
          onClose={() => setSure(false)}
        />
      )}
    </li>
  )
}
