import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../../api/problem'
import { useAction } from '../../app/action'
import { can, useHttp, useMe } from '../../app/context'
import { Button, IconButton } from '../../design/Button'
import { ErrorNote } from '../../design/feedback'
import { Field, inputLook } from '../../design/Field'
import { Segments } from '../../design/Segments'
import type { Missing } from '../../invoices/types'
import { Unsaid } from './Unsaid'

type Label = { name: string; value: string }
export type Biller = { name: string; address: string[]; country: string; ids: Label[]; bank: Label[]; notes: string[]; prices: 'gross' | 'net'; version: number }

/** What an invoice cannot do without, as the server judges it. */
function missingOf(b: Biller): Missing[] {
  const there: Record<Missing, boolean> = { name: b.name !== '', address: b.address.length > 0, tax_number: b.ids.length > 0, country: b.country !== '' }
  return (Object.keys(there) as Missing[]).filter((m) => b.version === 0 || !there[m])
}

/** Of two that are printed together, one is missing. */
const isHalf = (l: Label) => (l.name.trim() === '') !== (l.value.trim() === '')

const linesOf = (text: string) => text.split('\n').map((l) => l.trim()).filter(Boolean)

/** What stands at the head and the foot of invoices from now on. What is typed stays whatever is read anew; when somebody else saved, it is loaded again by hand. */
export function BillerForm({ biller, onAgain }: { biller: Biller; onAgain: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const me = useMe()
  const id = useId()
  const cache = useQueryClient()
  const [b, set] = useState(biller)
  const [kept, keep] = useState(biller) // as the server has it
  const [address, setAddress] = useState(biller.address.join('\n'))
  const [notes, setNotes] = useState(biller.notes.join('\n'))
  const [saved, setSaved] = useState(false)
  const [tried, setTried] = useState(false)
  const run = useAction(useCallback((body: Biller, key: string) => http.put<Biller>('/v1/biller', { body, key }), [http]))
  const wrongCountry = !/^[A-Z]{2}$/.test(b.country)
  const lines = { address: linesOf(address), notes: linesOf(notes) }
  const long = lines.address.length > 6 || lines.notes.length > 6
  const may = can(me, 'invoice.write')
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (wrongCountry || long || b.name.trim() === '' || b.ids.some(isHalf) || b.bank.some(isHalf)) return
    const full = (all: Label[]) => all.filter((l) => l.name.trim() && l.value.trim())
    const done = await run.act({ ...b, name: b.name.trim(), ...lines, ids: full(b.ids), bank: full(b.bank) })
    if (!done) return
    set((now) => (now === b ? done : { ...now, version: done.version }))
    keep(done)
    setSaved(true)
    setTried(false)
    cache.setQueryData(['biller'], done)
    void cache.invalidateQueries({ queryKey: ['invoices', 'preview'] })
  }
  const change = (v: Partial<Biller>) => {
    setSaved(false)
    set({ ...b, ...v })
  }
  return (
    <form className="grid gap-4 rounded-card border border-edge bg-surface p-4 md:grid-cols-2" noValidate onSubmit={(e) => void submit(e)}>
      <p className="text-sm text-muted md:col-span-2">{t('office.billerHint')}</p>
      <div className="empty:hidden md:col-span-2">
        <Unsaid missing={missingOf(kept)} />
      </div>
      <fieldset disabled={!may} className="contents">
        <Field label={t('office.billerName')} maxLength={200} value={b.name} onChange={(e) => change({ name: e.target.value })} error={b.name.trim() === '' ? t('office.nameMissing') : undefined} required />
        <Field label={t('office.country')} hint={t('office.countryHint')} dir="ltr" maxLength={2} value={b.country} onChange={(e) => change({ country: e.target.value.toUpperCase() })} error={wrongCountry ? t('office.countryWrong') : undefined} required />
        <Lines id={`${id}-a`} label={t('office.address')} value={address} onChange={(v) => { setSaved(false); setAddress(v) }} wrong={lines.address.length > 6} />
        <Lines id={`${id}-n`} label={t('office.notes')} value={notes} onChange={(v) => { setSaved(false); setNotes(v) }} wrong={lines.notes.length > 6} />
        <Labels title={t('office.ids')} hint="ICE, IF, RC, TRN" all={b.ids} tried={tried} onChange={(ids) => change({ ids })} />
        <Labels title={t('office.bankDetails')} hint="RIB, IBAN, BIC" all={b.bank} tried={tried} onChange={(bank) => change({ bank })} />
        <Segments
          legend={t('office.fares')}
          value={b.prices}
          onChange={(prices) => change({ prices })}
          options={[
            { value: 'gross', label: t('office.withTax') },
            { value: 'net', label: t('office.withoutTax') },
          ]}
        />
      </fieldset>
      {run.error !== null && <ErrorNote className="md:col-span-2" error={run.error} />}
      {isProblem(run.error) && run.error.code === 'biller_changed' && (
        <Button icon="swap" className="justify-self-start md:col-span-2" onClick={onAgain}>
          {t('office.loadAgain')}
        </Button>
      )}
      {may && (
        <div className="flex flex-wrap items-center gap-4 md:col-span-2">
          <Button kind="primary" type="submit" busy={run.busy} disabled={wrongCountry || long || b.name.trim() === ''}>
            {t('office.save')}
          </Button>
          <p role="status" className="font-semibold text-good">
            {saved && t('office.saved')}
          </p>
        </div>
      )}
    </form>
  )
}

