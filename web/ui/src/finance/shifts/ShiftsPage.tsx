import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../../api/types'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { minorOf } from '../../app/minor'
import type { Shift } from '../../cash/types'
import { Button } from '../../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Field, Select } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { dateOf } from '../../i18n/format'

const states = ['closed', 'open', 'confirmed', ''] as const
const tones = { open: 'held', closed: 'brand', confirmed: 'good' } as const

/** Cash in people's hands, and what they handed in: somebody else says that it arrived. */
export default function ShiftsPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const [state, setState] = useState<(typeof states)[number]>('closed')
  const [asked, setAsked] = useState<Shift | null>(null)
  const q = useInfiniteQuery({
    queryKey: ['shifts', state],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => http.get<Page<Shift>>('/v1/shifts', { query: { state: state || undefined, cursor: pageParam || undefined }, signal }),
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 30_000,
  })
  const items = q.data?.pages.flatMap((p) => p.items) ?? []
  return (
    <section aria-label={t('cash.shifts')}>
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <h1 className="flex-1 text-2xl font-bold tracking-tight">{t('cash.shifts')}</h1>
        <Select label={t('cash.which')} hideLabel value={state} onChange={(e) => setState(e.target.value as (typeof states)[number])}>
          {states.map((s) => (
            <option key={s} value={s}>
              {t(`cash.state.${s || 'all'}`)}
            </option>
          ))}
        </Select>
      </div>
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-48 rounded-card" />
        </Loading>
      ) : items.length === 0 ? (
        <Empty icon="cash" title={t('cash.noShifts')} />
      ) : (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {items.map((s) => (
            <Row key={s.id} shift={s} onConfirm={() => setAsked(s)} />
          ))}
        </ul>
      )}
      {q.hasNextPage && (
        <Button className="mt-3" busy={q.isFetchingNextPage} onClick={() => void q.fetchNextPage()}>
          {t('admin.more')}
        </Button>
      )}
      {asked && <Confirm shift={asked} onClose={() => setAsked(null)} />}
    </section>
  )
}

function Row({ shift: s, onConfirm }: { shift: Shift; onConfirm: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const apart = s.difference?.amount ?? 0
  const late = s.received && s.counted ? s.received.amount - s.counted.amount : 0
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-40 flex-1">
        <bdi className="block font-semibold">{s.holder_name}</bdi>
        <span className="text-sm text-muted">
          {f.dayMonth(dateOf(s.closed_at ?? s.opened_at))}
          {s.place && ` · ${s.place === 'safe' ? t('cash.safe') : s.place}`}
          {s.confirmed_by && ` · ${s.confirmed_by}`}
        </span>
      </div>
      <Chip tone={tones[s.state]}>{t(`cash.state.${s.state}`)}</Chip>
      {(apart !== 0 || late !== 0) && s.counted && (
        <Chip tone="bad">
          {t('cash.difference')} <bdi className="figures">{f.exact({ amount: apart + late, currency: s.counted.currency })}</bdi>
        </Chip>
      )}
      <bdi className="figures font-bold">{f.exact(s.received ?? s.counted ?? s.held ?? { amount: 0, currency: me.tenant.currency })}</bdi>
      {s.state === 'closed' && can(me, 'finance.write') && s.holder !== me.id && (
        <Button size="sm" icon="check" onClick={onConfirm}>
          {t('cash.arrived')}
        </Button>
      )}
    </li>
  )
}

function Confirm({ shift: s, onClose }: { shift: Shift; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const confirm = useAction(useCallback((v: { id: string; received: number }, key: string) => http.post<Shift>(`/v1/shifts/${v.id}/confirm`, { body: { received: v.received }, key }), [http]))
  const counted = s.counted ?? { amount: 0, currency: '' }
  const received = minorOf(text, counted.currency)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (received === undefined || !(await confirm.act({ id: s.id, received }))) return
    void cache.invalidateQueries({ queryKey: ['shifts'] })
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('cash.arrived')} description={t('cash.arrivedHint', { name: s.holder_name })}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)} noValidate>
        <p>
          {t('cash.handedIn')}: <bdi className="figures font-bold">{f.exact(counted)}</bdi>
        </p>
        {s.note && <p className="text-muted">{s.note}</p>}
        <Field label={t('cash.received', { currency: counted.currency })} error={tried && received === undefined ? t('cash.badAmount') : undefined} value={text} onChange={(e) => setText(e.target.value)} inputMode="decimal" autoComplete="off" />
        {received !== undefined && received !== counted.amount && (
          <p role="status" className="rounded-control bg-bad-soft p-3 font-medium text-bad">
            {t(received < counted.amount ? 'cash.lacks' : 'cash.tooMuch', { amount: f.exact({ amount: Math.abs(received - counted.amount), currency: counted.currency }) })}
          </p>
        )}
        {confirm.error !== null && <ErrorNote error={confirm.error} />}
        <Button kind="primary" size="lg" type="submit" busy={confirm.busy}>
          {t('cash.arrived')}
        </Button>
      </form>
    </Sheet>
  )
}
