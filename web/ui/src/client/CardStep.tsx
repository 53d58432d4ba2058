import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Paying } from '../pay/Paying'
import type { Funds } from './types'

/** Money that is to be set aside of a card, until its owner and their bank have agreed. It survives a reload, and the bank's own page. */
export function CardStep({ funds, busy, error, onHeld, onAgain, onGiveUp }: { funds: string; busy: boolean; error: unknown; onHeld: () => void; onAgain: () => void; onGiveUp: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const q = useQuery({ queryKey: ['funds', funds], queryFn: ({ signal }) => http.get<Funds>(`/v1/requests/funds/${funds}`, { signal }) })
  const payment = q.data?.payment
  const gone = isProblem(q.error) && q.error.status === 404
  return (
    <div className="flex flex-col gap-4">
      {q.isPending && (
        <Loading>
          <Skeleton className="h-40 rounded-control" />
        </Loading>
      )}
      {q.isError && <ErrorNote error={q.error} onRetry={() => (gone ? onGiveUp() : void q.refetch())} />}
      {payment && <Paying holds payment={payment.id} first={payment} said={t('ask.held')} onPaid={onHeld} onAgain={onGiveUp} />}
      {error !== null && <ErrorNote error={error} onRetry={onAgain} />}
      <Button size="lg" disabled={busy} onClick={onGiveUp}>
        {t('ask.giveUp')}
      </Button>
    </div>
  )
}