function Lines({ id, label, value, wrong, onChange }: { id: string; label: string; value: string; wrong: boolean; onChange: (v: string) => void }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <textarea id={id} rows={3} dir="auto" className={`${inputLook} py-2.5`} value={value} aria-invalid={wrong || undefined} aria-describedby={`${id}-h`} onChange={(e) => onChange(e.target.value)} />
      <p id={`${id}-h`} className={wrong ? 'text-sm font-medium text-bad' : 'text-sm text-muted'}>
        {t('office.linesHint')}
      </p>
    </div>
  )
}

/** Names with values, as they are printed: a number that the law wants, an account to pay to. */
function Labels({ title, hint, all, tried, onChange }: { title: string; hint: string; all: Label[]; tried: boolean; onChange: (all: Label[]) => void }) {
  const { t } = useTranslation()
  const id = useId()
  const half = tried && all.some(isHalf)
  const missing = (l: Label, text: string) => (tried && isHalf(l) && text.trim() === '' ? ({ 'aria-invalid': true, 'aria-describedby': id } as const) : {})
  const put = (i: number, v: Partial<Label>) => onChange(all.map((l, k) => (k === i ? { ...l, ...v } : l)))
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-semibold">
        {title}{' '}
        <span dir="ltr" className="font-normal text-muted">
          {hint}
        </span>
      </legend>
      {all.map((l, i) => (
        <div key={i} className="flex items-center gap-2">
          <input aria-label={t('office.labelName', { n: i + 1 })} dir="ltr" maxLength={40} className={`${inputLook} max-w-28`} value={l.name} {...missing(l, l.name)} onChange={(e) => put(i, { name: e.target.value })} />
          <input aria-label={t('office.labelValue', { n: i + 1 })} dir="ltr" maxLength={80} className={inputLook} value={l.value} {...missing(l, l.value)} onChange={(e) => put(i, { value: e.target.value })} />
          <IconButton icon="close" label={t('office.labelRemove', { n: i + 1 })} onClick={() => onChange(all.filter((_, k) => k !== i))} />
        </div>
      ))}
      {half && (
        <p id={id} role="alert" className="text-sm font-medium text-bad">
          {t('office.labelHalf')}
        </p>
      )}
      {all.length < 8 && (
        <Button size="sm" icon="plus" className="min-h-11 self-start sm:min-h-9" onClick={() => onChange([...all, { name: '', value: '' }])}>
          {t('office.labelAdd')}
        </Button>
      )}
    </fieldset>
  )
}
