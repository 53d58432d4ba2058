import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { cx } from '../../design/cx'
import { Chip, ErrorNote } from '../../design/feedback'
import { Field, Select } from '../../design/Field'
import { CsvField, type Csv } from '../CsvField'
import { cell, figure, Table } from '../Table'
import { signs, type Imported, type Order, type Read, type ReadLine, type Sign } from './types'

type Wish = Csv & { account: string; dates?: Order; decimal?: Sign }
const orders: readonly Order[] = ['dmy', 'mdy', 'ymd']

/** A statement is read and shown with what each line may pay; only then is it taken in, as it was shown. */
export function ImportCard() {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [file, setFile] = useState<Csv>({ name: 'statement.csv', csv: '' })
  const [account, setAccount] = useState('main')
  const [dates, setDates] = useState<Order | ''>('')
  const [decimal, setDecimal] = useState<Sign | ''>('')
  const [kept, keep] = useState<{ body: Wish; r: Read } | null>(null)
  const [done, setDone] = useState<Imported | null>(null)
  const read = useAction(useCallback((body: Wish, key: string) => http.post<Read>('/v1/bank/previews', { body, key, timeoutMs: 60_000 }), [http]))
  const take = useAction(useCallback((body: Wish, key: string) => http.post<Imported>('/v1/bank/imports', { body, key, timeoutMs: 60_000 }), [http]))
  const body: Wish = { ...file, account, ...(dates && { dates }), ...(decimal && { decimal }) }
  const seen = kept && kept.body.csv === body.csv && kept.body.account === body.account && kept.body.dates === body.dates && kept.body.decimal === body.decimal ? kept : null // what was read of other text, or for another account, is not what would be taken in
  const shown = seen?.r
  const change = (v: Csv) => {
    setFile(v)
    setDone(null)
  }
  const look = async () => {
    take.clear()
    keep(null)
    setDone(null)
    const r = await read.act(body)
    if (r) keep({ body, r })
  }
  const go = async () => {
    if (!seen) return
    const r = await take.act(seen.body)
    if (!r) return
    setDone(r)
    keep(null)
    setFile((now) => (now.csv === seen.body.csv ? { name: 'statement.csv', csv: '' } : now))
    for (const key of ['bank', 'invoices', 'receivables']) void cache.invalidateQueries({ queryKey: [key] })
  }
  const wrong = !/^[a-z][a-z0-9-]{0,39}$/.test(account)
  return (
    <section aria-label={t('office.importStatement')} className="mb-6 flex flex-col gap-4 rounded-card border border-edge bg-surface p-4">
      <CsvField value={file} columns="date, amount, currency, payer, text, reference" onChange={change} />
      <div className="flex flex-wrap items-end gap-3">
        <Field className="w-full sm:w-56" label={t('office.bankAccount')} dir="ltr" value={account} onChange={(e) => setAccount(e.target.value)} error={wrong ? t('office.bankAccountWrong') : undefined} />
        <Select label={t('bankDesk.dates')} className="w-full sm:w-44" value={dates} onChange={(e) => setDates(e.target.value as Order | '')}>
          <option value="">{t('bankDesk.tells')}</option>
          {orders.map((o) => (
            <option key={o} value={o}>
              {t(`bankDesk.order.${o}`)}
            </option>
          ))}
        </Select>
        <Select label={t('bankDesk.decimal')} className="w-full sm:w-44" value={decimal} onChange={(e) => setDecimal(e.target.value as Sign | '')}>
          <option value="">{t('bankDesk.tells')}</option>
          {signs.map((o) => (
            <option key={o} value={o}>
              {t(`bankDesk.sign.${o}`)}
            </option>
          ))}
        </Select>
        <Button icon="eye" className="min-h-12" busy={read.busy} disabled={file.csv.trim() === '' || wrong} onClick={() => void look()}>
          {t('office.look')}
        </Button>
      </div>
      {read.error !== null && <ErrorNote error={read.error} />}
      {shown && (
        <>
          <p role="status">
            {t('office.read', { lines: f.n(shown.lines), fresh: f.n(shown.fresh), certain: f.n(shown.certain), skipped: f.n(shown.skipped) })}
          </p>
          {shown.from && shown.to && (
            <p className="text-sm text-muted">
              {t('bankDesk.understood', { order: t(`bankDesk.order.${shown.dates}`), from: f.fullDate(shown.from), to: f.fullDate(shown.to), sign: t(`bankDesk.sign.${shown.decimal}`) })}
            </p>
          )}
          <Table
            label={t('office.statement')}
            columns={[{ name: t('office.day') }, { name: t('finance.payer') }, { name: t('office.amountOf'), end: true }, { name: t('office.pays'), wide: true }]}
          >
            {shown.items.map((l, n) => (
              <tr key={n} className={cx('border-b border-edge last:border-b-0', l.known && 'text-muted')}>
                <td className={cx(cell, 'whitespace-nowrap')}>{f.dayMonth(l.booked)}</td>
                <td className={cell}>
                  <bdi className="block font-semibold">{l.payer || '–'}</bdi>
                  <bdi className="block max-w-80 break-words text-muted">{l.text}</bdi>
                  <span className="mt-1 block md:hidden">
                    <Fate line={l} />
                  </span>
                </td>
                <td className={figure}>
                  <bdi>{f.exact(l.amount)}</bdi>
                </td>
                <td className={cx(cell, 'max-md:hidden')}>
                  <Fate line={l} />
                </td>
              </tr>
            ))}
          </Table>
          {shown.items.length < shown.lines && <p className="text-sm text-muted">{t('office.firstLines', { n: f.n(shown.items.length) })}</p>}
          {take.error !== null && <ErrorNote error={take.error} />}
          <Button kind="primary" size="lg" className="self-start" busy={take.busy} disabled={shown.fresh === 0} onClick={() => void go()}>
            {shown.fresh === 0 ? t('office.allKnown') : t('office.take', { count: shown.fresh, n: f.n(shown.fresh) })}
          </Button>
        </>
      )}
      {done && (
        <p role="status" className="font-semibold text-good">
          {t('office.taken', { fresh: f.n(done.fresh), matched: f.n(done.matched) })}
        </p>
      )}
    </section>
  )
}

/** What an import would make of a line. */
function Fate({ line: l }: { line: ReadLine }) {
  const { t } = useTranslation()
  if (l.known) return <Chip>{t('office.known')}</Chip>
  const likely = l.matches[0]
  if (!likely) return <Chip>{t('office.noMatch')}</Chip>
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Chip tone={l.certain ? 'good' : 'held'}>{t(l.certain ? 'office.certain' : 'office.maybe')}</Chip>
      <bdi className="figures">{likely.pays.map((p) => p.number).join(', ')}</bdi>
    </span>
  )
}
