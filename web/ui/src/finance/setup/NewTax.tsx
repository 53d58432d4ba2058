import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../app/action'
import { useHttp, useToday } from '../../app/context'
import { Button } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field, Select } from '../../design/Field'
import { Sheet } from '../../design/Sheet'
import { addDays } from '../../i18n/format'
import { useDay } from './Taxes'
import { hundredths, supplies, treatments, type Supply, type Tax, type Treatment } from './tax'

/** A tax from a day on. Rows are never taken back, so it is said in words before it is added. */
export function NewTax({ country: begin, onClose }: { country: string; onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const cache = useQueryClient()
  const { today } = useToday()
  const day = useDay()
  const [country, setCountry] = useState(begin)
  const [supply, setSupply] = useState<Supply>('urban_passenger_transport')
  const [treatment, setTreatment] = useState<Treatment>('taxed')
  const [rate, setRate] = useState('')
  const [code, setCode] = useState('')
  const [law, setLaw] = useState('')
  const [from, setFrom] = useState(() => addDays(today, 1))
  const [tried, setTried] = useState(false)
  const [sure, setSure] = useState(false)
  const run = useAction(
    useCallback(
      async (body: Tax, key: string) => {
        await http.post<void>('/v1/taxes', { body, key })
        for (const k of ['taxes', 'invoices']) void cache.invalidateQueries({ queryKey: [k] })
        return true
      },
      [http, cache],
    ),
  )
  const n = treatment === 'taxed' ? hundredths(rate) : 0
  const wrong = {
    country: !/^[A-Z]{2}$/.test(country),
    rate: n === undefined || (treatment === 'taxed' && n === 0),
    code: !/^[A-Za-z0-9][A-Za-z0-9-]{0,19}$/.test(code),
    from: from === '',
  }
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (Object.values(wrong).some(Boolean)) return
    if (!sure) return setSure(true)
    const done = await run.act({ country, supply, from, code, rate: n ?? 0, treatment, ...(law.trim() ? { law: law.trim() } : {}) })
    if (done) onClose()
    else setSure(false)
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('office.taxAdd')} description={t('office.taxAddHint')} place="side">
      <form className="flex flex-col gap-4" noValidate onChange={() => setSure(false)} onSubmit={(e) => void submit(e)}>
        <Field label={t('office.country')} dir="ltr" maxLength={2} value={country} onChange={(e) => setCountry(e.target.value.toUpperCase())} error={tried && wrong.country ? t('office.countryWrong') : undefined} required />
        <Select label={t('office.supply')} value={supply} onChange={(e) => setSupply(e.target.value as Supply)}>
          {supplies.map((s) => (
            <option key={s} value={s}>
              {t(`office.supplyOf.${s}`)}
            </option>
          ))}
        </Select>
        <Select label={t('office.treated')} value={treatment} onChange={(e) => setTreatment(e.target.value as Treatment)}>
          {treatments.map((x) => (
            <option key={x} value={x}>
              {t(`office.treatment.${x}`)}
            </option>
          ))}
        </Select>
        {treatment === 'taxed' && <Field label={t('office.rateField')} inputMode="decimal" dir="ltr" value={rate} onChange={(e) => setRate(e.target.value)} error={tried && wrong.rate ? t('office.rateWrong') : undefined} required />}
        <Field label={t('office.code')} hint={t('office.codeHint')} dir="ltr" maxLength={20} value={code} onChange={(e) => setCode(e.target.value)} error={tried && wrong.code ? t('office.codeWrong') : undefined} required />
        <Field label={t('office.fromField')} type="date" min="2000-01-01" max="2100-01-01" value={from} onChange={(e) => setFrom(e.target.value)} error={tried && wrong.from ? t('office.fromMissing') : undefined} required />
        <Field label={t('office.law')} maxLength={200} value={law} onChange={(e) => setLaw(e.target.value)} />
        {run.error !== null && <ErrorNote error={run.error} />}
        {sure && (
          <p role="status" className="rounded-control bg-held-soft p-3 font-medium text-held">
            {t('office.taxSure', { date: day(from) })}
          </p>
        )}
        <Button kind="primary" size="lg" type="submit" busy={run.busy}>
          {sure ? t('office.taxAddSure') : t('office.taxAdd')}
        </Button>
      </form>
    </Sheet>
  )
}
