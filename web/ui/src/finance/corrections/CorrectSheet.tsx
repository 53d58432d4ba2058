import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useAction } from '../../app/action'
import { useFormats, useHttp, useMe } from '../../app/context'
import { minorOf } from '../../app/minor'
import type { Page } from '../../api/types'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field, Select } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import type { Book, Finding } from '../types'
import { answers, movable, type Answer, type Correction, type Entry } from './corrections'

type Row = { account: string; debit: boolean; amount: string }
type Wish = { reason: string; currency: string; answers?: Answer; happened?: string; entries: Entry[] }

/** Prepares a journal that corrects a finding; somebody else approves it. */
export function CorrectSheet({ finding: x, onClose }: { finding: Finding; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const me = useMe()
  const cache = useQueryClient()
  const [, go] = useLocation()
  const id = useId()
  const [currency, setCurrency] = useState(me.tenant.currency)
  const [rows, setRows] = useState<Row[]>([
    { account: '', debit: true, amount: '' },
    { account: '', debit: false, amount: '' },
  ])
  const [answer, setAnswer] = useState<Answer | ''>('')
  const [day, setDay] = useState('')
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const books = useQuery({ queryKey: ['finance', 'accounts', 'movable'], queryFn: ({ signal }) => http.get<Page<Book>>('/v1/finance/accounts', { query: { limit: 100 }, signal }) })
  const known = [...new Set((books.data?.items ?? []).filter((b) => movable.includes(b.kind)).map((b) => b.code))]
  const run = useAction(useCallback((body: Wish, key: string) => http.post<Correction>(`/v1/finance/findings/${x.id}/corrections`, { body, key }), [http, x.id]))
  const change = (n: number, part: Partial<Row>) => setRows(rows.map((r, i) => (i === n ? { ...r, ...part } : r)))
  const used = rows.filter((r) => r.account.trim() !== '' || r.amount.trim() !== '')
  const sum = (debit: boolean) => used.reduce((s, r) => s + (r.debit === debit ? (minorOf(r.amount, currency) ?? 0) : 0), 0)
  const names = used.map((r) => r.account.trim())
  const wrong = used.length < 2 || used.some((r) => r.account.trim() === '' || !minorOf(r.amount, currency)) || sum(true) !== sum(false) || new Set(names).size !== names.length
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (wrong || reason.trim() === '') return
    const entries = used.map((r) => ({ account: r.account.trim(), debit: r.debit, amount: minorOf(r.amount, currency) ?? 0 }))
    const made = await run.act({ reason: reason.trim(), currency, ...(answer && { answers: answer }), ...(day && { happened: day }), entries })
    if (!made) return
    void cache.invalidateQueries({ queryKey: ['finance'] })
    onClose()
    go('/finance/corrections')
  }
  const money = (amount: number) => f.money({ amount, currency })
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('corrections.prepare')} description={t('corrections.prepareHint')} place="side">
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <datalist id={id}>
          {known.map((code) => (
            <option key={code} value={code} />
          ))}
        </datalist>
        <Select label={t('corrections.currency')} value={currency} onChange={(e) => setCurrency(e.target.value)}>
          {[...new Set([me.tenant.currency, ...(books.data?.items ?? []).map((b) => b.currency)])].map((c) => (
            <option key={c}>{c}</option>
          ))}
        </Select>
        {rows.map((r, i) => (
          <div key={i} className="grid grid-cols-[6.5rem_minmax(0,1fr)] items-end gap-2 border-b border-edge pb-3 sm:grid-cols-[6.5rem_minmax(0,1fr)_8rem]">
            <Select label={t('corrections.side', { n: f.n(i + 1) })} value={r.debit ? 'debit' : 'credit'} onChange={(e) => change(i, { debit: e.target.value === 'debit' })}>
              <option value="debit">{t('corrections.debit')}</option>
              <option value="credit">{t('corrections.credit')}</option>
            </Select>
            <Field label={t('corrections.account', { n: f.n(i + 1) })} dir="ltr" list={id} autoComplete="off" spellCheck={false} placeholder="fees:stripe" value={r.account} onChange={(e) => change(i, { account: e.target.value })} />
            <Field className="max-sm:col-span-2" label={t('corrections.amount', { n: f.n(i + 1) })} dir="ltr" inputMode="decimal" value={r.amount} onChange={(e) => change(i, { amount: e.target.value })} />
          </div>
        ))}
        {rows.length < 20 && (
          <Button size="sm" kind="plain" icon="plus" className="min-h-11 self-start text-brand sm:min-h-9" onClick={() => setRows([...rows, { account: '', debit: false, amount: '' }])}>
            {t('corrections.addEntry')}
          </Button>
        )}
        {tried && wrong && (
          <p role="alert" className="text-sm font-medium text-bad">
            {t('corrections.unbalanced', { debit: money(sum(true)), credit: money(sum(false)) })}
          </p>
        )}
        <Select label={t('corrections.answers')} value={answer} onChange={(e) => setAnswer(e.target.value as Answer | '')}>
          <option value="">{t('corrections.answer.none')}</option>
          {answers.map((a) => (
            <option key={a} value={a}>
              {t(`corrections.answer.${a}`)}
            </option>
          ))}
        </Select>
        <Field label={t('corrections.happened')} type="date" value={day} onChange={(e) => setDay(e.target.value)} />
        <Field label={t('finance.why')} maxLength={250} value={reason} onChange={(e) => setReason(e.target.value)} error={tried && reason.trim() === '' ? t('finance.whyMissing') : undefined} required />
        {run.error !== null && <ErrorNote error={run.error} />}
        <Button kind="primary" size="lg" type="submit" busy={run.busy}>
          {t('corrections.submit')}
        </Button>
      </form>
    </Sheet>
  )
}
