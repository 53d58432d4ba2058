import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe, useToday } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty } from '../../design/feedback'
import { Select } from '../../design/Field'
import { Icon } from '../../design/icons'
import { Document, useMonth } from '../../invoices/Document'
import type { Invoice } from '../../invoices/types'
import { Head, Shown } from '../Head'
import { monthsBack } from '../months'
import { useOrganisations } from '../organisations'
import { Unsaid } from '../setup/Unsaid'
import { Sure } from '../Sure'

/** A month of an organisation as it would be billed now, and the button that makes it final after a second look. */
export function BillPage() {
  const { t } = useTranslation()
  const { today } = useToday()
  const name = useMonth()
  const firms = useOrganisations()
  const months = monthsBack(today, 13)
  const [chosen, setChosen] = useState('')
  const [month, setMonth] = useState(months[1] ?? '')
  const of = firms.data?.items.find((o) => o.id === chosen) ?? firms.data?.items[0]
  return (
    <section aria-label={t('office.bill')}>
      <Link href="/finance/invoices" className="mb-2 inline-flex min-h-9 items-center gap-1.5 font-semibold text-brand">
        <Icon name="back" size={18} />
        {t('invoices.title')}
      </Link>
      <Head title={t('office.bill')} />
      <Shown query={firms}>
        {(list) =>
          !of ? (
            <Empty icon="people" title={t('invoices.noOrganisations')} />
          ) : (
            <>
              <div className="mb-4 grid gap-3 sm:grid-cols-2 lg:max-w-2xl">
                <Select label={t('invoices.organisation')} value={of.id} onChange={(e) => setChosen(e.target.value)}>
                  {list.items.map((o) => (
                    <option key={o.id} value={o.id}>
                      {o.name}
                    </option>
                  ))}
                </Select>
                <Select label={t('office.month')} value={month} onChange={(e) => setMonth(e.target.value)}>
                  {months.map((m, i) => (
                    <option key={m} value={m}>
                      {i === 0 ? t('invoices.running', { month: name(m) }) : name(m)}
                    </option>
                  ))}
                </Select>
              </div>
              <Preview key={of.id + month} organisation={of.id} month={month} running={month === months[0]} />
            </>
          )
        }
      </Shown>
    </section>
  )
}

function Preview({ organisation, month, running }: { organisation: string; month: string; running: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const me = useMe()
  const http = useHttp()
  const name = useMonth()
  const cache = useQueryClient()
  const [, goTo] = useLocation()
  const [asked, setAsked] = useState(false)
  const q = useQuery({
    queryKey: ['invoices', 'preview', organisation, month],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => http.get<Invoice>(`/v1/organisations/${organisation}/invoices/preview`, { query: { month }, signal }),
  })
  const go = useAction(useCallback((body: { month: string; expected: number }, key: string) => http.post<Invoice>(`/v1/organisations/${organisation}/invoices`, { body, key }), [http, organisation]))
  const seen = q.data
  const finalise = async () => {
    if (!seen) return
    const made = await go.act({ month, expected: seen.gross.amount })
    void cache.invalidateQueries({ queryKey: ['invoices'] }) // also when it was refused: what was seen is then old
    if (made?.id) goTo(`/finance/invoices/${made.id}`)
  }
  return (
    <Shown query={q}>
      {(i) => (
        <>
          {i.line_count > 0 && (
            <div className="mb-4 empty:hidden">
              <Unsaid missing={i.missing ?? []} to="/finance/setup" />
            </div>
          )}
          <Document invoice={i} />
          {can(me, 'invoice.write') && i.line_count > 0 && (
            <div className="sticky bottom-16 mt-4 flex flex-wrap items-center gap-3 rounded-card border border-edge bg-raised px-4 py-3 shadow-float sm:bottom-4">
              <p className="min-w-48 flex-1 text-sm text-muted">{running ? t('office.stillRunning') : i.missing?.length ? t('office.unsaid') : t('invoices.finaliseHint')}</p>
              <Button kind="primary" disabled={running || (i.missing?.length ?? 0) > 0} onClick={() => setAsked(true)}>
                {t('invoices.finalise')}
              </Button>
            </div>
          )}
          {asked && (
            <Sure
              title={t('office.finaliseWhat', { month: name(month) })}
              hint={t('invoices.finaliseHint')}
              act={t('invoices.finaliseSure')}
              busy={go.busy}
              error={go.error}
              onSure={() => void finalise()}
              onClose={() => setAsked(false)}
            >
              <p className="flex flex-wrap items-baseline justify-between gap-x-4">
                <bdi className="font-semibold">{i.organisation_name}</bdi>
                <bdi className="figures text-2xl font-bold">{f.exact(i.gross)}</bdi>
              </p>
            </Sure>
          )}
        </>
      )}
    </Shown>
  )
}
