import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Money } from '../../api/types'
import { useAction } from '../../app/action'
import { useHttp, useMe } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field, Select } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { minorOf } from '../../app/minor'
import type { Payout, Rail } from './payouts'

const currencies = ['AED', 'MAD', 'EUR', 'USD', 'SAR', 'KES', 'XOF', 'TND', 'KWD']

export function NewPayout({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const http = useHttp()
  const cache = useQueryClient()
  const [, go] = useLocation()
  const [rail, setRail] = useState<Rail>('bank-file')
  const [currency, setCurrency] = useState(me.tenant.currency)
  const [least, setLeast] = useState('100')
  const minor = minorOf(least, currency) || undefined // nothing is no minimum
  const make = useAction(useCallback((v: { rail: Rail; minimum: Money }, key: string) => http.post<Payout>('/v1/payouts', { body: v, key }), [http]))
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (minor === undefined) return
    const made = await make.act({ rail, minimum: { amount: minor, currency } })
    if (!made) return
    void cache.invalidateQueries({ queryKey: ['payouts'] })
    go(`/finance/payouts/${made.id}`)
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('payouts.make')} description={t('payouts.makeHint')}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)}>
        <Select label={t('payouts.over')} value={rail} onChange={(e) => setRail(e.target.value as Rail)}>
          <option value="bank-file">{t('payouts.rail.bank-file')}</option>
          <option value="connect">{t('payouts.rail.connect')}</option>
        </Select>
        <Select label={t('payouts.currency')} value={currency} onChange={(e) => setCurrency(e.target.value)}>
          {[...new Set([me.tenant.currency, ...currencies])].map((c) => (
            <option key={c} value={c}>
              {c}
            </option>
          ))}
        </Select>
        <Field
          label={t('payouts.minimum')}
          hint={t('payouts.minimumHint')}
          inputMode="decimal"
          dir="ltr"
          value={least}
          onChange={(e) => setLeast(e.target.value)}
          error={minor === undefined ? t('payouts.minimumWrong') : undefined}
          required
        />
        {make.error !== null && <ErrorNote error={make.error} />}
        <Button type="submit" kind="primary" size="lg" busy={make.busy} disabled={minor === undefined}>
          {t('payouts.makeSubmit')}
        </Button>
      </form>
    </Sheet>
  )
}
