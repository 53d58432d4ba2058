import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import type { Booking, Ticket } from '../api/types'
import { useHttp } from '../app/context'
import { ErrorNote, Skeleton } from '../design/feedback'

const Qr = lazy(() => import('./Qr'))

/** The ticket is kept on the phone: at the stop there may be no network, and the driver's phone can verify it without one. */
export function TicketCode({ booking: b }: { booking: Booking }) {
  const { t } = useTranslation()
  const http = useHttp()
  const q = useQuery({
    queryKey: ['ticket', b.id],
    staleTime: 300_000,
    initialData: () => kept(b.id),
    initialDataUpdatedAt: 0,
    queryFn: async ({ signal }) => {
      const ticket = await http.get<Ticket>(`/v1/bookings/${b.id}/ticket`, { signal })
      keep(b.id, ticket)
      return ticket
    },
  })
  return (
    <div className="flex flex-col items-center gap-3 px-5 pb-5">
      <div className="grid size-60 place-items-center rounded-card border border-edge bg-white p-4">
        {q.data ? (
          <Suspense fallback={<Skeleton className="size-full" />}>
            <Qr text={q.data.token} label={t('ticket.label')} />
          </Suspense>
        ) : q.isError ? (
          <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
        ) : (
          <Skeleton className="size-full" />
        )}
      </div>
      {b.short && (
        <p className="text-center">
          <span className="block text-sm text-muted">{t('ticket.code')}</span>
          <bdi className="figures font-mono text-2xl font-bold tracking-[0.18em]" data-testid="short">
            {b.short}
          </bdi>
        </p>
      )}
      <p className="text-center text-sm text-muted">{t('ticket.hint')}</p>
    </div>
  )
}

function kept(id: string): Ticket | undefined {
  try {
    const text = localStorage.getItem(`waymeet.ticket.${id}`)
    return text ? (JSON.parse(text) as Ticket) : undefined
  } catch {
    return undefined
  }
}

function keep(id: string, ticket: Ticket) {
  try {
    localStorage.setItem(`waymeet.ticket.${id}`, JSON.stringify(ticket))
  } catch {
    // storage full or refused: the ticket is shown, and asked for again next time
  }
}
