import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../../api/types'
import { can, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Segments } from '../../design/Segments'
import { Head } from '../Head'
import { every } from '../Page'
import { ImportCard } from './ImportCard'
import type { BankLine, Where } from './types'
import { WaitingLine } from './WaitingLine'

const wheres: readonly Where[] = ['waiting', 'aside', 'matched']
const titles = { waiting: 'bankDesk.waits', aside: 'bankDesk.aside', matched: 'bankDesk.matched' } as const
const nones = { waiting: 'office.noneWaits', aside: 'bankDesk.noneAside', matched: 'bankDesk.noneMatched' } as const

/** Money that came by bank: statements are taken in, and what no invoice was found for waits for a person. */
export default function BankPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe()
  const [importing, setImporting] = useState(false)
  const [where, setWhere] = useState<Where>('waiting')
  const q = useInfiniteQuery({
    queryKey: ['bank', 'lines', where],
    refetchInterval: 4 * every,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<BankLine>>('/v1/bank/lines', { query: { state: where, cursor: pageParam }, signal }),
    getNextPageParam: (last) => last.next || undefined,
  })
  const lines = q.data?.pages.flatMap((p) => p.items)
  const may = can(me, 'invoice.write')
  return (
    <section aria-label={t('office.bank')}>
      <Head title={t('office.bank')} query={q} each={4 * every}>
        {may && (
          <Button kind={importing ? 'quiet' : 'primary'} icon={importing ? 'close' : 'upload'} aria-expanded={importing} onClick={() => setImporting(!importing)}>
            {importing ? t('action.close') : t('office.importStatement')}
          </Button>
        )}
      </Head>
      {importing && <ImportCard />}
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-lg font-bold">{t(where === 'waiting' ? 'office.waiting' : titles[where])}</h2>
        <Segments className="max-sm:w-full" legend={t('bankDesk.show')} hideLegend value={where} onChange={setWhere} options={wheres.map((w) => ({ value: w, label: t(titles[w]) }))} />
      </div>
      {q.isError && <ErrorNote className="mb-3" error={q.error} onRetry={() => void q.refetch()} />}
      {!lines ? (
        !q.isError && (
          <Loading>
            <Skeleton className="h-64 rounded-card" />
          </Loading>
        )
      ) : lines.length === 0 ? (
        <Empty icon="check" title={t(nones[where])} />
      ) : (
        <ul data-testid="bank-lines" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {lines.map((l) => (
            <WaitingLine key={l.id} line={l} may={may} settled={where !== 'waiting'} />
          ))}
        </ul>
      )}
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('finance.more')}
        </Button>
      )}
    </section>
  )
}
