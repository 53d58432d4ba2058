import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { Button } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { Field, inputLook } from '../design/Field'
import { save, type Saved } from '../invoices/types'
import { allowed, most, smaller } from './smaller'
import type { Case, Evidence as Piece } from './types'

type Wish = { says?: string; file?: string; data?: string }

/** What speaks for a case: words and files, each to be had again. */
export function Pieces({ of, all }: { of: string; all: readonly Piece[] }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const fetch = useAction(useCallback(async (evidence: string) => save(await http.get<Saved>(`/v1/cases/${of}/evidence/${evidence}`, { timeoutMs: 60_000 })), [http, of]))
  if (all.length === 0) return null
  return (
    <>
      <ul data-testid="pieces" className="divide-y divide-edge overflow-hidden rounded-card border border-edge bg-surface">
        {all.map((e) => (
          <li key={e.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
            <span className="figures text-sm text-muted">
              <bdi>{f.moment(e.at)}</bdi>
            </span>
            {e.says && (
              <span className="min-w-0 flex-1 basis-48 whitespace-pre-line break-words">
                <bdi>{e.says}</bdi>
              </span>
            )}
            {e.file && (
              <Button size="sm" className="min-h-11 max-w-full sm:min-h-9" busy={fetch.busy} onClick={() => void fetch.act(e.id)}>
                <bdi className="max-w-48 truncate">{e.file}</bdi>
                <span className="figures text-muted">{t('cases.kilobytes', { n: f.n(Math.max(1, Math.round((e.size ?? 0) / 1024))) })}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {fetch.error !== null && <ErrorNote className="mt-2" error={fetch.error} />}
    </>
  )
}

/** Adds words, a photo or a PDF to a case that is open. */
export function Attach({ of, narrow, onDone }: { of: string; narrow?: boolean; onDone?: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const id = useId()
  const cache = useQueryClient()
  const [says, setSays] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const [round, setRound] = useState(0) // a new input after each piece: a file that was chosen cannot be taken out of one
  const add = useAction(
    useCallback(
      async (body: Wish, key: string) => {
        await http.post<void>(`/v1/cases/${of}/evidence`, { body, key, timeoutMs: 60_000 })
        await cache.invalidateQueries({ queryKey: ['cases'] })
        return true
      },
      [http, of, cache],
    ),
  )
  const wrong = file === null ? undefined : !allowed(file) ? t('cases.fileWrong') : file.size > most ? t('cases.fileTooBig') : undefined
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    if (wrong !== undefined || (file === null && says.trim() === '')) return
    const done = await add.act({ ...(says.trim() ? { says: says.trim() } : {}), ...(file ? { file: file.name.slice(0, 200), data: await base64(file) } : {}) })
    if (!done) return
    setSays('')
    setFile(null)
    setRound(round + 1)
    onDone?.()
  }
  return (
    <form className={cx('grid items-end gap-3', !narrow && 'rounded-card border border-edge bg-surface p-4 md:grid-cols-[1fr_1fr_auto]')} noValidate onSubmit={(e) => void submit(e)}>
      <Field label={t('cases.evidenceSays')} maxLength={2000} value={says} onChange={(e) => setSays(e.target.value)} />
      <div className="flex min-w-0 flex-col gap-1.5">
        <label htmlFor={id} className="text-sm font-semibold">
          {t('cases.evidenceFile')}
        </label>
        <input
          key={round}
          id={id}
          type="file"
          accept="application/pdf,image/png,image/jpeg"
          className={cx(inputLook, 'py-2.5 file:me-3 file:cursor-pointer file:border-0 file:bg-transparent file:font-semibold file:text-brand')}
          aria-invalid={wrong !== undefined || undefined}
          aria-describedby={wrong === undefined ? undefined : `${id}-e`}
          onChange={(e) => {
            const chosen = e.target.files?.[0] ?? null
            setFile(chosen)
            if (chosen && chosen.size > most) void smaller(chosen).then((s) => setFile((now) => (now === chosen ? s : now)))
          }}
        />
      </div>
      <Button type="submit" className="min-h-12" busy={add.busy} disabled={wrong !== undefined || (file === null && says.trim() === '')}>
        {t('cases.evidenceAdd')}
      </Button>
      {wrong !== undefined && (
        <p id={`${id}-e`} role="alert" className="text-sm font-medium text-bad md:col-span-full">
          {wrong}
        </p>
      )}
      {add.error !== null && <ErrorNote className="md:col-span-full" error={add.error} />}
    </form>
  )
}

/** Both, under a heading: the whole of a case's evidence on a page of its own. */
export function Evidence({ case: c }: { case: Case }) {
  const { t } = useTranslation()
  const id = useId()
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <h2 id={id} className="text-lg font-bold">
        {t('cases.evidence')}
      </h2>
      {c.evidence?.length ? <Pieces of={c.id} all={c.evidence} /> : <p className="text-muted">{t('cases.noEvidence')}</p>}
      {c.state === 'open' && <Attach of={c.id} />}
    </section>
  )
}

/** A file as the API takes it. */
function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const r = new FileReader()
    r.onload = () => resolve(String(r.result).split(',')[1] ?? '')
    r.onerror = () => reject(r.error ?? new Error('unreadable'))
    r.readAsDataURL(file)
  })
}
