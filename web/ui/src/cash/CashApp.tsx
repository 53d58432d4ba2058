import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { can, useFormats, useHttp, useMe } from '../app/context'
import { LinkBanner } from '../app/LinkBanner'
import { Shell } from '../app/Shell'
import { Button } from '../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { CloseSheet } from './CloseSheet'
import { FindRider } from './FindRider'
import { TakeSheet } from './TakeSheet'
import { TakingRow } from './TakingRow'
import type { CashRider, MyShift } from './types'

/** Cash in one's hands: taken from riders, undone, counted and handed in. */
export default function CashApp() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const [rider, setRider] = useState<CashRider | null>(null)
  const [closing, setClosing] = useState(false)
  const q = useQuery({ queryKey: ['cash', 'shift'], queryFn: ({ signal }) => http.get<MyShift>('/v1/cash/shift', { signal }), refetchInterval: 30_000 })
  const again = () => void cache.invalidateQueries({ queryKey: ['cash'] })
  const s = q.data
  return (
    <Shell>
      <LinkBanner />
      <div className="mx-auto flex w-full max-w-2xl flex-col gap-6">
        <h1 className="text-2xl font-bold tracking-tight">{t('cash.title')}</h1>
        {can(me, 'cash.take') && <FindRider onPick={setRider} />}
        {q.isError && <ErrorNote error={q.error} onRetry={() => void q.refetch()} />}
        {q.isPending && (
          <Loading>
            <Skeleton className="h-32 rounded-card" />
          </Loading>
        )}
        {s && (
          <section aria-label={t('cash.shift')} className="flex flex-col gap-3">
            <h2 className="text-lg font-bold">{t('cash.shift')}</h2>
            <div className="flex flex-wrap items-center gap-4 rounded-card border border-edge bg-surface p-4">
              <div className="min-w-32 flex-1">
                <p className="text-sm text-muted">{t('cash.held')}</p>
                <p data-testid="held" className="figures text-2xl font-bold">
                  <bdi>{f.money(s.held)}</bdi>
                </p>
                <p className="text-sm text-muted">{t('cash.heldMost', { most: f.money(s.most_held) })}</p>
              </div>
              <Button kind="primary" icon="check" disabled={!s.id && s.held.amount === 0} onClick={() => setClosing(true)}>
                {t('cash.close')}
              </Button>
            </div>
            {s.takings.length === 0 ? (
              <Empty icon="cash" title={t('cash.none')} />
            ) : (
              <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
                {s.takings.map((k) => (
                  <TakingRow key={k.id} taking={k} undoMs={s.undo_s * 1000} onUndone={again} />
                ))}
              </ul>
            )}
          </section>
        )}
      </div>
      {rider && s && <TakeSheet rider={rider} most={s.most} onDone={again} onClose={() => setRider(null)} />}
      {closing && s && <CloseSheet shift={s} onDone={again} onClose={() => setClosing(false)} />}
    </Shell>
  )
}
