import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Page } from '../../api/types'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty, ErrorNote, Loading, Skeleton } from '../../design/feedback'
import { Select } from '../../design/Field'
import { useMonth } from '../../invoices/Document'
import OfCompany from '../../invoices/OfCompany'
import type { Invoice } from '../../invoices/types'

/** The invoices of each organisation, and the month that can be finalised. */
export default function InvoicesPage() {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe()
  const [chosen, setChosen] = useState('')
  const q = useQuery({ queryKey: ['invoices', 'organisations'], queryFn: ({ signal }) => http.get<Page<{ id: string; name: string }>>('/v1/organisations', { query: { limit: 200 }, signal }) })
  if (q.isError && !q.data) return <ErrorNote error={q.error} onRetry={() => void q.refetch()} />
  if (q.isPending)
    return (
      <Loading>
        <Skeleton className="h-64 rounded-card" />
      </Loading>
    )
  const of = q.data.items.find((o) => o.id === chosen) ?? q.data.items[0]
  if (!of) return <Empty icon="people" title={t('invoices.noOrganisations')} />
  return (
    <div className="flex flex-col gap-6">
      <Select label={t('invoices.organisation')} value={of.id} onChange={(e) => setChosen(e.target.value)}>
        {q.data.items.map((o) => (
          <option key={o.id} value={o.id}>
            {o.name}
          </option>
        ))}
      </Select>
      {can(me, 'invoice.write') && <Finalise key={of.id} organisation={of.id} />}
      <OfCompany key={of.id} company={of} />
    </div>
  )
}

/** The month before this one, if something of it waits: its total, and the button that makes it final after a second look. */
function Finalise({ organisation }: { organisation: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const name = useMonth()
  const cache = useQueryClient()
  const [sure, setSure] = useState(false)
  const now = new Date()
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7)
  const q = useQuery({
    queryKey: ['invoices', 'preview', organisation, month],
    queryFn: ({ signal }) => http.get<Invoice>(`/v1/organisations/${organisation}/invoices/preview`, { query: { month }, signal }),
  })
  const go = useAction(useCallback((body: { month: string; expected: number }, key: string) => http.post<Invoice>(`/v1/organisations/${organisation}/invoices`, { body, key }), [http, organisation]))
  const finalise = async (expected: number) => {
    await go.act({ month, expected })
    setSure(false)
    void cache.invalidateQueries({ queryKey: ['invoices'] })
  }
  const seen = q.data
  if (!seen || seen.line_count === 0) return null
  return (
    <section aria-label={t('invoices.finalise')} className="flex flex-wrap items-center gap-3 rounded-card border border-edge bg-surface px-4 py-3">
      <p className="min-w-56 flex-1">{t('invoices.waits', { month: name(month), amount: f.money(seen.gross) })}</p>
      {sure ? (
        <>
          <p className="w-full text-sm text-muted">{t('invoices.finaliseHint')}</p>
          <Button onClick={() => setSure(false)}>{t('invoices.back')}</Button>
          <Button kind="primary" busy={go.busy} onClick={() => void finalise(seen.gross.amount)}>
            {t('invoices.finaliseSure')}
          </Button>
        </>
      ) : (
        <Button onClick={() => setSure(true)}>{t('invoices.finalise')}</Button>
      )}
      {go.error !== null && <ErrorNote error={go.error} />}
    </section>
  )
}
