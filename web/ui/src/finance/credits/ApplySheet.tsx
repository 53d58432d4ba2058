import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats, useHttp } from '../../app/context'
import { majorOf, minorOf } from '../../app/minor'
import { Button } from '../../design/Button'
import { Empty, ErrorNote } from '../../design/feedback'
import { Field } from '../../design/Field'
import { Segments } from '../../design/Segments'
import { Sheet } from '../../design/Sheet'
import type { Pay } from '../bank/types'
import { Shown } from '../Head'
import type { Receivables } from '../receivables/ageing'
import { useCredit, type Credit } from './credits'

/** Lets credit pay the organisation's own invoices: the oldest due, or so much of each that is picked. */
export function ApplySheet({ credit: c, onClose }: { credit: Credit; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const apply = useCredit<{ currency: string; pays?: Pay[] }>(`/v1/organisations/${c.organisation}/credits/apply`)
  const q = useQuery({ queryKey: ['receivables'], queryFn: ({ signal }) => http.get<Receivables>('/v1/receivables', { signal }) })
  const [how, setHow] = useState<'oldest' | 'picked'>('oldest')
  const [typed, setTyped] = useState<Record<string, string>>({})
  const currency = c.amount.currency
  const money = (amount: number) => f.exact({ amount, currency })
  const owes = q.data?.items.find((a) => a.organisation === c.organisation && a.currency === currency)
  const open = (owes?.invoices ?? []).filter((i) => i.open.amount > 0)
  const pays = open.flatMap((i) => {
    const text = typed[i.id ?? ''] ?? ''
    if (text.trim() === '') return []
    const amount = minorOf(text, currency) ?? 0
    return [{ invoice: i.id ?? '', amount, fits: amount > 0 && amount <= i.open.amount }]
  })
  const picked = pays.reduce((s, p) => s + p.amount, 0)
  const sum = how === 'oldest' ? Math.min(c.amount.amount, Math.max(owes?.total ?? 0, 0)) : picked
  const wrong = how === 'picked' && (pays.length === 0 || pays.some((p) => !p.fits) || picked > c.amount.amount)
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (wrong) return
    if (await apply.act(how === 'oldest' ? { currency } : { currency, pays: pays.map(({ invoice, amount }) => ({ invoice, amount })) })) onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('credits.apply')} description={t('credits.applyHint', { name: c.name, amount: f.exact(c.amount) })} place="side">
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Shown query={q}>
          {() =>
            open.length === 0 ? (
              <Empty icon="check" title={t('credits.nothingOpen')} />
            ) : (
              <>
                <Segments legend={t('credits.how')} value={how} onChange={setHow} options={(['oldest', 'picked'] as const).map((h) => ({ value: h, label: t(`credits.${h}`) }))} />
                {how === 'picked' && (
                  <ul className="divide-y divide-edge rounded-control border border-edge">
                    {open.map((i) => {
                      const pay = pays.find((p) => p.invoice === i.id)
                      return (
                        <li key={i.id} className="flex flex-wrap items-end gap-3 px-3 py-3">
                          <span className="min-w-0 flex-1 basis-40 self-center text-sm">
                            <bdi className="figures block font-semibold">{i.number}</bdi>
                            <span className="block text-muted">{t('office.openPart', { amount: f.exact(i.open) })}</span>
                          </span>
                          <Field
                            className="w-36"
                            label={t('finance.amount', { currency })}
                            inputMode="decimal"
                            dir="ltr"
                            placeholder={majorOf(Math.min(i.open.amount, c.amount.amount), currency)}
                            value={typed[i.id ?? ''] ?? ''}
                            onChange={(e) => setTyped((v) => ({ ...v, [i.id ?? '']: e.target.value }))}
                            error={pay && !pay.fits ? t('finance.amountWrong', { left: f.exact(i.open) }) : undefined}
                          />
                        </li>
                      )
                    })}
                  </ul>
                )}
                {picked > c.amount.amount && <p className="text-sm font-medium text-bad">{t('credits.amountWrong', { left: f.exact(c.amount) })}</p>}
                {apply.error !== null && <ErrorNote error={apply.error} />}
                <Button kind="primary" size="lg" type="submit" busy={apply.busy} disabled={wrong}>
                  {t('credits.applySubmit', { amount: money(sum) })}
                </Button>
              </>
            )
          }
        </Shown>
      </form>
    </Sheet>
  )
}
