import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Page } from '../../api/types'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { BuySheet } from './BuySheet'
import { Terms } from './Terms'
import type { Pass, PassProduct } from './types'

const tones = { open: 'held', active: 'good', used_up: 'neutral', expired: 'neutral', refunded: 'neutral', abandoned: 'neutral' } as const

/** One's passes, what is left of them, and those that are sold. */
export default function PassesPage() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [wanted, setWanted] = useState<PassProduct | null>(null)
  const mine = useQuery({ queryKey: ['passes'], queryFn: ({ signal }) => http.get<Page<Pass>>('/v1/passes', { signal }) })
  const sold = useQuery({ queryKey: ['pass-products'], queryFn: ({ signal }) => http.get<Page<PassProduct>>('/v1/pass-products', { signal }) })
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-6">
      <h1 className="text-2xl font-bold tracking-tight">{t('passes.title')}</h1>
      {mine.isError && <ErrorNote error={mine.error} onRetry={() => void mine.refetch()} />}
      {mine.isPending && (
        <Loading>
          <Skeleton className="h-24 rounded-card" />
        </Loading>
      )}
      {mine.data &&
        (mine.data.items.length === 0 ? (
          <Empty icon="ticket" title={t('passes.none')} />
        ) : (
          <ul className="flex flex-col gap-3">
            {mine.data.items.map((p) => (
              <li key={p.id}>
                <Link href={`/passes/${p.id}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-card border border-edge bg-surface p-4 hover:bg-sunken">
                  <bdi className="min-w-0 flex-1 font-semibold">{p.name}</bdi>
                  <Chip tone={tones[p.state]}>{t(`passes.state.${p.state}`)}</Chip>
                  <span className="basis-full text-sm text-muted">
                    {p.left !== undefined && p.state === 'active' && <b className="figures text-ink">{t('passes.left', { n: f.n(p.left) })} · </b>}
                    {p.last ? t('passes.until', { date: f.dayMonth(p.last) }) : <Terms of={p} />}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        ))}
      <section aria-label={t('passes.sold')}>
        <h2 className="mb-3 text-lg font-bold">{t('passes.sold')}</h2>
        {sold.isError && <ErrorNote error={sold.error} onRetry={() => void sold.refetch()} />}
        {sold.isPending && (
          <Loading>
            <Skeleton className="h-24 rounded-card" />
          </Loading>
        )}
        {sold.data?.items.length === 0 && <p className="text-muted">{t('passes.noneSold')}</p>}
        <ul className="flex flex-col gap-3">
          {sold.data?.items.map((p) => (
            <li key={p.id} className="flex flex-wrap items-center gap-3 rounded-card border border-edge bg-surface p-4">
              <div className="min-w-40 flex-1">
                <bdi className="block font-semibold">{p.name}</bdi>
                <Terms of={p} />
              </div>
              <bdi className="figures text-lg font-bold">{f.money(p.price)}</bdi>
              <Button kind="primary" onClick={() => setWanted(p)} aria-label={t('passes.buyOf', { name: p.name })}>
                {t('passes.buy')}
              </Button>
            </li>
          ))}
        </ul>
      </section>
      {wanted && <BuySheet product={wanted} onClose={() => setWanted(null)} />}
    </div>
  )
}
