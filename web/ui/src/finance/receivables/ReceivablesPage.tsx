import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useAction } from '../../app/action'
import { can, useFormats, useHttp, useMe } from '../../app/context'
import { Button, IconButton } from '../../design/Button'
import { cx } from '../../design/cx'
import { Empty, ErrorNote } from '../../design/feedback'
import { daysBetween } from '../../i18n/format'
import { Head, Shown } from '../Head'
import { every } from '../Page'
import { cell, figure, Table } from '../Table'
import { buckets, totals, type Aged, type Receivables } from './ageing'

/** What organisations owe, by the days that it is late. */
export default function ReceivablesPage() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const q = useQuery({ queryKey: ['receivables'], refetchInterval: 4 * every, queryFn: ({ signal }) => http.get<Receivables>('/v1/receivables', { signal }) })
  const remind = useAction(useCallback((_: { day: string }, key: string) => http.post<{ reminders: number }>('/v1/receivables/reminders', { key }), [http]))
  const [wrote, setWrote] = useState<number | null>(null)
  const go = async () => {
    const done = await remind.act({ day: q.data?.today ?? '' })
    if (done) setWrote(done.reminders)
  }
  return (
    <section aria-label={t('office.receivables')}>
      <Head title={t('office.receivables')} query={q} each={4 * every}>
        {can(me, 'invoice.write') && (
          <Button icon="clock" busy={remind.busy} onClick={() => void go()}>
            {t('office.remind')}
          </Button>
        )}
      </Head>
      {remind.error !== null && <ErrorNote className="mb-3" error={remind.error} />}
      <p role="status" className="mb-3 text-sm text-muted empty:hidden">
        {wrote !== null && t('office.reminded', { count: wrote, n: f.n(wrote) })}
      </p>
      <Shown query={q}>
        {(r) =>
          r.items.length === 0 ? (
            <Empty icon="check" title={t('office.nothingOwed')} />
          ) : (
            <Table
              label={t('office.receivables')}
              columns={[
                { name: t('invoices.organisation') },
                ...buckets.map((b) => ({ name: t(`office.bucket.${b}`), end: true, wide: true })),
                { name: t('office.total'), end: true },
              ]}
              foot={totals(r.items).map((s) => (
                <tr key={s.currency} className="border-t border-edge">
                  <th scope="row" className={cx(cell, 'text-start')}>
                    {t('office.total')} {s.currency}
                  </th>
                  {buckets.map((b) => (
                    <td key={b} className={cx(figure, 'max-md:hidden')}>
                      <Sum n={s[b]} currency={s.currency} />
                    </td>
                  ))}
                  <td className={figure}>
                    <Sum n={s.total} currency={s.currency} />
                  </td>
                </tr>
              ))}
            >
              {r.items.map((a) => (
                <Firm key={a.organisation + a.currency} aged={a} today={r.today} />
              ))}
            </Table>
          )
        }
      </Shown>
    </section>
  )
}

function Sum({ n, currency }: { n: number; currency: string }) {
  const f = useFormats()
  return n === 0 ? <span className="text-muted">–</span> : <bdi>{f.exact({ amount: n, currency })}</bdi>
}

/** One organisation's row, and under it the invoices that it is made of. */
function Firm({ aged: a, today }: { aged: Aged; today: string }) {
  const { t } = useTranslation()
  const f = useFormats()
  const [open, setOpen] = useState(false)
  const late = a.total - a.not_due
  return (
    <>
      <tr className={cx('border-b border-edge', open ? 'bg-sunken' : 'last:border-b-0')} data-testid="firm">
        <th scope="row" className={cx(cell, 'text-start font-semibold')}>
          <span className="flex items-center gap-1">
            <IconButton
              size="sm"
              icon={open ? 'minus' : 'plus'}
              aria-expanded={open}
              label={t(open ? 'office.hideInvoices' : 'office.showInvoices', { name: a.name })}
              onClick={() => setOpen(!open)}
            />
            <bdi>{a.name}</bdi>
          </span>
          {a.credit > 0 && (
            <Link href="/finance/credits" className="block ps-9 text-sm text-brand underline">
              {t('invoices.credit')} <bdi className="figures">{f.exact({ amount: a.credit, currency: a.currency })}</bdi>
            </Link>
          )}
          {late > 0 && <span className="block ps-9 text-sm font-semibold text-held md:hidden">{t('office.late', { amount: f.exact({ amount: late, currency: a.currency }) })}</span>}
        </th>
        {buckets.map((b) => (
          <td key={b} className={cx(figure, 'max-md:hidden', b !== 'not_due' && a[b] > 0 && 'font-semibold text-held', b === 'older' && a[b] > 0 && 'text-bad')}>
            <Sum n={a[b]} currency={a.currency} />
          </td>
        ))}
        <td className={cx(figure, 'font-semibold')}>
          <Sum n={a.total} currency={a.currency} />
        </td>
      </tr>
      {open && (
        <tr className="border-b border-edge last:border-b-0">
          <td colSpan={buckets.length + 2} className="p-0">
            <ul className="divide-y divide-edge">
              {a.invoices.map((i) => {
                const days = daysBetween(i.due, today)
                return (
                  <li key={i.id}>
                    <Link href={`/finance/invoices/${i.id}`} className="grid grid-cols-[1fr_auto] items-center gap-x-4 px-4 py-2 ps-12 hover:bg-sunken focus-visible:-outline-offset-2 sm:grid-cols-[10rem_1fr_auto]">
                      <bdi className="figures font-semibold text-brand">{i.number}</bdi>
                      <span className={cx('text-sm max-sm:order-3', days > 0 ? 'font-semibold text-held' : 'text-muted')}>
                        {days > 0 ? t('office.daysLate', { count: days, n: f.n(days) }) : t('invoices.due', { date: f.dayMonth(i.due) })}
                      </span>
                      <bdi className="figures text-end">{f.exact(i.open)}</bdi>
                    </Link>
                  </li>
                )
              })}
            </ul>
            {a.invoices.length < a.invoice_count && <p className="px-4 py-2 ps-12 text-sm text-muted">{t('office.someInvoices', { n: f.n(a.invoices.length), all: f.n(a.invoice_count) })}</p>}
          </td>
        </tr>
      )}
    </>
  )
}
