import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Icon } from '../../design/icons'
import { Sheet } from '../../design/Sheet'
import { Terms } from './Terms'
import type { Pass } from './types'

export default function PassPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [asking, setAsking] = useState(false)
  const q = useQuery({ queryKey: ['passes', id], queryFn: ({ signal }) => http.get<Pass>(`/v1/passes/${id}`, { signal }), refetchInterval: (now) => (now.state.data?.state === 'open' ? 3_000 : false) }) // while it is being paid
  const refund = useAction(useCallback((v: string, key: string) => http.post<Pass>(`/v1/passes/${v}/refund`, { key }), [http]))
  const p = q.data
  const giveBack = async () => {
    if (!(await refund.act(id))) return
    void cache.invalidateQueries({ queryKey: ['passes'] })
    void cache.invalidateQueries({ queryKey: ['wallet'] })
    setAsking(false)
  }
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-5">
      <Link href="/passes" className="inline-flex min-h-11 items-center gap-1 self-start font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('passes.title')}
      </Link>
      {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
      {q.isPending && (
        <Loading>
          <Skeleton className="h-40 rounded-card" />
        </Loading>
      )}
      {p && (
        <>
          <div className="flex flex-col gap-2 rounded-card border border-edge bg-surface p-5">
            <div className="flex flex-wrap items-center gap-3">
              <h1 className="min-w-0 flex-1 text-2xl font-bold tracking-tight">
                <bdi>{p.name}</bdi>
              </h1>
              <Chip tone={p.state === 'active' ? 'good' : p.state === 'open' ? 'held' : 'neutral'}>{t(`passes.state.${p.state}`)}</Chip>
            </div>
            {p.left !== undefined && (
              <p data-testid="left" className="figures text-3xl font-bold">
                {t('passes.left', { n: f.n(p.left) })}
              </p>
            )}
            {p.first && p.last && <p>{t('passes.between', { first: f.dayMonth(p.first), last: f.dayMonth(p.last) })}</p>}
            <Terms of={p} />
            {p.refundable && (
              <Button className="mt-2 self-start" onClick={() => setAsking(true)}>
                {t('passes.giveBack')}
              </Button>
            )}
          </div>
          <section aria-label={t('passes.uses')}>
            <h2 className="mb-3 text-lg font-bold">{t('passes.uses')}</h2>
            {!p.uses?.length ? (
              <p className="text-muted">{t('passes.unused')}</p>
            ) : (
              <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
                {p.uses.map((u) => (
                  <li key={u.booking}>
                    <Link href={`/bookings/${u.booking}`} className="flex flex-wrap items-center gap-x-3 px-4 py-3 hover:bg-sunken">
                      <span className="min-w-0 flex-1">
                        <bdi className="block truncate font-semibold">{u.line}</bdi>
                        <bdi className="block truncate text-sm text-muted">
                          {u.from} – {u.to}
                        </bdi>
                      </span>
                      {u.returned && <Chip>{t('passes.returned')}</Chip>}
                      <bdi className="figures text-sm text-muted">
                        {f.dayMonth(u.date)} {f.time(u.time)}
                      </bdi>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </section>
          {asking && (
            <Sheet open onOpenChange={setAsking} title={t('passes.giveBack')} description={t('passes.giveBackHint', { amount: f.money(p.price) })}>
              {refund.error !== null && <ErrorNote error={refund.error} className="mb-3" />}
              <Button kind="danger" size="lg" className="w-full" busy={refund.busy} onClick={() => void giveBack()}>
                {t('passes.giveBack')}
              </Button>
            </Sheet>
          )}
        </>
      )}
    </div>
  )
}
