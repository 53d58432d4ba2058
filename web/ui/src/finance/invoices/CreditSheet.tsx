import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useAction } from '../../app/action'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Segments } from '../../design/Segments'
import { Sheet } from '../../design/Sheet'
import { folded } from '../../i18n/fold'
import type { Invoice, Line } from '../../invoices/types'
import { majorOf, minorOf } from '../../app/minor'

type Picked = Record<string, string> // what of a line, as it was typed
type Wish = { picks?: { line: string; amount: number }[]; reason: string } // no picks: all that is left

const most = 60 // lines in sight: more are found by what they say

/** Takes a whole invoice back, or parts of its lines, and says why. */
export function CreditSheet({ invoice: i, left, onClose }: { invoice: Invoice; left: number; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const cache = useQueryClient()
  const [, goTo] = useLocation()
  const [whole, setWhole] = useState<'whole' | 'lines'>('lines')
  const [picked, setPicked] = useState<Picked>({})
  const [reason, setReason] = useState('')
  const [find, setFind] = useState('')
  const [tried, setTried] = useState(false)
  const currency = i.gross.currency
  const money = (amount: number) => f.exact({ amount, currency })
  const run = useAction(useCallback((body: Wish, key: string) => http.post<Invoice>(`/v1/invoices/${i.id}/credit`, { body, key }), [http, i.id]))
  const lines = i.lines ?? []
  const picks = lines.flatMap((l) => {
    const text = picked[l.n]
    return text === undefined ? [] : [{ line: l, amount: amountOf(l, text, currency) }]
  })
  const sum = whole === 'whole' ? left : picks.reduce((s, p) => s + (p.amount ?? 0), 0)
  const wrong = whole === 'lines' && (picks.length === 0 || picks.some((p) => p.amount === undefined))
  const sought = folded(find.trim())
  const found = lines.filter((l) => sought === '' || folded(`${l.person ?? ''} ${l.text} ${l.date} ${l.cost_centre ?? ''}`).includes(sought) || picked[l.n] !== undefined)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (wrong || reason.trim() === '') return
    const made = await run.act({ ...(whole === 'lines' && { picks: picks.map((p) => ({ line: p.line.n, amount: p.amount ?? 0 })) }), reason: reason.trim() })
    if (!made) return
    for (const k of ['invoices', 'receivables', 'credits']) void cache.invalidateQueries({ queryKey: [k] })
    onClose()
    goTo(`/finance/invoices/${made.id}`)
  }
  const toggle = (l: Line) => setPicked(({ [l.n]: was, ...rest }) => (was === undefined ? { ...rest, [l.n]: majorOf(Math.abs(l.amount), currency) } : rest))
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('office.credit')} description={t('office.creditHint', { number: i.number })} place="side">
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Segments
          legend={t('office.creditWhat')}
          value={whole}
          onChange={setWhole}
          options={[
            { value: 'lines', label: t('office.someLines') },
            { value: 'whole', label: t('office.whole') },
          ]}
        />
        {whole === 'lines' && (
          <fieldset className="flex min-w-0 flex-col gap-2">
            <legend className="sr-only">{t('office.someLines')}</legend>
            {lines.length > 8 && <Field label={t('office.findLine')} type="search" value={find} onChange={(e) => setFind(e.target.value)} />}
            <ul className="divide-y divide-edge rounded-control border border-edge">
              {found.slice(0, most).map((l) => (
                <li key={l.n} className="px-3 py-2">
                  <label className="flex min-h-11 cursor-pointer items-center gap-3">
                    <input type="checkbox" className="size-5 accent-brand" checked={picked[l.n] !== undefined} onChange={() => toggle(l)} />
                    <span className="min-w-0 flex-1 text-sm">
                      <bdi className="block font-semibold">{l.person || l.text}</bdi>
                      <span className="block text-muted">
                        {f.dayMonth(l.date)} · <bdi>{l.text}</bdi>
                      </span>
                    </span>
                    <bdi className="figures text-sm font-semibold">{money(l.amount)}</bdi>
                  </label>
                  {picked[l.n] !== undefined && (
                    <Field
                      className="mt-1"
                      label={t('finance.amount', { currency })}
                      inputMode="decimal"
                      dir="ltr"
                      value={picked[l.n] ?? ''}
                      onChange={(e) => setPicked((p) => ({ ...p, [l.n]: e.target.value }))}
                      error={amountOf(l, picked[l.n] ?? '', currency) === undefined ? t('finance.amountWrong', { left: money(Math.abs(l.amount)) }) : undefined}
                    />
                  )}
                </li>
              ))}
            </ul>
            {found.length > most && <p className="text-sm text-muted">{t('office.moreLines', { n: f.n(found.length - most) })}</p>}
            {tried && picks.length === 0 && <p className="text-sm font-medium text-bad">{t('office.pickLine')}</p>}
          </fieldset>
        )}
        <Field label={t('finance.why')} maxLength={120} value={reason} onChange={(e) => setReason(e.target.value)} error={tried && reason.trim() === '' ? t('finance.whyMissing') : undefined} required />
        {whole === 'lines' && i.prices === 'net' && <p className="text-sm text-muted">{t('office.netSum')}</p>}
        {run.error !== null && <ErrorNote error={run.error} />}
        <Button kind="primary" size="lg" type="submit" busy={run.busy}>
          {wrong ? t('office.credit') : t('office.creditSubmit', { amount: money(sum) })}
        </Button>
      </form>
    </Sheet>
  )
}

/** With the line's own sign; undefined where it is none of this currency, nothing, or more than the line. */
function amountOf(l: Line, text: string, currency: string): number | undefined {
  const n = minorOf(text, currency)
  return n === undefined || n < 1 || n > Math.abs(l.amount) ? undefined : n * Math.sign(l.amount)
}
