import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats, useHttp } from '../../app/context'
import { Button } from '../../design/Button'
import { Empty, ErrorNote } from '../../design/feedback'
import { Segments } from '../../design/Segments'
import { Sheet } from '../../design/Sheet'
import type { Pay } from '../bank/types'
import { Shown } from '../Head'
import type { Receivables } from '../receivables/ageing'
import { PickInvoices, usePicks } from '../receivables/PickInvoices'
import { useCredit, type Credit } from './credits'

/** Lets credit pay the organisation's own invoices: the oldest due, or so much of each that is picked. */
export function ApplySheet({ credit: c, onClose }: { credit: Credit; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const apply = useCredit<{ currency: string; pays?: Pay[] }>(`/v1/organisations/${c.organisation}/credits/apply`)
  const q = useQuery({ queryKey: ['receivables'], queryFn: ({ signal }) => http.get<Receivables>('/v1/receivables', { signal }) })
  const { currency } = c.amount
  const [how, setHow] = useState<'oldest' | 'picked'>('oldest')
  const picks = usePicks(c.amount)
  const owes = q.data?.items.find((a) => a.organisation === c.organisation && a.currency === currency)
  const sum = how === 'oldest' ? Math.min(c.amount.amount, Math.max(owes?.total ?? 0, 0)) : picks.sum
  const wrong = how === 'picked' && picks.wrong
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (wrong) return
    if (await apply.act(how === 'oldest' ? { currency } : { currency, pays: picks.pays })) onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('credits.apply')} description={t('credits.applyHint', { name: c.name, amount: f.exact(c.amount) })} place="side">
      <form className="flex flex-col gap-4" noValidate onSubmit={(e) => void submit(e)}>
        <Shown query={q}>
          {() =>
            !owes?.invoices.some((i) => i.open.amount > 0) ? (
              <Empty icon="check" title={t('credits.nothingOpen')} />
            ) : (
              <>
                <Segments legend={t('credits.how')} value={how} onChange={setHow} options={(['oldest', 'picked'] as const).map((h) => ({ value: h, label: t(`credits.${h}`) }))} />
                {how === 'picked' && <PickInvoices picks={picks} organisation={c.organisation} none={t('credits.nothingOpen')} />}
                {how === 'picked' && picks.tooMuch && <p className="text-sm font-medium text-bad">{t('credits.amountWrong', { left: f.exact(c.amount) })}</p>}
                {apply.error !== null && <ErrorNote error={apply.error} />}
                <Button kind="primary" size="lg" type="submit" busy={apply.busy} disabled={wrong}>
                  {t('credits.applySubmit', { amount: f.exact({ amount: sum, currency }) })}
                </Button>
              </>
            )
          }
        </Shown>
      </form>
    </Sheet>
  )
}
