import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Icon } from '../design/icons'
import type { PaymentStep } from './payment'
import { PayStep, Waiting } from './PayStep'

/**
 * A payment until it is over. That nothing is left to do does not mean paid: perhaps the acquirer was not reached yet. So it is asked about until there is
 * something to do, until it is paid, or until it is called off, which is said.
 */
export function Paying({ payment, path = `/v1/me/payments/${payment}`, first, done: was = false, holds = false, said, onDone, onPaid, onAgain }: {
  payment: string
  path?: string
  first?: PaymentStep
  done?: boolean // the payer has done their part: what is left is the acquirer's word
  holds?: boolean // it is to be held, not taken: authorised is all there is to wait for
  said: string // what they read until then
  onDone?: () => void
  onPaid: () => void
  onAgain?: () => void
}) {
  const http = useHttp()
  const cache = useQueryClient()
  const [here, setHere] = useState(false)
  const done = was || here
  const q = useQuery({
    queryKey: ['payment', payment],
    queryFn: ({ signal }) => http.get<PaymentStep>(path, { signal }),
    ...(first ? { initialData: first } : {}),
    refetchInterval: (s) => (asksOn(s.state.data, done, holds) ? 1_500 : false),
    refetchOnWindowFocus: (s) => asksOn(s.state.data, done, holds), // a form that somebody types into stays as it is
  })
  const status = holds && q.data?.status === 'authorised' ? 'paid' : q.data?.status
  const over = status === 'paid' || status === 'cancelled'
  useEffect(() => {
    if (!over) return
    for (const key of ['wallet', 'payments', 'passes']) void cache.invalidateQueries({ queryKey: [key] })
  }, [over, cache])
  useEffect(() => {
    if (status === 'paid') onPaid()
  }, [status, onPaid])
  if (status === 'cancelled') return <CalledOff onAgain={onAgain} />
  if (done || status === 'paid') return <Waiting>{said}</Waiting>
  return (
    <>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && (
        <Loading>
          <Skeleton className="h-40 rounded-control" />
        </Loading>
      )}
      {q.data && (
        <PayStep
          step={q.data}
          onPaid={() => {
            setHere(true)
            onDone?.()
          }}
        />
      )}
    </>
  )
}

/** Whether time alone may bring news of a payment. */
export function asksOn(s: PaymentStep | undefined, done: boolean, holds = false): boolean {
  if (!s) return done
  if (holds && s.status === 'authorised') return false
  return s.status !== 'paid' && s.status !== 'cancelled' && (done || !s.next)
}

function CalledOff({ onAgain }: { onAgain: (() => void) | undefined }) {
  const { t } = useTranslation()
  return (
    <div role="alert" className="flex w-full flex-col items-center gap-3 rounded-control bg-bad-soft p-4 text-center text-bad">
      <p className="flex gap-2.5 font-medium">
        <Icon name="warn" className="mt-0.5" />
        <span>{t('pay.calledOff')}</span>
      </p>
      {onAgain && (
        <Button size="sm" onClick={onAgain}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  )
}
