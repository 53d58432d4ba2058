import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty, ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { Shown } from '../Head'
import { majorOf, minorOf } from '../../app/minor'
import type { Receivables } from '../receivables/ageing'
import type { BankLine, Pay } from './types'
import { useMatch } from './WaitingLine'

/** What is left of a line is put on open invoices by hand, so much on each. */
export function MatchSheet({ line: l, onClose }: { line: BankLine; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const match = useMatch(l)
  const [find, setFind] = useState('')
  const [typed, setTyped] = useState<Record<string, string>>({})
  const q = useQuery({ queryKey: ['receivables'], queryFn: ({ signal }) => http.get<Receivables>('/v1/receivables', { signal }) })
  const currency = l.amount.currency
  const money = (amount: number) => f.exact({ amount, currency })
  const open = (q.data?.items ?? []).flatMap((a) => (a.currency === currency ? a.invoices : [])).filter((i) => i.open.amount > 0)
  const pays: (Pay | null)[] = open.flatMap((i) => {
    const text = typed[i.id ?? '']
    if (text === undefined || text.trim() === '') return []
    const amount = minorOf(text, currency)
    return [amount === undefined || amount < 1 || amount > i.open.amount ? null : { invoice: i.id ?? '', amount }]
  })
  const sum = pays.reduce((s, p) => s + (p?.amount ?? 0), 0)
  const wrong = pays.length === 0 || pays.includes(null) || sum > l.left
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (wrong) return
    if (await match.act(pays.filter((p) => p !== null))) onClose()
  }
  const sought = find.trim().toLowerCase()
  const found = open.filter((i) => sought === '' || `${i.number} ${i.organisation_name}`.toLowerCase().includes(sought) || typed[i.id ?? ''])
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('office.chooseInvoice')} description={t('office.chooseHint', { amount: money(l.left), payer: l.payer || t('office.nobodySays') })} place="side">
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Shown query={q}>
          {() =>
            open.length === 0 ? (
              <Empty icon="list" title={t('office.nothingOwed')} />
            ) : (
              <>
                <Field label={t('office.findInvoice')} type="search" value={find} onChange={(e) => setFind(e.target.value)} />
                <ul className="divide-y divide-edge rounded-control border border-edge">
                  {found.slice(0, 40).map((i) => {
                    const text = typed[i.id ?? ''] ?? ''
                    const n = minorOf(text, currency)
                    return (
                      <li key={i.id} className="flex flex-wrap items-end gap-3 px-3 py-3">
                        <span className="min-w-0 flex-1 basis-40 self-center text-sm">
                          <bdi className="figures block font-semibold">{i.number}</bdi>
                          <bdi className="block text-muted">{i.organisation_name}</bdi>
                          <span className="block text-muted">{t('office.openPart', { amount: money(i.open.amount) })}</span>
                        </span>
                        <Field
                          className="w-36"
                          label={t('finance.amount', { currency })}
                          inputMode="decimal"
                          dir="ltr"
                          placeholder={majorOf(Math.min(i.open.amount, l.left), currency)}
                          value={text}
                          onChange={(e) => setTyped((v) => ({ ...v, [i.id ?? '']: e.target.value }))}
                          error={text.trim() !== '' && (n === undefined || n < 1 || n > i.open.amount) ? t('finance.amountWrong', { left: money(i.open.amount) }) : undefined}
                        />
                      </li>
                    )
                  })}
                </ul>
              </>
            )
          }
        </Shown>
        {sum > l.left && <p className="text-sm font-medium text-bad">{t('office.tooMuch', { left: money(l.left) })}</p>}
        {match.error !== null && <ErrorNote error={match.error} />}
        <Button kind="primary" size="lg" type="submit" busy={match.busy} disabled={wrong}>
          {t('office.accept', { amount: money(sum) })}
        </Button>
      </form>
    </Sheet>
  )
}
