import { useCallback, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem } from '../api/problem'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Field, Select } from '../design/Field'
import { Sheet } from '../design/Sheet'
import { minorOf } from '../app/minor'
import type { MyShift, Shift } from './types'

type Count = { shift: string | undefined; counted: number; deposited: number; place: string; note?: string; alarmed?: boolean }

/** The end of a shift: counted, handed in, typed twice. What it lacks is shown before it is said. */
export function CloseSheet({ shift, onDone, onClose }: { shift: MyShift; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const [text, setText] = useState('')
  const [again, setAgain] = useState('')
  const [place, setPlace] = useState(shift.places[0] ?? '')
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const [asked, setAsked] = useState<number | null>(null) // the count that the server doubted
  const [sure, setSure] = useState(false)
  const close = useAction(useCallback(
      (v: Count, key: string) =>
        http.post<Shift>('/v1/cash/shift/close', { body: v, key }).catch((e: unknown) => {
          if (isProblem(e) && e.code === 'count_implausible') {
            setAsked(v.counted)
            setSure(false)
          }
          if (isProblem(e) && e.code === 'shift_changed') onDone()
          throw e
        }),
      [http, onDone],
    ))
  const currency = shift.held.currency
  const counted = minorOf(text, currency)
  const deposited = minorOf(again, currency)
  const doubted = asked !== null && asked === counted
  const apart = counted === undefined ? 0 : counted - shift.held.amount
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    setTried(true)
    if (counted === undefined || deposited !== counted) return
    if (!(await close.act({ shift: shift.id, counted, deposited, place, ...(note.trim() ? { note: note.trim() } : {}), ...(doubted && sure ? { alarmed: true } : {}) }))) return
    onDone()
    onClose()
  }
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('cash.close')} description={t('cash.closeHint')}>
      <form className="flex flex-col gap-4" onSubmit={(e) => void submit(e)} noValidate>
        <p>
          {t('cash.held')}: <bdi className="figures font-bold">{f.money(shift.held)}</bdi>
        </p>
        <Field label={t('cash.counted', { currency })} error={tried && counted === undefined ? t('cash.badAmount') : undefined} value={text} onChange={(e) => setText(e.target.value)} inputMode="decimal" autoComplete="off" />
        <Field label={t('cash.deposited', { currency })} error={tried && counted !== undefined && deposited !== counted ? t('cash.differs') : undefined} value={again} onChange={(e) => setAgain(e.target.value)} inputMode="decimal" autoComplete="off" />
        <Select label={t('cash.place')} value={place} onChange={(e) => setPlace(e.target.value)}>
          {shift.places.map((p) => (
            <option key={p} value={p}>
              {p === 'safe' ? t('cash.safe') : p}
            </option>
          ))}
        </Select>
        <Field label={t('cash.note')} value={note} onChange={(e) => setNote(e.target.value)} maxLength={300} autoComplete="off" />
        {counted !== undefined && apart !== 0 && (
          <p role="status" className="rounded-control bg-bad-soft p-3 font-medium text-bad">
            {t(apart < 0 ? 'cash.lacks' : 'cash.tooMuch', { amount: f.money({ amount: Math.abs(apart), currency }) })}
          </p>
        )}
        {close.error !== null && <ErrorNote error={close.error} />}
        {doubted && (
          <label className="flex min-h-11 items-start gap-3 rounded-control border border-bad p-3">
            <input type="checkbox" className="mt-1 size-5 shrink-0" checked={sure} onChange={(e) => setSure(e.target.checked)} />
            {t('cash.sure')}
          </label>
        )}
        <Button kind="primary" size="lg" type="submit" busy={close.busy}>
          {t('cash.close')}
        </Button>
      </form>
    </Sheet>
  )
}
