import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Chip, Empty, ErrorNote } from '../design/feedback'
import { save, type Invoice, type Line, type Saved } from './types'

const tone = { draft: 'neutral', finalised: 'neutral', partly_paid: 'held', overdue: 'held', paid: 'good', credited: 'neutral' } as const

/** Where an invoice stands, in words. */
export function State({ invoice: i }: { invoice: Invoice }) {
  const { t } = useTranslation()
  return <Chip tone={tone[i.state]}>{t(i.kind === 'credit_note' ? 'invoices.creditNote' : `invoices.state.${i.state}`)}</Chip>
}

/** A month as people say it. */
export function useMonth() {
  const f = useFormats()
  return (month: string) => new Intl.DateTimeFormat(f.tag, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`))
}

/** One document, or a preview: its sums, and each of its lines under its cost centre. What may be done with it, and with a line, its reader says. */
export function Document({ invoice: i, actions, ofLine, noteHref }: { invoice: Invoice; actions?: ReactNode; ofLine?: (l: Line) => ReactNode; noteHref?: (id: string) => string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const month = useMonth()
  const [failed, setFailed] = useState<unknown>(null)
  const [busy, setBusy] = useState('')
  const money = (amount: number) => f.exact({ amount, currency: i.gross.currency })
  const download = async (format: 'pdf' | 'csv_excel') => {
    setFailed(null)
    setBusy(format)
    try {
      save(await http.get<Saved>(`/v1/invoices/${i.id}/file`, { query: { format }, timeoutMs: 60_000 }))
    } catch (e) {
      setFailed(e)
    }
    setBusy('')
  }
  const centres = new Map<string, Line[]>()
  for (const l of i.lines ?? []) centres.set(l.cost_centre ?? '', [...(centres.get(l.cost_centre ?? '') ?? []), l])
  return (
    <article className="flex flex-col gap-4" data-testid="invoice">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="text-xl font-bold">
          <bdi>{i.number || month(i.month)}</bdi>
        </h2>
        <State invoice={i} />
        {i.id && (
          <span className="flex flex-wrap gap-2 sm:ms-auto">
            {actions}
            <Button busy={busy === 'pdf'} onClick={() => void download('pdf')}>
              PDF
            </Button>
            <Button busy={busy === 'csv_excel'} onClick={() => void download('csv_excel')}>
              CSV
            </Button>
          </span>
        )}
      </div>
      {failed !== null && <ErrorNote error={failed} />}
      <p className="text-sm text-muted">
        <bdi className="[overflow-wrap:anywhere]">{i.organisation_name}</bdi> · {i.id ? t('invoices.due', { date: f.dayMonth(i.due) }) : t('invoices.previewHint')}
        {(i.part > 1 || i.more) && <> · {t('invoices.part', { n: i.part })}</>}
        {i.po && (
          <>
            {' '}
            · {t('invoices.po')} <bdi>{i.po}</bdi>
          </>
        )}
      </p>
      <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-1 rounded-card border border-edge bg-surface px-4 py-3">
        <dt className="text-muted">{t('invoices.net')}</dt>
        <dd className="figures text-end">{f.exact(i.net)}</dd>
        {i.taxes.map((x) => (
          <div key={x.code} className="contents">
            <dt className="text-muted">{t('invoices.taxAt', { rate: f.n(x.rate / 100) })}</dt>
            <dd className="figures text-end">{money(x.tax)}</dd>
          </div>
        ))}
        <dt className="font-semibold">{t('invoices.gross')}</dt>
        <dd className="figures text-end font-semibold" data-testid="gross">
          {f.exact(i.gross)}
        </dd>
        {i.from_credit !== undefined && (
          <>
            <dt className="text-muted">{t(i.from_credit > 0 ? 'invoices.gotCredit' : 'invoices.gaveCredit')}</dt>
            <dd className="figures text-end">{money(Math.abs(i.from_credit))}</dd>
          </>
        )}
        {i.id && i.open.amount !== i.gross.amount && (
          <>
            <dt className="text-muted">{t('invoices.open')}</dt>
            <dd className="figures text-end">{f.exact(i.open)}</dd>
          </>
        )}
      </dl>
      {i.reason && <p className="[overflow-wrap:anywhere]">{t('finance.decidedBy', { reason: i.reason })}</p>}
      <Paid invoice={i} noteHref={noteHref} />
      {i.more && <p className="text-sm">{t('invoices.moreLines')}</p>}
      {i.line_count === 0 && <Empty icon="list" title={t('invoices.noLines')} />}
      {[...centres].map(([centre, lines]) => (
        <section key={centre} aria-label={centre || t('invoices.noCentre')}>
          <h3 className="mb-2 flex justify-between gap-4 font-semibold">
            <bdi>{centre || t('invoices.noCentre')}</bdi>
            <span className="figures">{money(lines.reduce((sum, l) => sum + l.amount, 0))}</span>
          </h3>
          <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
            {lines.map((l) => (
              <li key={l.n} data-testid="line" className="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-4 py-3">
                <div className="min-w-48 flex-1">
                  <p className="font-semibold">
                    <bdi className="[overflow-wrap:anywhere]">{l.person || l.text}</bdi>
                  </p>
                  <p className="text-sm text-muted">
                    {f.dayMonth(l.date)} · <bdi>{l.text}</bdi>
                  </p>
                </div>
                <span className="figures font-semibold">{money(l.amount)}</span>
                {ofLine?.(l)}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </article>
  )
}

/** What became of it: the money that paid it, the notes that took something back. */
function Paid({ invoice: i, noteHref }: { invoice: Invoice; noteHref: ((id: string) => string) | undefined }) {
  const { t } = useTranslation()
  const f = useFormats()
  const row = 'flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5 text-sm'
  if (!i.receipts?.length && !i.credit_notes?.length) return null
  return (
    <section aria-label={t('invoices.since')}>
      <h3 className="mb-2 font-semibold">{t('invoices.since')}</h3>
      <ul className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
        {i.receipts?.map((r, n) => (
          <li key={n} className={row}>
            <span className="w-28 text-muted">{f.dayMonth(r.booked)}</span>
            <span className="min-w-40 flex-1">
              {t('invoices.paidBy')} <bdi>{r.payer}</bdi>
              {r.text && <bdi className="block break-words text-muted">{r.text}</bdi>}
            </span>
            <bdi className="figures font-semibold">{f.exact(r.amount)}</bdi>
          </li>
        ))}
        {i.credit_notes?.map((c) => (
          <li key={c.id} className={row}>
            <span className="w-28 text-muted">{f.dayMonth(c.issued)}</span>
            <span className="min-w-40 flex-1">
              {t('invoices.creditNote')}{' '}
              {noteHref && c.id ? (
                <Link href={noteHref(c.id)} className="text-brand underline">
                  <bdi className="figures">{c.number}</bdi>
                </Link>
              ) : (
                <bdi className="figures">{c.number}</bdi>
              )}
            </span>
            <bdi className="figures font-semibold">{f.exact(c.gross)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  )
}
