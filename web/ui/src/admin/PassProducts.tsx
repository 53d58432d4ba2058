import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import type { Page } from '../api/types'
import { useAction } from '../app/action'
import { useFormats, useHttp, useMe } from '../app/context'
import { LinePick } from '../app/LinePick'
import { minorOf } from '../app/minor'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote, Loading, Skeleton } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { Sheet } from '../design/Sheet'
import { Terms } from '../rider/passes/Terms'
import type { PassProduct } from '../rider/passes/types'

/** Which passes are sold. */
export default function PassProducts() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [adding, setAdding] = useState(false)
  const q = useQuery({ queryKey: ['pass-products', 'all'], queryFn: ({ signal }) => http.get<Page<PassProduct>>('/v1/pass-products/all', { signal }) })
  const sell = useAction(useCallback((v: { id: string; on_sale: boolean }) => http.patch<PassProduct>(`/v1/pass-products/${v.id}`, { body: { on_sale: v.on_sale } }), [http]))
  return (
    <section aria-label={t('passes.manage')}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <h2 className="flex-1 text-xl font-bold">{t('passes.manage')}</h2>
        <Button icon="plus" onClick={() => setAdding(true)}>
          {t('passes.add')}
        </Button>
      </div>
      {sell.error !== null && <ErrorNote error={sell.error} className="mb-3" />}
      {q.isError ? (
        <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
      ) : q.isPending ? (
        <Loading>
          <Skeleton className="h-24 rounded-card" />
        </Loading>
      ) : q.data.items.length === 0 ? (
        <Empty icon="ticket" title={t('passes.noneSold')} />
      ) : (
        <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
          {q.data.items.map((p) => (
            <li key={p.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3">
              <div className="min-w-40 flex-1">
                <bdi className="block font-semibold">{p.name}</bdi>
                <Terms of={p} />
              </div>
              <Chip tone={p.on_sale ? 'good' : 'neutral'}>{t(p.on_sale ? 'passes.onSale' : 'passes.offSale')}</Chip>
              <bdi className="figures font-bold">{f.money(p.price)}</bdi>
              <Button
                size="sm"
                busy={sell.busy}
                aria-label={`${t(p.on_sale ? 'passes.withdraw' : 'passes.sellAgain')}: ${p.name}`}
                onClick={() => void sell.act({ id: p.id, on_sale: !p.on_sale }).then((r) => r && cache.invalidateQueries({ queryKey: ['pass-products'] }))}
              >
                {t(p.on_sale ? 'passes.withdraw' : 'passes.sellAgain')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {adding && <NewProduct onClose={() => setAdding(false)} />}
    </section>
  )
}

type Draft = { name: string; price: number; days: number; rides?: number; per_day?: number; refund_days: number; lines?: string[] }

function NewProduct({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const [kind, setKind] = useState<'rides' | 'period'>('rides')
  const [draft, setDraft] = useState({ name: '', price: '', days: '30', rides: '10', perDay: '', refund: '14' })
  const [lines, setLines] = useState<string[]>([])
  const [tried, setTried] = useState(false)
  const add = useAction(useCallback((v: Draft, key: string) => http.post<PassProduct>('/v1/pass-products', { body: v, key }), [http]))
  const at = (pointer: string) => (isProblem(add.error) ? add.error.errors.find((x) => x.pointer === pointer)?.detail : undefined)
  const price = minorOf(draft.price, me.tenant.currency)
  const set = (k: keyof typeof draft) => (e: { target: { value: string } }) => setDraft({ ...draft, [k]: e.target.value })
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (price === undefined) return
    const v: Draft = { name: draft.name.trim(), price, days: Number(draft.days) || 0, refund_days: Number(draft.refund) || 0 }
    if (kind === 'rides') v.rides = Number(draft.rides) || 0
    else if (draft.perDay) v.per_day = Number(draft.perDay) || 0
    if (lines.length > 0) v.lines = lines
    if (!(await add.act(v))) return
    void cache.invalidateQueries({ queryKey: ['pass-products'] })
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('passes.add')}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)}>
        <Field label={t('passes.name')} value={draft.name} onChange={set('name')} error={at('/name')} required maxLength={80} autoComplete="off" />
        <Select label={t('passes.kind')} value={kind} onChange={(e) => setKind(e.target.value as typeof kind)}>
          <option value="rides">{t('passes.kindRides')}</option>
          <option value="period">{t('passes.kindPeriod')}</option>
        </Select>
        {kind === 'rides' ? (
          <Field label={t('passes.ridesField')} type="number" min={1} max={1000} value={draft.rides} onChange={set('rides')} error={at('/rides')} required />
        ) : (
          <Field label={t('passes.perDayField')} hint={t('passes.perDayHint')} type="number" min={1} max={100} value={draft.perDay} onChange={set('perDay')} error={at('/per_day')} />
        )}
        <Field label={t('passes.daysField')} type="number" min={1} max={400} value={draft.days} onChange={set('days')} error={at('/days')} required />
        <Field label={t('passes.priceField', { currency: me.tenant.currency })} inputMode="decimal" value={draft.price} onChange={set('price')} error={at('/price') ?? (tried && price === undefined ? t('cash.badAmount') : undefined)} required autoComplete="off" />
        <Field label={t('passes.refundField')} hint={t('passes.refundFieldHint')} type="number" min={0} max={400} value={draft.refund} onChange={set('refund')} error={at('/refund_days')} required />
        <LinePick value={lines} onChange={setLines} />
        {add.error !== null && <ErrorNote error={add.error} />}
        <Button kind="primary" size="lg" type="submit" busy={add.busy}>
          {t('passes.add')}
        </Button>
      </form>
    </Sheet>
  )
}
